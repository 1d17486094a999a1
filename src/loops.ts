/** What the daemon does all day: its loops, and what wakes each of them. */
import { watch as watchFiles } from 'chokidar'
import { makeFolder } from './agencies/modes.ts'
import type { ActivityLog } from './bus/activity.ts'
import { takeHook } from './bus/confirm.ts'
import type { Dialogs } from './bus/dialogs.ts'
import type { Ledger } from './bus/ledger.ts'
import type { Links } from './bus/links.ts'
import type { Outbox } from './bus/outbox.ts'
import type { Router } from './bus/router.ts'
import type { ScriptOutput } from './bus/scriptOutput.ts'
import type { Sweeper } from './bus/sweeper.ts'
import type { Views } from './bus/views.ts'
import type { Drivers } from './drivers/driver.ts'
import { KeyedLock } from './kernel/keyedLock.ts'
import { type Loop, startLoop } from './kernel/loop.ts'
import { Scope } from './kernel/scope.ts'
import type { Housekeeping } from './lifecycle/housekeeping.ts'
import type { LifecycleParts } from './lifecycle/parts.ts'
import { loadRoster, reconcileAgency } from './lifecycle/reconcile.ts'
import type { Locks } from './locks/locks.ts'
import { mayHaveArrived } from './model/delivery.ts'
import { isEnded } from './model/task.ts'
import type { Store } from './storage/store.ts'
import type { Submissions } from './submissions/submissions.ts'
import type { SubmissionWork } from './submissions/work.ts'
import { runFolder, takeEvents } from './supervisor/runFolder.ts'
import type { RunWatch } from './supervisor/runWatch.ts'
import type { StatusRounds } from './supervisor/statusRounds.ts'
import type { Supervisor } from './supervisor/supervisor.ts'
import type { Tally } from './supervisor/tally.ts'
import type { TaskBoard } from './tasks/board.ts'
import type { TaskWork } from './tasks/work.ts'
import type { Terminal } from './terminal/terminal.ts'
import type { Reminder } from './worktrees/reminder.ts'

export interface LoopParts extends LifecycleParts {
  readonly store: Store
  readonly terminal: Terminal
  readonly drivers: Drivers
  readonly runs: RunWatch
  readonly ledger: Ledger
  readonly links: Links
  readonly dialogs: Dialogs
  readonly taskWork: TaskWork
  readonly submissions: Submissions
  readonly submissionWork: SubmissionWork
  readonly board: TaskBoard
  readonly router: Router
  readonly supervisor: Supervisor
  readonly tally: Tally
  readonly statusRounds: StatusRounds
  readonly sweeper: Sweeper
  readonly locks: Locks
  readonly outbox: Outbox
  readonly scripts: ScriptOutput
  readonly views: Views
  readonly activity: ActivityLog
  readonly housekeeping: Housekeeping
  readonly reminder: Reminder
}

/** A missed notification of the file system costs at most this long. */
const SAFETY_MS = 5_000
const HOUR_MS = 3_600_000
const FLOOD_PAUSE_MS = 100
/** An agency that starts tells of dozens of changes, each a reason to look at the whole server. */
const SUPERVISOR_REST_MS = 25

export class Loops {
  readonly #loops = new Map<string, Loop>()
  // What has news and waits for its loop.
  readonly #spooled = new Set<string>()
  readonly #written = new Set<string>()
  readonly #edited = new Set<string>()
  readonly #again = new Set<string>()
  readonly #spools = new KeyedLock()

  constructor(private readonly parts: LoopParts) {}

  /** Loops whose last tick failed, in words. */
  failures(): readonly string[] {
    return [...this.#loops].flatMap(([name, { failure }]) =>
      failure === undefined ? [] : [`the loop "${name}" fails: ${failure}`],
    )
  }

  /** How often each loop went round. */
  counts(): readonly { name: string; ticks: number; failures: number }[] {
    return [...this.#loops].map(([name, { ticks, failures }]) => ({ name, ticks, failures }))
  }

  /** Knows again who is there and what was under way. Nobody is served before. */
  async recover(): Promise<void> {
    const { roster, runs, sweeper, outbox } = this.parts
    await loadRoster(this.parts)
    for (const address of roster.agents.keys()) {
      this.#written.add(address)
      // One agent's folder or driver must not keep the daemon from everybody else.
      await runs
        .watch(address)
        .then(() => this.takeSpool(address))
        .catch(error => {
          this.#spooled.add(address)
          this.parts.log.error({ err: error, agent: address }, 'what its hooks left could not be read')
        })
    }
    await sweeper.recover()
    await this.parts.locks.recover()
    await this.parts.taskWork.recover()
    // What was left while no daemon ran was said before anything that is said now.
    await outbox.tick()
  }

  /** Runs until the signal aborts, and then lets every loop come to its end. */
  async run(signal: AbortSignal): Promise<void> {
    const { router, supervisor, views, activity, outbox, workspace, umask } = this.parts
    await makeFolder(workspace.agencies, umask)
    this.#start(signal)
    await using watched = new Scope()
    this.#listen(watched)
    this.#watch(outbox.folder, workspace.agencies, watched)
    router.start(signal)
    await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.all([...[...this.#loops.values()].map(({ done }) => done), router.stop()])
    await supervisor.settle()
    await views.tick(signal)
    await activity.tick(signal)
  }

  #start(signal: AbortSignal): void {
    const { supervisor, settings, dialogs, sweeper, locks, views, activity } = this.parts
    const { outbox, scripts, roster, housekeeping, reminder, statusRounds, taskWork, submissionWork, log } = this.parts
    const loop = (name: string, everyMs: number, tick: () => Promise<unknown>, restMs?: number) =>
      this.#loops.set(name, startLoop(name, tick, { everyMs, restMs, log, signal }))
    loop('supervisor', settings.supervision.tick * 1000, () => supervisor.tick(), SUPERVISOR_REST_MS)
    loop('dialogs', settings.supervision.tick * 1000, () => dialogs.applyPolicies())
    loop('sweeper', 1000, () => sweeper.tickWhenDue())
    loop('locks', 500, () => locks.tick())
    loop('views', 1000, () => views.tick(signal))
    loop(
      'activity log',
      SAFETY_MS,
      this.#whenChanged(() => activity.tick(signal)),
    )
    loop('outbox', SAFETY_MS, () => outbox.tick())
    loop('hook events', SAFETY_MS, () => eachOf(this.#spooled, address => this.takeSpool(address)))
    loop('script output', SAFETY_MS, () =>
      eachOf(this.#written, async address => {
        const record = roster.agents.get(address)
        if (!record || !(await scripts.read(record))) return
        // Of one that floods no more is read than leaves time for everybody else.
        setTimeout(() => {
          this.#written.add(address)
          this.#wake('script output')
        }, FLOOD_PAUSE_MS).unref()
      }),
    )
    loop('definitions', 1000, () => this.#reconcile())
    loop('status rounds', statusRounds.everyMs, () => statusRounds.tick())
    loop(
      'task talk',
      SAFETY_MS,
      this.#whenChanged(() => taskWork.hear()),
    )
    loop('task hand-out', SAFETY_MS, () => taskWork.handOut())
    loop('task verification', SAFETY_MS, async () => taskWork.verify(signal))
    loop('task times', 1000, () => taskWork.keepTime())
    loop(
      'reports handed in',
      SAFETY_MS,
      this.#whenChanged(() => submissionWork.hear()),
    )
    loop('submissions', SAFETY_MS, () => submissionWork.tick(signal))
    loop('branches', SAFETY_MS, () => submissionWork.look())
    loop('uncommitted work', reminder.everyMs, () => reminder.tick(signal))
    loop('housekeeping', HOUR_MS, () => housekeeping.tick())
  }

  /** For what reads the log: nothing is asked while nothing was written since it was last read to its end. */
  #whenChanged(tick: () => Promise<unknown>): () => Promise<unknown> {
    const { store } = this.parts
    let read = -1
    return async () => {
      const { changes } = store
      if (changes === read) return
      await tick()
      read = changes
    }
  }

  /**
   * A file may be read while it is being written, and the watcher swallows a second change that follows at once: so each is
   * looked at again a second later, and for as long as something is wrong with it.
   */
  async #reconcile(): Promise<void> {
    const { roster, changes } = this.parts
    const news = [...this.#edited]
    this.#edited.clear()
    for (const name of [...news, ...roster.problems.keys()]) this.#again.add(name)
    try {
      await eachOf(this.#again, name => changes.run(name, () => reconcileAgency(this.parts, name)))
    } finally {
      for (const name of news) this.#again.add(name)
    }
  }

  #wake(...names: readonly string[]): void {
    for (const name of names) this.#loops.get(name)?.wake()
  }

  #listen(watched: Scope): void {
    const { runs, terminal, roster, ledger, locks, links, router, taskWork, board } = this.parts
    const { supervisor, tally, statusRounds, submissions, submissionWork } = this.parts
    submissionWork.onHint(() => this.#wake('branches'))
    const stop = (off: () => void) => watched.use(off, 'listener', call => call())
    runs.onChange((address, change) => {
      if (change === 'run') return this.#wake('supervisor')
      const news = change === 'events' ? this.#spooled : this.#written
      news.add(address)
      this.#wake(change === 'events' ? 'hook events' : 'script output')
    })
    stop(locks.onChange(() => this.#touch()))
    supervisor.onDue(() => this.#wake('supervisor'))
    stop(terminal.onChange(() => this.#wake('supervisor')))
    links.onEvent((address, event, payload) =>
      this.#inBackground(address, () => this.#spools.run(address, () => this.#takeEvent(address, event, payload))),
    )
    for (const address of roster.agents.keys()) this.#inBackground(address, () => links.tend(address))
    stop(
      roster.onChange(({ address, record }) => {
        this.#inBackground(address, () => runs.watch(address))
        this.#inBackground(address, () => links.tend(address))
        if (record.state === 'waiting') this.#wake('dialogs')
        if (record.state === 'starting') this.#inBackground(address, () => this.#lookFor(address, record.instance))
        router.wake(address)
        this.#wake('task hand-out')
        this.#inBackground(address, () => taskWork.agentChanged(record))
        this.#touch()
      }),
    )
    stop(
      board.onChange(task => {
        if (task.state === 'ready' || isEnded(task.state)) this.#wake('task hand-out')
        if (task.state === 'verifying') this.#wake('task verification')
        if (task.state === 'awaiting-approval') this.#wake('submissions')
        this.#touch()
      }),
    )
    stop(
      submissions.onChange(() => {
        this.#wake('submissions', 'branches')
        this.#touch()
      }),
    )
    stop(
      ledger.onEvent(event => {
        statusRounds.take(event)
        if (event.kind === 'moved') this.#inBackground(event.delivery.to, () => tally.take(event))
        const moved = event.kind === 'accepted' ? event.accepted.deliveries : [event.delivery]
        for (const delivery of moved) router.wake(delivery.to)
        this.#wake('task talk', 'reports handed in')
        this.#touch()
      }),
    )
  }

  #touch(): void {
    this.parts.views.touch()
    this.#wake('views', 'activity log')
  }

  #watch(outbox: string, agencies: string, watched: Scope): void {
    const close = (opened: ReturnType<typeof watchFiles>) => opened.close()
    watched
      .use(watchFiles(outbox, { ignoreInitial: true, depth: 0 }), 'outbox watcher', close)
      .on('add', () => this.#wake('outbox'))
    const relative = (path: string) => path.slice(agencies.length + 1)
    watched
      .use(
        watchFiles(agencies, { ignoreInitial: true, depth: 1, ignored: path => isNoDefinition(relative(path)) }),
        'definition watcher',
        close,
      )
      .on('all', (_event, path) => {
        const [name, file] = relative(path).split('/')
        if (name && file === 'agency.json') this.#edited.add(name)
        this.#wake('definitions')
      })
  }

  /** What an agent's hooks have left, one reading at a time. */
  async takeSpool(address: string): Promise<void> {
    await this.#spools.run(address, () => this.#takeSpool(address))
  }

  async #takeSpool(address: string): Promise<void> {
    const { roster, drivers, workspace, router } = this.parts
    const record = roster.agents.get(address)
    if (!record) return
    const driver = await drivers.get(record.driver)
    const taken = await takeEvents(runFolder(workspace, address), ({ event, payload }) =>
      takeHook(this.parts, address, driver, event, payload),
    )
    if (taken > 0) router.wake(address)
  }

  /** What a program says over its connection. */
  async #takeEvent(address: string, event: string, payload: unknown): Promise<void> {
    const { roster, drivers, router } = this.parts
    const record = roster.agents.get(address)
    if (!record) return
    await takeHook(this.parts, address, await drivers.get(record.driver), event, payload)
    router.wake(address)
  }

  /** A new start of a program: what the one before was given and has not confirmed is looked for now. */
  async #lookFor(address: string, instance: number): Promise<void> {
    const { store, clock } = this.parts
    for (const delivery of await store.underWay(address))
      if (delivery.instance !== instance && mayHaveArrived(delivery.state))
        await store.postpone(delivery.id, clock.now())
  }

  #inBackground(agent: string, work: () => Promise<unknown>): void {
    work().catch(error => this.parts.log.error({ err: error, agent }, 'something about an agent could not be done'))
  }
}

/** Hidden files, and the folders of an agency in which things change that no definition depends on. */
function isNoDefinition(path: string): boolean {
  return /(^|\/)\./.test(path) || /^[^/]+\/(logs|scripts|rehearsal)(\/|$)/.test(path)
}

/** Empties the set through `work`. What fails goes back into it for the next time, and keeps nothing from the others. */
async function eachOf(set: Set<string>, work: (member: string) => Promise<unknown>): Promise<void> {
  const taken = [...set]
  set.clear()
  const failures: unknown[] = []
  for (const member of taken)
    await work(member).catch(error => {
      set.add(member)
      failures.push(error)
    })
  if (failures.length > 0) throw failures[0]
}
