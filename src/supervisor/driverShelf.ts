/** The drivers there are: which programs are installed, what a profile says, and whether it still reads its program rightly. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onlyPerson } from '../agencies/authority.ts'
import type { Driver, Launch, ScreenReading } from '../drivers/driver.ts'
import { until } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import { endProcess } from '../kernel/process.ts'
import type { Address } from '../model/names.ts'
import { mayEnter, mayType } from '../model/typing.ts'
import type { PaneId, Screen, SessionId, Terminal } from '../terminal/terminal.ts'
import { findProgram, programVersion } from './findProgram.ts'
import type { LauncherParts } from './launcher.ts'
import { makeRunFolder, observeRun, takeEvents, writeFiles, writeStart } from './runFolder.ts'

export interface DriverSummary {
  readonly name: string
  readonly title: string
  readonly doors: readonly string[]
  /** Version of the program that the profile was tried with; undefined when it was written from documentation only. */
  readonly tried?: string | undefined
  /** Where its program lies; undefined when it is not installed. */
  readonly program?: string | undefined
  readonly install?: string | undefined
  /** What is wrong with its profile. */
  readonly problem?: string
}

export interface DriverDetails extends DriverSummary {
  readonly version: string | undefined
  readonly file: string
  readonly text: string
}

export interface DriverTestOptions {
  readonly seconds: number
  /** Added to the program's arguments. */
  readonly args: readonly string[]
  readonly signal: AbortSignal
  readonly tell: (step: DriverTestStep) => void
}

/** One change: what was seen, by which rule, so many milliseconds after the start. */
export interface DriverTestStep {
  readonly afterMs: number
  readonly source: 'screen' | 'hook' | 'composer' | 'program'
  readonly state?: string
  readonly rule?: string
  readonly evidence: string
}

export interface DriverTestReport {
  readonly driver: string
  readonly program: string
  readonly version: string | undefined
  readonly tried: string | undefined
  readonly readyAfterMs: number | undefined
  /** Text pasted into its composer was seen there; undefined when nothing is typed into it. */
  readonly isComposerSeen: boolean | undefined
  /** What the pane showed at the end. */
  readonly screen: readonly string[]
}

export type ShelfParts = Pick<
  LauncherParts,
  'workspace' | 'terminal' | 'drivers' | 'runnerFile' | 'umask' | 'newConversation'
>

const LOOK_EVERY_MS = 100
/** A screen that has been ready for so long is not one that passes on the way to another. */
const SETTLED_MS = 1_000
const TERM_GRACE_MS = 2_000
const END_SHOWN_MS = 1_000
const SAMPLE = '[agency → driver/test · NOTE · 00000000] nothing is asked of you; this is not submitted'

export class DriverShelf {
  constructor(private readonly parts: ShelfParts) {}

  async list(): Promise<readonly DriverSummary[]> {
    const { drivers } = this.parts
    const summarise = (name: string) =>
      drivers.get(name).then(
        driver => this.#summary(driver),
        // One profile with a mistake must not hide the others.
        (error: Error): DriverSummary => ({ name, title: '', doors: [], problem: error.message }),
      )
    return Promise.all((await drivers.names()).map(summarise))
  }

  /** `version`: what the installed program says of itself. */
  async show(name: string): Promise<DriverDetails> {
    const { drivers } = this.parts
    const source = await drivers.source(name)
    const summary = await this.#summary(await drivers.get(name))
    const version = summary.program && (await programVersion(summary.program))
    return { ...summary, version, ...source }
  }

  /**
   * Starts the installed program in a scratch pane, tells every change that its profile reads, and pastes a line without
   * submitting it. AgencyError('ENVIRONMENT') when the program is not installed.
   */
  async test(caller: Address, name: string, options: DriverTestOptions): Promise<DriverTestReport> {
    onlyPerson(caller, `start the program of the driver ${name}`)
    const { workspace, drivers, terminal } = this.parts
    const driver = await drivers.get(name)
    const workdir = await mkdtemp(join(tmpdir(), 'agency-driver-'))
    const run = join(workspace.run, '.driver-test', name)
    let session: SessionId | undefined
    try {
      await rm(run, { recursive: true, force: true })
      await makeRunFolder(run)
      const { program, launch } = await this.#launch(driver, run, workdir, options.args)
      await writeFiles(run, { launch, ask: undefined })
      await writeStart(run, {
        ...{ launch, workdir, instance: 1, umask: this.parts.umask, isPiped: false, ask: undefined },
        env: { PATH: process.env.PATH ?? '/usr/bin:/bin', AGENCY_RUN: run, AGENCY_EVENTS: join(run, 'events') },
      })
      if (!terminal.isConnected) await terminal.connect()
      const owner = `${workspace.hash}/driver-test/${name}`
      const argv = ['/bin/sh', this.parts.runnerFile, run]
      const windows = [{ name, cwd: workdir, argv, env: { AGENCY_AGENT: 'driver-test' }, owner }]
      const made = await terminal.createSession({ name: `driver-test-${name}`, workspace: workspace.hash, windows })
      const pane = made.panes.find(candidate => candidate.owner === owner)!
      session = pane.sessionId
      const seen = await new Watch(terminal, driver, pane.id, run, options).run()
      const version = await programVersion(program)
      return { driver: name, program, version, tried: driver.triedVersion, ...seen }
    } finally {
      const { program } = await observeRun(run)
      if (program) await endProcess(program.pid, TERM_GRACE_MS)
      if (session && terminal.isConnected) await terminal.killSession(session)
      await rm(run, { recursive: true, force: true })
      await rm(workdir, { recursive: true, force: true })
    }
  }

  async #summary(driver: Driver): Promise<DriverSummary> {
    const { name, title, doors, triedVersion: tried, install } = driver
    const program = driver.programName === undefined ? undefined : await findProgram(driver.programName)
    return { name, title, doors, tried, program, install }
  }

  async #launch(driver: Driver, run: string, workdir: string, args: readonly string[]) {
    const launch: Launch = driver.launch({
      ...{ address: 'driver/test', agency: 'driver', agent: 'test', workdir, runFolder: run, workspace: workdir },
      ...{ mail: join(workdir, 'registry', 'mail'), isWalled: false },
      ...{ roleFile: join(run, 'brief.md'), brief: 'You are being tried: do nothing.', playbook: undefined },
      ...{ conversation: this.parts.newConversation(), isResumed: false, command: undefined },
      ...{ instance: 1, port: undefined, extraArgs: args, extraEnv: {} },
    })
    const program = await findProgram(launch.argv[0]!)
    if (program) return { program, launch: { ...launch, argv: [program, ...launch.argv.slice(1)] } }
    throw new AgencyError(
      'ENVIRONMENT',
      `the program ${launch.argv[0]} of the driver ${driver.name} is not installed`,
      {
        hint: driver.install ?? `install ${launch.argv[0]}`,
      },
    )
  }
}

/** Looks at the scratch pane until the program has been ready for a while, or the time is over. */
class Watch {
  readonly #began = performance.now()
  #last: ScreenReading | undefined
  #readySince: number | undefined
  #readyAfterMs: number | undefined
  #screen: readonly string[] = []

  constructor(
    private readonly terminal: Terminal,
    private readonly driver: Driver,
    private readonly pane: PaneId,
    private readonly run_: string,
    private readonly options: DriverTestOptions,
  ) {}

  async run(): Promise<Pick<DriverTestReport, 'readyAfterMs' | 'isComposerSeen' | 'screen'>> {
    const timeoutMs = this.options.seconds * 1000
    await until(() => this.#look(), { timeoutMs, everyMs: LOOK_EVERY_MS, signal: this.options.signal })
    const isTyped = this.driver.doors.includes('typing')
    const isComposerSeen = isTyped ? this.#readyAfterMs !== undefined && (await this.#paste()) : undefined
    return { readyAfterMs: this.#readyAfterMs, isComposerSeen, screen: this.#screen }
  }

  /** True when there is nothing more to wait for. */
  async #look(): Promise<boolean> {
    await takeEvents(this.run_, async ({ event, payload }) => {
      const { state } = this.driver.readHook(event, payload)
      this.#tell({ source: 'hook', rule: event, evidence: '', ...(state ? { state: state.state } : {}) })
    })
    const { exit } = await observeRun(this.run_)
    const { reading } = await this.#read()
    const { state, rule, evidence, composer } = reading
    const isNews = state !== this.#last?.state || rule !== this.#last.rule || composer !== this.#last.composer
    if (isNews) this.#tell({ source: 'screen', state, rule, evidence })
    this.#last = reading
    if (exit) {
      this.#tell({ source: 'program', evidence: `it ended with status ${exit.status}` })
      // The runner writes the end down before it says so on the screen, where the program's last words stand above.
      await until(() => this.#isEndShown(), { timeoutMs: END_SHOWN_MS, everyMs: 20 })
      return true
    }
    if (state !== 'ready') this.#readySince = undefined
    else this.#readySince ??= performance.now()
    if (this.#readySince === undefined) return false
    this.#readyAfterMs = Math.round(this.#readySince - this.#began)
    return performance.now() - this.#readySince > SETTLED_MS
  }

  /** Whether the composer shows what is pasted, so that a message would be submitted. */
  async #paste(): Promise<boolean> {
    const typed = { sign: '00000000]', text: SAMPLE }
    if (!mayType(await this.#seen()).go || (await this.terminal.paste(this.pane, SAMPLE)) !== 'pasted') return false
    const began = performance.now()
    const isShown = await until(async () => mayEnter(await this.#seen(), typed, false) === 'enter', {
      timeoutMs: this.driver.typing.composerWaitMs,
      everyMs: 20,
    })
    const took = Math.round(performance.now() - began)
    const evidence = isShown ? `shows pasted text after ${took} ms` : `does not show pasted text within ${took} ms`
    this.#tell({ source: 'composer', evidence })
    return isShown === true
  }

  async #isEndShown(): Promise<boolean> {
    const { screen } = await this.#read()
    return screen.lines.some(line => line.includes('ended with status'))
  }

  async #seen() {
    const { reading, screen } = await this.#read()
    return {
      ...reading,
      isSameProcess: true,
      inMode: screen.inMode,
      isPersonTyping: false,
      text: screen.lines.join('\n'),
    }
  }

  async #read(): Promise<{ reading: ScreenReading; screen: Screen }> {
    const screen = await this.terminal.capture(this.pane)
    this.#screen = screen.lines
    return { reading: this.driver.readScreen(screen), screen }
  }

  #tell(step: Omit<DriverTestStep, 'afterMs'>): void {
    this.options.tell({ afterMs: Math.round(performance.now() - this.#began), ...step })
  }
}
