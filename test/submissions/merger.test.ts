import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it, onTestFinished } from 'vitest'
import { gitWith } from '../../src/agencies/git.ts'
import { until } from '../../src/kernel/abort.ts'
import { Merger } from '../../src/submissions/merger.ts'
import { git } from '../e2e/gitProject.ts'
import { stage } from './stage.ts'

const signal = new AbortController().signal
/** Long enough for every git command that does not hang. */
const TIMEOUT_MS = 3_000

/** From here on the first `git` that a program finds does this in place of what matches, and the real one for everything else. */
async function hangingGit(root: string, matching: string, instead: string): Promise<void> {
  const { stdout: real } = await execa('sh', ['-c', 'command -v git'])
  const folder = join(root, 'bin')
  await mkdir(folder)
  const script = `#!/bin/sh\ncase "$*" in ${matching}) ${instead.replaceAll('GIT', real)};; esac\nexec ${real} "$@"\n`
  await writeFile(join(folder, 'git'), script)
  await chmod(join(folder, 'git'), 0o755)
  const before = process.env.PATH
  process.env.PATH = `${folder}:${before}`
  onTestFinished(() => {
    process.env.PATH = before
  })
}

async function mergeWith(of: { isCheckedOut: boolean; matching: string; instead: string }) {
  const on = await stage({}, { git: gitWith(0o022, { timeoutMs: TIMEOUT_MS }) })
  const { parts, add, find, all, root, repository } = on
  if (of.isCheckedOut) await git(repository, 'checkout', '--quiet', 'main')
  const made = await add('approved')
  await hangingGit(root, of.matching, of.instead)
  const passed: string[] = []
  parts.board.onChange(({ id, state }) => id === made.id && passed.push(state))
  new Merger(parts).tick(await all(), signal)
  const isOver = async () => ['merged', 'held', 'waiting', 'withdrawn'].includes((await find(made)).state)
  expect(await until(isOver, { timeoutMs: 60_000, everyMs: 50 })).toBe(true)
  return { ...on, passed, ended: await find(made), commit: made.change!.commit }
}

it.each([
  ['nobody’s worktree', false, '*update-ref*--stdin*'],
  ['the person’s worktree', true, '*"merge --ff-only"*'],
])(
  'R-APR-4 a git that hangs after the target has moved is ended, and what it did counts as merged: %s',
  async (_, isCheckedOut, matching) => {
    const hang = { matching, instead: 'GIT "$@"; exec sleep 300' }
    const { repository, passed, ended, commit } = await mergeWith({ isCheckedOut, ...hang })
    expect([ended.state, ended.reason]).toEqual(['merged', undefined])
    expect(passed).toEqual(['merging', 'merging', 'merged'])
    const tip = await git(repository, 'rev-parse', 'main')
    expect([ended.merge?.commit, await git(repository, 'rev-parse', 'main^2')]).toEqual([tip, commit])
    expect(await git(repository, 'rev-list', '--merges', '--count', 'main')).toBe('1')
  },
  90_000,
)

it('R-APR-4 a git that hangs before the target has moved is ended, and said to be why it is not merged', async () => {
  const hang = { isCheckedOut: true, matching: '*"merge --ff-only"*', instead: 'exec sleep 300' }
  const { repository, ended } = await mergeWith(hang)
  expect([ended.state, ended.reason]).toEqual(['held', expect.stringContaining('it was not done after 3 s')])
  expect(await git(repository, 'rev-list', '--merges', '--count', 'main')).toBe('0')
}, 90_000)

it('R-APR-4 a merge that git could not finish is no conflict, and is said to be what it is', async () => {
  const hang = { isCheckedOut: false, matching: '*"merge --no-ff"*', instead: 'exec sleep 300' }
  const { ended } = await mergeWith(hang)
  expect([ended.state, ended.reason]).toEqual(['waiting', 'it does not merge into main: it was not done after 3 s'])
}, 90_000)
