import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { gitWith } from '../../src/agencies/git.ts'
import { parseSettings } from '../../src/config/settings.ts'
import { workspaceAt } from '../../src/config/workspace.ts'
import { type Id, newId } from '../../src/kernel/ids.ts'
import { Housekeeping } from '../../src/lifecycle/housekeeping.ts'
import type { DeliveryEvent } from '../../src/model/delivery.ts'
import { keptRef, type SubmissionState } from '../../src/model/submission.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import type { Store } from '../../src/storage/store.ts'
import { git, gitProject } from '../e2e/gitProject.ts'
import { submission } from '../model/aSubmission.ts'
import { inThisThread } from '../storage/sqlite/setup.ts'
import { message } from '../storage/store.suite.ts'
import { newTask } from '../storage/tasks.suite.ts'

const DAY_MS = 86_400_000
const NOW = 1_800_000_000_000

async function house(settings: string, seen: (store: Store) => Store = store => store) {
  const root = await mkdtemp(join(tmpdir(), 'agency-house-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const workspace = workspaceAt(root)
  for (const folder of [workspace.mail, join(workspace.outbox, 'rejected'), join(workspace.agencies, 'Duo', 'logs')])
    await mkdir(folder, { recursive: true })
  const store = inThisThread(new SqliteEngine(workspace.storeFile))
  onTestFinished(() => store[Symbol.asyncDispose]())
  let reopened = 0
  const housekeeping = new Housekeeping({
    workspace,
    settings: parseSettings(settings, 'agency.yaml'),
    store: seen(store),
    clock: { now: () => NOW },
    git: gitWith(0o022),
    reopenLog: () => {
      reopened += 1
    },
  })
  const put = async (file: string, daysAgo: number) => {
    await writeFile(file, 'x'.repeat(500))
    await utimes(file, NOW / 1000, (NOW - daysAgo * DAY_MS) / 1000)
  }
  return { workspace, store, housekeeping, put, reopened: () => reopened }
}

/** A message whose one delivery has gone this way, with its last step so many days ago. */
async function said(store: Store, daysAgo: number, ackWanted: boolean, ...events: DeliveryEvent[]): Promise<Id> {
  const { message: accepted, deliveries } = await store.accept(message({ ackWanted }), [
    { to: 'Code/a', kind: 'direct' },
  ])
  for (const event of events) await store.advance(deliveries[0]!.id, { event, at: NOW - daysAgo * DAY_MS })
  return accepted.id
}

it('R-BUS-5 a body goes when every delivery came to its end long ago, and not before', async () => {
  const { workspace, store, housekeeping, put } = await house('keep: { mail: 7 }')
  const mail = (id: string, type = 'md') => join(workspace.mail, `${id}.${type}`)
  const goes = [
    mail(await said(store, 8, false, 'confirm')),
    mail(await said(store, 8, true, 'ack'), 'json'),
    mail(await said(store, 8, false, 'bury')),
    mail(newId()),
    `${mail(await said(store, 8, false, 'confirm'))}.0123456789ab.tmp`,
  ]
  const stays = [
    // Open, ended just now, without the ack that it wants, and where nobody knows.
    mail(await said(store, 8, false)),
    mail(await said(store, 1, false, 'confirm')),
    mail(await said(store, 8, true, 'confirm')),
    mail(await said(store, 8, false, 'claim', 'begin', 'lose')),
    join(workspace.mail, 'notes of a person.md'),
  ]
  for (const file of [...goes, ...stays]) await put(file, 9)
  const young = mail(await said(store, 8, false, 'confirm'))
  await put(young, 6)
  await housekeeping.tick()
  const left = (await readdir(workspace.mail)).map(name => join(workspace.mail, name))
  expect(left.sort()).toEqual([...stays, young].sort())
})

it('R-BUS-5 a body whose message is requeued while it goes is there again', async () => {
  const { workspace, store, housekeeping, put } = await house('keep: { mail: 7 }', store => {
    let hasRequeued = false
    const find = async (id: string) => {
      const found = await store.find(id)
      const delivery = found?.deliveries[0]
      if (delivery && !hasRequeued) {
        hasRequeued = true
        await store.requeue(delivery.id, NOW)
      }
      return found
    }
    return { ...store, find }
  })
  const id = await said(store, 8, false, 'bury')
  await put(join(workspace.mail, `${id}.md`), 9)
  await housekeeping.tick()
  expect(await readFile(join(workspace.mail, `${id}.md`), 'utf8')).toBe(message().body)
})

it('R-BUS-5 a rejected file goes after its time; what was no file is left to the person', async () => {
  const { workspace, housekeeping, put } = await house('keep: { rejected: 2 }')
  const rejected = (name: string) => join(workspace.outbox, 'rejected', name)
  await put(rejected('old.json'), 3)
  await put(rejected('young.json'), 1)
  await put(rejected('pipe.json.original'), 3)
  await mkdir(rejected('folder.json.original'))
  await housekeeping.tick()
  expect((await readdir(rejected('.'))).sort()).toEqual(['folder.json.original', 'pipe.json.original', 'young.json'])
})

it('R-LOG-8 a log that is too large is put aside, so many are kept, and the daemon goes on in a fresh one', async () => {
  const { workspace, housekeeping, reopened } = await house('keep: { log: 0.001, logs: 2 }')
  const activity = join(workspace.agencies, 'Duo', 'logs', 'activity.log')
  for (const round of ['first', 'second', 'third', 'short']) {
    const text = round === 'short' ? round : `${round} ${'x'.repeat(1_000)}`
    for (const file of [workspace.logFile, activity]) await writeFile(file, text)
    await housekeeping.tick()
  }
  for (const file of [workspace.logFile, activity]) {
    const texts = await Promise.all([file, `${file}.1`, `${file}.2`].map(name => readFile(name, 'utf8')))
    expect(texts.map(text => text.split(' ')[0])).toEqual(['short', 'third', 'second'])
  }
  expect(await readdir(join(workspace.agencies, 'Duo', 'logs'))).toHaveLength(3)
  expect(reopened()).toBe(3)
})

it('R-TSK-4 the output of checks goes when its task has ended long ago, and not before', async () => {
  const { workspace, store, housekeeping } = await house('keep: { checks: 30 }')
  const ended = async (daysAgo: number, event?: 'cancel') => {
    const { tasks } = await store.changeTasks([{ add: newTask() }])
    const { id } = tasks[0]!
    const change = { at: NOW - daysAgo * DAY_MS, by: 'human' }
    if (event) await store.changeTasks([{ move: id, change: { ...change, event } }])
    await mkdir(join(workspace.checks, id, '1.1'), { recursive: true })
    return id
  }
  await ended(31, 'cancel')
  const stays = [await ended(29, 'cancel'), await ended(31)]
  await mkdir(join(workspace.checks, 'of a person'))
  await housekeeping.tick()
  expect((await readdir(workspace.checks)).sort()).toEqual([...stays, 'of a person'].sort())
})

it('R-APR-4 what a submission was tried by, and the name by which git kept its commit, go long after its end and not before', async () => {
  const { workspace, store, housekeeping } = await house('keep: { checks: 7 }')
  const repository = await gitProject(join(workspace.root, 'project'))
  const commit = await git(repository, 'rev-parse', 'HEAD')
  const handedIn = async (state: SubmissionState, daysAgo: number, isSettled = true) => {
    const { change } = submission(state)
    const since = NOW - daysAgo * DAY_MS
    const draft = submission(state, { since, isSettled, change: { ...change!, repository, commit } })
    const { id } = await store.addSubmission(draft)
    await git(repository, 'update-ref', keptRef(id), commit)
    await mkdir(join(workspace.checks, id, 'test'), { recursive: true })
    return id
  }
  const goes = [await handedIn('merged', 8), await handedIn('rejected', 8)]
  const stays = [await handedIn('merged', 6), await handedIn('waiting', 100), await handedIn('returned', 8, false)]
  await housekeeping.tick()
  expect((await readdir(workspace.checks)).sort()).toEqual([...stays].sort())
  const kept = await git(repository, 'for-each-ref', '--format=%(refname)', 'refs/agency')
  expect(kept.split('\n').sort()).toEqual(stays.map(keptRef).sort())
  expect(goes.map(id => kept.includes(id))).toEqual([false, false])
})
