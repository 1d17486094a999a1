/** Configuration to a running App: the one place that knows every part, and owns their end. */

import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Finder } from './agencies/finder.ts'
import { gitWith } from './agencies/git.ts'
import { Roster } from './agencies/roster.ts'
import { Tokens } from './agencies/tokens.ts'
import { App, type AppParts } from './app.ts'
import { ActivityLog } from './bus/activity.ts'
import { Archive } from './bus/archive.ts'
import { Dialogs } from './bus/dialogs.ts'
import { apiDoor } from './bus/doors/api.ts'
import type { MessageGate } from './bus/doors/door.ts'
import { HookDoor } from './bus/doors/hook.ts'
import { processDoor } from './bus/doors/process.ts'
import { typingDoor } from './bus/doors/typing.ts'
import { Endings } from './bus/endings.ts'
import { Inbox } from './bus/inbox.ts'
import { Ledger } from './bus/ledger.ts'
import { Links } from './bus/links.ts'
import { Outbox } from './bus/outbox.ts'
import { type Draft, Publisher } from './bus/publish.ts'
import { Router } from './bus/router.ts'
import { ScriptOutput } from './bus/scriptOutput.ts'
import { Sweeper } from './bus/sweeper.ts'
import { Views } from './bus/views.ts'
import type { Settings } from './config/settings.ts'
import { packageRoot, type Workspace } from './config/workspace.ts'
import { profileDrivers } from './drivers/profile.ts'
import { systemClock } from './kernel/clock.ts'
import { crashAt } from './kernel/crash.ts'
import type { AgencyError } from './kernel/errors.ts'
import type { JsonValue } from './kernel/json.ts'
import { KeyedLock } from './kernel/keyedLock.ts'
import type { Log } from './kernel/log.ts'
import { isAlive } from './kernel/process.ts'
import { Scope } from './kernel/scope.ts'
import { Housekeeping } from './lifecycle/housekeeping.ts'
import { Life } from './lifecycle/life.ts'
import type { LifecycleParts } from './lifecycle/parts.ts'
import { agencyStatus } from './lifecycle/status.ts'
import { leaseClock } from './locks/leaseClock.ts'
import { Locks } from './locks/locks.ts'
import { Audit } from './log/audit.ts'
import { Loops } from './loops.ts'
import { EventCounts } from './measures/eventCounts.ts'
import { MeasureBook } from './measures/measures.ts'
import type { AgentRecord } from './model/agent.ts'
import { showLock } from './model/lockDocument.ts'
import { openStore } from './storage/engines.ts'
import type { Store } from './storage/store.ts'
import { SubmissionBoard } from './submissions/board.ts'
import { HandIn } from './submissions/handIn.ts'
import { Submissions } from './submissions/submissions.ts'
import { scratchPlace } from './submissions/testPlace.ts'
import { SubmissionWork } from './submissions/work.ts'
import { DriverShelf } from './supervisor/driverShelf.ts'
import { runFolder } from './supervisor/runFolder.ts'
import { RunWatch } from './supervisor/runWatch.ts'
import { Sight } from './supervisor/sight.ts'
import { Starter } from './supervisor/starter.ts'
import { StatusRounds } from './supervisor/statusRounds.ts'
import { Supervisor } from './supervisor/supervisor.ts'
import { Tally } from './supervisor/tally.ts'
import { UsageMeter } from './supervisor/usage.ts'
import { TaskBoard } from './tasks/board.ts'
import { Chooser } from './tasks/chooser.ts'
import { Tasks } from './tasks/tasks.ts'
import { TaskWork } from './tasks/work.ts'
import { createTmux } from './terminal/tmux/tmux.ts'
import { Reminder } from './worktrees/reminder.ts'
import { Workplaces } from './worktrees/workplaces.ts'
import { Worktrees } from './worktrees/worktrees.ts'

export interface Composed extends AsyncDisposable {
  readonly app: App
  /** Knows again who is there and what was under way. Nobody is served before. */
  recover(): Promise<void>
  /** Starts every loop; they end with the signal. */
  run(signal: AbortSignal): Promise<void>
}

export async function compose(
  workspace: Workspace,
  options: {
    version: string
    settings: Settings
    env: NodeJS.ProcessEnv
    log: Log
    reopenLog: () => void
    umask: number
    /** The store is lost: whatever was acknowledged is on disk, and only another daemon can open it again. */
    onLost: (error: AgencyError) => void
  },
): Promise<Composed> {
  const { settings, env, log, reopenLog, umask, onLost } = options
  const scope = new Scope()
  try {
    for (const folder of [workspace.registry, workspace.run, workspace.mail])
      await mkdir(folder, { recursive: true, mode: 0o700 })
    const clock = systemClock()
    const store = scope.use(
      await openStore({
        engine: 'sqlite',
        file: workspace.storeFile,
        workerFile: join(packageRoot, 'dist', 'sqlite-worker.js'),
        onLost,
      }),
      'store',
      opened => opened[Symbol.asyncDispose](),
    )
    const tokens = new Tokens(workspace)
    await tokens.load()
    const roster = new Roster(store)
    await roster.load()
    const tmpDir = scope.use(pasteFolder(workspace), 'paste folder', folder =>
      rm(folder, { recursive: true, force: true }),
    )
    const terminal = scope.use(
      createTmux({
        socketName: await serverName(store, roster, settings.tmux.socket, log),
        configFile: settings.tmux.config && resolve(workspace.root, settings.tmux.config),
        keeper: workspace.hash,
        tmpDir,
        umask,
        log,
      }),
      'terminal',
      opened => opened[Symbol.asyncDispose](),
    )
    const drivers = profileDrivers([join(workspace.templates, 'drivers'), join(packageRoot, 'templates', 'drivers')], {
      node: process.execPath,
      package: packageRoot,
      hook: join(packageRoot, 'bin', 'hook.sh'),
      shell: env.SHELL ?? '/bin/sh',
      agencyBin: join(packageRoot, 'bin', 'agency.js'),
    })
    const runs = scope.use(new RunWatch(workspace), 'run folders', opened => opened.close())
    const git = gitWith(umask)
    const worktreeParts = { workspace, settings, roster, git, clock, log, store, umask }
    const workplaces = new Workplaces(worktreeParts)
    const supervision = {
      workspace,
      terminal,
      roster,
      drivers,
      tokens,
      clock,
      settings,
      log,
      runs,
      umask,
      defaultDriver: settings.driver,
      agencyBin: join(packageRoot, 'bin', 'agency.js'),
      runnerFile: join(packageRoot, 'bin', 'runner.sh'),
      newConversation: randomUUID,
      readyWorkplace: (of: AgentRecord) => workplaces.restore(of),
      clearOutput: (of: AgentRecord) => scripts.putAside(of, settings.keep.log * 1_000_000),
    }
    const sight = new Sight(supervision)
    const starter = new Starter(supervision, sight)
    const usage = new UsageMeter({ workspace, roster, drivers, clock })
    const ledger = new Ledger(store, crashAt(env, endSelf), settings.delivery.ackTimeout * 1000)
    const publisher = new Publisher({ roster, ledger, store, settings, clock })
    const publish = (caller: string, draft: Draft) => publisher.publish(caller, draft)
    const board = new TaskBoard(store)
    const taskParts = { workspace, store, board, roster, ledger, settings, clock, log, git, umask, publish }
    const taskWork = new TaskWork(taskParts)
    const gate: MessageGate = item => taskWork.gate.obstacle(item)
    const inbox = new Inbox({ ledger, clock, gate })
    const folderOf = (address: string) => runFolder(workspace, address)
    const doorParts = { workspace, ledger, terminal, settings, clock, log }
    const endings = new Endings({ ledger, roster, settings, clock, publish })
    const links = scope.use(new Links({ roster, drivers, log, runFolder: folderOf }), 'links', opened => opened.close())
    const hands = new KeyedLock()
    const router = new Router({
      roster,
      drivers,
      ledger,
      endings,
      clock,
      log,
      hands,
      gate,
      doors: {
        api: apiDoor({ ...doorParts, links }),
        process: processDoor({ ...doorParts, runFolder: folderOf }),
        typing: typingDoor(doorParts),
      },
    })
    const sweeper = new Sweeper({ ledger, router, roster, settings, clock, endings })
    const outbox = new Outbox({ workspace, tokens, log, publish })
    await outbox.prepare()
    const scripts: ScriptOutput = new ScriptOutput({
      ledger,
      log,
      runFolder: folderOf,
      publish,
      settle: (caller, id, how) => inbox.settle(caller, id, how),
    })
    const activity = new ActivityLog({
      workspace,
      store,
      isThere: agency => existsSync(join(workspace.agencies, agency)),
    })
    const hookDoor = new HookDoor({
      ...{ workspace, settings, roster, drivers, ledger, endings, clock, hands, gate },
      takeSpool: address => loops.takeSpool(address),
    })
    const dialogs = new Dialogs({ roster, drivers, terminal, store, clock, hands })
    const locks = new Locks({ store, clock: leaseClock(await store.lockTime()), publish })
    const submissionParts = {
      ...{ ...taskParts, tasks: board, board: new SubmissionBoard(store), locks, terminal },
      testPlace: scratchPlace(taskParts),
      reach: crashAt(env, endSelf),
    }
    const handIn = new HandIn(submissionParts)
    const submissions = new Submissions(submissionParts, handIn)
    const submissionWork = scope.use(new SubmissionWork(submissionParts, handIn), 'branch watchers', opened =>
      opened.close(),
    )
    const lifecycle: LifecycleParts = {
      ...{ workspace, settings, roster, tokens, starter, sight, clock, log, umask },
      git,
      workplaces,
      changes: new KeyedLock(),
      ...{ hands, usage },
    }
    const measures = new MeasureBook({ store, roster, settings, clock })
    const counts = new EventCounts()
    ledger.onEvent(event => counts.onLedger(event))
    board.onChange(task => counts.onTask(task))
    roster.onChange(({ record }) => counts.onAgent(record))
    const expositionParts = { roster, store, clock, counts, book: measures, version: options.version }
    const loadExposition = once(async () => {
      const { Exposition } = await import('./measures/exposition.ts')
      return new Exposition({ ...expositionParts, loops: () => loops.counts() })
    })
    const parts: AppParts = {
      ...lifecycle,
      store,
      life: new Life(lifecycle),
      locks,
      tasks: new Tasks(taskParts, taskWork.listener),
      submissions,
      chooser: new Chooser(taskParts),
      ledger,
      publisher,
      archive: new Archive({ store, roster }),
      audit: new Audit({ store, roster }),
      inbox,
      hookDoor,
      dialogs,
      driverShelf: new DriverShelf(supervision),
      drivers,
      measures,
      exposition: async () => (await loadExposition()).text(),
      finder: new Finder({ roster, store, clock }),
      worktrees: new Worktrees(worktreeParts, workplaces),
      version: options.version,
      loopFailures: () => loops.failures(),
    }
    const views = new Views({
      workspace,
      store,
      clock,
      agencies: async () => (await agencyStatus(parts, store)) as unknown as JsonValue[],
      approvals: () => submissions.queue(),
      locks: async () => (await locks.list()).map(lock => showLock(lock, locks.times()) as unknown as JsonValue),
    })

    const loops: Loops = new Loops({
      ...parts,
      supervisor: new Supervisor({
        ...{ ...supervision, sight, starter, usage },
        unanswered: async address => (await store.underWay(address)).filter(({ state }) => state !== 'unknown').length,
      }),
      tally: new Tally({ roster, clock, limits: record => usage.limits(record) }),
      statusRounds: new StatusRounds({ roster, settings, clock, publish }),
      terminal,
      runs,
      links,
      dialogs,
      taskWork,
      submissionWork,
      board,
      router,
      sweeper,
      outbox,
      scripts,
      views,
      activity,
      reminder: new Reminder({ ...worktreeParts, git: gitWith(umask, { isPatient: true }), publish }),
      housekeeping: new Housekeeping({ workspace, settings, store, clock, reopenLog }),
    })
    return {
      app: new App(parts),
      recover: () => loops.recover(),
      run: signal => loops.run(signal),
      [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
    }
  } catch (error) {
    await scope[Symbol.asyncDispose]().catch(() => undefined)
    throw error
  }
}

/** The tmux server to use. While agents live on one, it is that one, whatever the settings of whoever started this daemon say. */
async function serverName(
  store: Store,
  roster: Roster,
  wanted: string | undefined,
  log: Log,
): Promise<string | undefined> {
  const used = await store.marked('tmux-socket')
  const isInUse = [...roster.agents.values()].some(agent => agent.pid !== undefined && isAlive(agent.pid))
  if (used !== undefined && isInUse && used !== (wanted ?? '')) {
    log.warn(
      { used, wanted },
      'agents live on another tmux server than the settings name: it is kept until agency down',
    )
    return used || undefined
  }
  await store.mark('tmux-socket', wanted ?? '')
  return wanted
}

/** Text on its way to a pane stays in memory where the system has a place for that. */
function pasteFolder(workspace: Workspace): string {
  const memory = process.env.XDG_RUNTIME_DIR ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
  return join(memory, `agency-${process.getuid?.() ?? 0}-${workspace.hash}`)
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

function endSelf(): void {
  process.kill(process.pid, 'SIGKILL')
}
