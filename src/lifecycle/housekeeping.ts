/** Keeps from growing without end what nobody needs any more: old bodies, rejected files, logs. What is under way is never touched. */
import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Git } from '../agencies/git.ts'
import { writeMail } from '../bus/mail.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Clock } from '../kernel/clock.ts'
import { isId } from '../kernel/ids.ts'
import { rotateWhenLarge } from '../kernel/rotate.ts'
import { isFinal } from '../model/delivery.ts'
import type { MessageWithDeliveries } from '../model/message.ts'
import type { Address } from '../model/names.ts'
import { isOver, keptRef, SUBMISSION_STATES, type Submission } from '../model/submission.ts'
import { isEnded } from '../model/task.ts'
import type { Store } from '../storage/store.ts'
import { ownMail } from '../supervisor/runFolder.ts'

export interface HousekeepingParts {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly store: Store
  readonly clock: Clock
  readonly git: Git
  /** The daemon's log was put aside: it goes on in a fresh file. */
  readonly reopenLog: () => void
}

const DAY_MS = 86_400_000
const MOST_SUBMISSIONS = 10_000
/** Of a report that is approved nothing is kept but its record. */
const ENDS = SUBMISSION_STATES.filter(state => isOver({ state, change: undefined }))

export class Housekeeping {
  constructor(private readonly parts: HousekeepingParts) {}

  /** Does all of it, whatever fails, and then tells the first failure. */
  async tick(): Promise<void> {
    const all = [this.#clearMail(), this.#clearRejected(), this.#clearChecks(), this.#rotateLogs()]
    const results = await Promise.allSettled(all)
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async #clearMail(): Promise<void> {
    await this.#clearMailIn(this.parts.workspace.mail, undefined)
    // Isolated agents have folders of their own.
    for (const { address, mail } of await ownMails(this.parts.workspace)) await this.#clearMailIn(mail, address)
  }

  async #clearMailIn(folder: string, to: Address | undefined): Promise<void> {
    const { workspace, store, settings } = this.parts
    for (const file of await this.#olderThan(settings.keep.mail, folder)) {
      const id = /^([0-9a-f-]{36})\.(json|md)(\.[0-9a-f]+\.tmp)?$/.exec(file)?.[1]
      if (!isId(id) || !this.#isOver(await store.find(id))) continue
      await rm(join(folder, file), { force: true })
      // Requeued in this very moment, it may have been pointed to before it went.
      const now = await store.find(id)
      if (now && !this.#isOver(now)) await writeMail(workspace, now.message, to)
    }
  }

  /** Whether every delivery has come to its end so many days ago: an agent may read a body long after it was handed over. */
  #isOver(found: MessageWithDeliveries | undefined): boolean {
    const isOld = (at: number) => this.#isOlder(at, this.parts.settings.keep.mail)
    return (found?.deliveries ?? []).every(({ state, ackWanted, since }) => isFinal(state, ackWanted) && isOld(since))
  }

  async #clearRejected(): Promise<void> {
    const { workspace, settings } = this.parts
    const folder = join(workspace.outbox, 'rejected')
    // What was no file, and is kept as it was, is for the person to take away.
    for (const file of await this.#olderThan(settings.keep.rejected, folder))
      if (file.endsWith('.json')) await rm(join(folder, file), { force: true })
  }

  /** One folder for each task, and for each submission; with that of a submission the name goes by which git kept its commit. */
  async #clearChecks(): Promise<void> {
    const { workspace, store, settings } = this.parts
    for (const name of await readdir(workspace.checks).catch(() => [])) {
      const task = isId(name) ? await store.findTask(name) : undefined
      if (task && isEnded(task.state) && this.#isOlder(task.since, settings.keep.checks))
        await rm(join(workspace.checks, name), { recursive: true, force: true })
    }
    const over = await store.submissions({ states: ENDS }, MOST_SUBMISSIONS)
    const old = over.filter(({ isSettled, since }) => isSettled && this.#isOlder(since, settings.keep.checks))
    for (const { id } of old) await rm(join(workspace.checks, id), { recursive: true, force: true })
    await this.#forgetCommits(old)
  }

  /** The records stay, and so does what was merged. */
  async #forgetCommits(old: readonly Submission[]): Promise<void> {
    const { git } = this.parts
    const repositories = new Set(old.flatMap(({ change }) => (change ? [change.repository] : [])))
    for (const repository of [...repositories].filter(existsSync)) {
      const listed = await git.try(repository, ['for-each-ref', '--format=%(refname)', keptRef('')])
      const names = new Set(listed.ok ? listed.output.split('\n') : [])
      for (const { id, change } of old)
        if (change?.repository === repository && names.has(keptRef(id)))
          await git.try(repository, ['update-ref', '-d', keptRef(id), change.commit])
    }
  }

  async #rotateLogs(): Promise<void> {
    const { workspace, settings, reopenLog } = this.parts
    const limits = { maxBytes: settings.keep.log * 1_000_000, kept: settings.keep.logs }
    if (await rotateWhenLarge(workspace.logFile, limits)) reopenLog()
    for (const agency of await readdir(workspace.agencies).catch(() => []))
      await rotateWhenLarge(join(workspace.agencies, agency, 'logs', 'activity.log'), limits)
  }

  /** Names of the files in a folder that were last written so many days ago. */
  async #olderThan(days: number, folder: string): Promise<readonly string[]> {
    const old: string[] = []
    for (const name of await readdir(folder).catch(() => [])) {
      const found = await stat(join(folder, name)).catch(() => undefined)
      if (found?.isFile() && this.#isOlder(found.mtimeMs, days)) old.push(name)
    }
    return old
  }

  #isOlder(at: number, days: number): boolean {
    return this.parts.clock.now() - at > days * DAY_MS
  }
}

/** Of every agent that has one. */
async function ownMails({ run }: Workspace): Promise<readonly { address: Address; mail: string }[]> {
  const found: { address: Address; mail: string }[] = []
  for (const agency of await readdir(run).catch(() => []))
    for (const agent of await readdir(join(run, agency)).catch(() => [])) {
      const mail = ownMail(join(run, agency, agent))
      if (existsSync(mail)) found.push({ address: `${agency}/${agent}`, mail })
    }
  return found
}
