/** Done means evidence: looks at what was made, runs the agency's checks, and only then lets a task count. */
import { join } from 'node:path'
import { AtMost } from '../kernel/atMost.ts'
import { backoffMs } from '../kernel/backoff.ts'
import { AgencyError } from '../kernel/errors.ts'
import { newId, shortId } from '../kernel/ids.ts'
import { checkOf, sayRun } from '../model/check.ts'
import { agencyOf, HUMAN, SYSTEM } from '../model/names.ts'
import { sanitise } from '../model/sanitize.ts'
import type { Evidence, Task, TaskChange } from '../model/task.ts'
import { isEnded } from '../model/task.ts'
import { cageOf } from '../worktrees/cage.ts'
import { readTail, runChecks } from './checks.ts'
import type { Gate } from './gate.ts'
import { isReachable, tellClaimant, tellGiver } from './notices.ts'
import type { TaskParts } from './parts.ts'
import { callBackReports } from './recall.ts'
import { hasCommit, lookAtWorktree, strayCommits, type WorktreeLook } from './worktree.ts'

/** Checks of so many tasks run at once: they are whole test runs. */
const CHECKS_AT_ONCE = 2
const SHOWN_LINES = 40

export class Verifier {
  readonly #running = new Set<string>()
  readonly #slots = new AtMost(CHECKS_AT_ONCE)

  constructor(
    private readonly parts: TaskParts,
    private readonly gate: Gate,
  ) {}

  /** Starts what waits to be verified. */
  tick(signal: AbortSignal): void {
    for (const task of this.parts.board.held()) {
      if (task.state !== 'verifying' || this.#running.has(task.id)) continue
      this.#running.add(task.id)
      this.#verify(task, signal)
        .catch(error => this.parts.log.error({ err: error, task: task.label }, 'a task could not be verified'))
        .finally(() => this.#running.delete(task.id))
    }
  }

  async #verify(task: Task, signal: AbortSignal): Promise<void> {
    await this.#announce(task)
    const evidence = await this.#gather(task, signal)
    // The daemon ends: the next one begins anew, with the claim as it is.
    if (signal.aborted) return
    if (evidence.problems.length === 0) await this.#pass(task, evidence)
    else await this.#sendBack(task, evidence)
  }

  /** The COMPLETE of a task that was ended by a command. Named before it is sent, so that it is sent once. */
  async #announce({ completion, claimant, label, result, createdBy }: Task): Promise<void> {
    const { store, publish, roster } = this.parts
    if (!completion || !claimant || !roster.agents.has(claimant) || createdBy === claimant) return
    if (await store.find(completion)) return
    const to = isReachable(this.parts, createdBy) ? createdBy : HUMAN
    const named = result?.commits.length ? `, commit ${result.commits.map(hash => hash.slice(0, 12)).join(', ')}` : ''
    const agent = claimant.slice(claimant.indexOf('/') + 1)
    const body = `COMPLETE ${agent}: ${label}: ${result?.summary ?? 'done'}${named}`
    await publish(SYSTEM, { id: completion, from: claimant, to, body, type: 'COMPLETE' }).catch(
      async (error: unknown) => {
        if (!(error instanceof AgencyError)) throw error
        await publish(SYSTEM, { id: newId(), to: HUMAN, body, type: 'COMPLETE' })
      },
    )
  }

  async #gather(task: Task, signal: AbortSignal): Promise<Evidence> {
    const { git, clock, roster } = this.parts
    const agent = task.claimant === undefined ? undefined : roster.agents.get(task.claimant)
    const look = agent?.branch === undefined ? undefined : await lookAtWorktree(git, agent.workdir, agent.branch)
    const none = {
      at: clock.now(),
      commit: look?.commit,
      ahead: look?.ahead ?? 0,
      files: look?.files ?? [],
      checks: [],
    }
    const parts = await this.#openParts(task)
    if (parts.length > 0) return { ...none, problems: [`its parts are still open: ${parts.join(', ')}`] }
    if (!agent && task.claimant !== HUMAN) return { ...none, problems: [`${task.claimant} is gone`] }
    if (!agent?.branch) return { ...none, problems: [] }
    if (!look)
      return { ...none, problems: [`its worktree ${agent.workdir} cannot be read: nothing is known of its work`] }
    const problems = look.ahead > 0 && !agent.isCoordinator ? unfinished(look, agent.branch) : []
    problems.push(...(await this.#missingCommits(task, agent.workdir)))
    if (problems.length === 0) problems.push(...(await this.#stray(task, agent.workdir, agent.branch)))
    if (problems.length > 0 || look.ahead === 0) return { ...none, problems }
    const checks = await this.#check(task, agent.workdir, signal)
    const failed = checks.find(({ status }) => status !== 0)
    const after = await lookAtWorktree(git, agent.workdir, agent.branch)
    return {
      ...none,
      checks,
      problems: failed
        ? [sayRun(failed)]
        : after?.commit === look.commit
          ? []
          : ['its branch moved while it was checked: nothing is known of the new commit'],
    }
  }

  #check(task: Task, folder: string, signal: AbortSignal) {
    const { roster, workspace, settings, umask } = this.parts
    const agency = agencyOf(task.claimant ?? '')
    return this.#slots.run(async () =>
      runChecks(
        {
          folder,
          cage: await cageOf(this.parts, agency, folder),
          // Of whoever did it: a task may have been for everybody.
          checks: (roster.definitions.get(agency ?? '')?.checks ?? []).map(checkOf),
          logs: join(workspace.checks, task.id, `${task.iteration}.${task.attempts + 1}`),
          timeoutMs: settings.tasks.checkTimeout * 1000,
          umask,
        },
        signal,
      ),
    )
  }

  async #openParts({ id }: Task): Promise<readonly string[]> {
    const parts = await this.parts.store.tasks({ parent: id }, 1000)
    return parts
      .filter(({ state }) => !isEnded(state) && state !== 'awaiting-approval')
      .map(part => `${part.label} ${shortId(part.id)} (${part.state})`)
  }

  async #missingCommits({ result }: Task, folder: string): Promise<readonly string[]> {
    const named = result?.commits ?? []
    const home = named.length > 0 ? await this.parts.git.commitsOf(folder) : folder
    const are = await Promise.all(named.map(commit => hasCommit(this.parts.git, home, commit)))
    return named.filter((_, index) => !are[index]).map(commit => `there is no commit ${commit} in its repository`)
  }

  async #stray({ result }: Task, folder: string, branch: string): Promise<readonly string[]> {
    const stray = await strayCommits(this.parts.git, { folder, branch, named: result?.commits ?? [] })
    if (stray.length === 0) return []
    const some = stray.slice(0, 3).map(hash => hash.slice(0, 12))
    return [
      `${stray.length === 1 ? 'a commit' : `${stray.length} commits`} made there (${some.join(', ')}${stray.length > 3 ? ', …' : ''}) ${stray.length === 1 ? 'is' : 'are'} not on its branch ${branch}`,
    ]
  }

  async #pass(task: Task, evidence: Evidence): Promise<void> {
    const isUnapproved = evidence.ahead > 0
    const policies = this.parts.roster.definitions.get(task.agency ?? '')?.policies
    const event = isUnapproved && policies?.approval === 'required' ? 'present' : 'pass'
    // Somebody took it away meanwhile: what says that it is done is then called back.
    if (await this.#judge(task, { event, evidence, isUnapproved })) await this.#openGate(task)
    else await this.#withdraw(task, 'it was taken from its agent while it was verified')
  }

  /** Told first, by a message that goes once, and then written down: whoever dies in between does it again. */
  async #sendBack(task: Task, evidence: Evidence): Promise<void> {
    const { settings, roster } = this.parts
    const reason = evidence.problems.join('; ')
    const isLast = task.attempts + 1 >= task.maxAttempts
    await this.#withdraw(task, reason)
    if (isLast) {
      await tellGiver(this.parts, task, { state: 'failed', text: `failed: ${reason}` })
      await this.#judge(task, { event: 'fail', evidence, reason })
      return
    }
    if (!task.claimant || !roster.agents.has(task.claimant)) {
      const { backoffBase, backoffMax } = settings.tasks
      const waitMs = backoffMs(task.attempts + 1, { baseMs: backoffBase * 1000, maxMs: backoffMax * 1000 }, Math.random)
      const notBefore = this.parts.clock.now() + waitMs
      await this.#judge(task, { event: 'retry-later', evidence, reason, notBefore })
      return
    }
    const told = await tellClaimant(this.parts, task, {
      type: 'TASK',
      body: await returnText(task, evidence),
      idempotencyKey: `task:${task.id}:${task.iteration}:${task.epoch}:return:${task.attempts}`,
    })
    await this.#judge(task, { event: 'return', evidence, reason, message: told.message.id })
  }

  #judge(task: Task, change: Pick<TaskChange, 'event'> & Partial<TaskChange>): Promise<unknown> {
    return this.parts.board.move(task.id, { at: this.parts.clock.now(), by: SYSTEM, epoch: task.epoch, ...change })
  }

  /** What says that it is done may go on its way. */
  async #openGate({ completion }: Task): Promise<void> {
    if (!completion || !this.gate.hasKept(completion)) return
    for (const { id, state } of await this.#ways(completion))
      if (state === 'held')
        await this.parts.ledger.move(id, { event: 'release', at: this.parts.clock.now(), evidence: 'verified' })
  }

  /** What says that it is done, and is not, reaches nobody whom it has not reached. */
  async #withdraw(task: Task, reason: string): Promise<void> {
    if (task.completion) this.gate.hasKept(task.completion)
    await callBackReports(this.parts, task, `not done: ${reason}`)
  }

  async #ways(completion: Task['completion']) {
    return completion === undefined ? [] : ((await this.parts.store.find(completion))?.deliveries ?? [])
  }
}

/** A task that changed files is not done while some of them are nowhere but in the folder, or what would be checked is not its branch. */
function unfinished({ uncommitted, head, commit }: WorktreeLook, branch: string): string[] {
  if (head !== commit) return [`its worktree stands on ${head.slice(0, 12)} and not on its branch ${branch}`]
  if (uncommitted.length === 0) return []
  const named = uncommitted.slice(0, 5).join(', ')
  return [`${uncommitted.length} uncommitted: ${named}${uncommitted.length > 5 ? ', …' : ''}`]
}

async function returnText(task: Task, { problems, checks }: Evidence): Promise<string> {
  const failed = checks.find(({ status }) => status !== 0)
  const tail = failed ? (await readTail(failed.log, 8_000)).trimEnd().split('\n').slice(-SHOWN_LINES).join('\n') : ''
  return [
    `${task.label}: not done yet (${task.attempts + 1} of ${task.maxAttempts}): ${problems.join('; ')}`,
    ...(failed ? [`The end of its output (all of it: ${failed.log}):\n${sanitise(tail).text}`] : []),
    'Mend it, commit, and say COMPLETE again.',
  ].join('\n\n')
}
