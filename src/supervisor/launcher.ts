/** Starts and stops agents: their briefing, their run folder, their window. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { isAbsolute, join, resolve } from 'node:path'
import { writeBriefing } from '../agencies/briefing.ts'
import { launchDigest } from '../agencies/definitions.ts'
import type { Roster } from '../agencies/roster.ts'
import type { Tokens } from '../agencies/tokens.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Driver, Drivers, Launch } from '../drivers/driver.ts'
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import { replaceFile } from '../kernel/json.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type AgentDefinition, isolationOf, members } from '../model/definition.ts'
import type { Pane, Session, Snapshot, Terminal, WindowSpec } from '../terminal/terminal.ts'
import { endFamily } from './family.ts'
import { findProgram } from './findProgram.ts'
import { paneIndex } from './paneIndex.ts'
import {
  lastRun,
  makeRunFolder,
  observeRun,
  order,
  ownFolder,
  ownMail,
  runFolder,
  writeFiles,
  writeStart,
} from './runFolder.ts'
import { buildWall, refuseWithoutWall } from './walling.ts'

export interface LauncherParts {
  readonly workspace: Workspace
  readonly terminal: Terminal
  readonly roster: Roster
  readonly drivers: Drivers
  readonly tokens: Tokens
  readonly clock: Clock
  /** Driver of agents that name none. */
  readonly defaultDriver: string
  /** Absolute path of the `agency` executable, given to agents as AGENCY_BIN. */
  readonly agencyBin: string
  readonly runnerFile: string
  /** File mode mask of the agents' programs: the person's. */
  readonly umask: number
  readonly newConversation: () => string
  /** What the agent works in is there when this resolves, also where somebody has deleted it. */
  readonly readyWorkplace: (of: AgentRecord) => Promise<void>
  /** Called between two runs of a script agent's program, when nothing is written to its output. */
  readonly clearOutput: (of: AgentRecord) => Promise<void>
  /** Root of the repository that an agency works on. */
  readonly repositoryOf: (agency: string) => string | undefined
}

const RESUME_FAILED_WITHIN_MS = 5_000
/** A program that does not find the conversation says so with a status of its own, and on a busy machine takes its time for it. */
const RESUME_REFUSED_WITHIN_MS = 20_000
/** What a signal has ended has this status or a higher one. */
const FIRST_SIGNAL_STATUS = 128
const TERM_GRACE_MS = 2_000

export class Launcher {
  constructor(private readonly parts: LauncherParts) {}

  /** Whose pane it is: kept in the pane itself, so that renaming and moving do not matter. */
  owner(of: string): string {
    return `${this.parts.workspace.hash}/${of}`
  }

  async connect(): Promise<void> {
    if (!this.parts.terminal.isConnected) await this.parts.terminal.connect()
  }

  sessionOf(snapshot: Snapshot, agency: string): Session | undefined {
    const pane = paneIndex(snapshot).byAgency.get(this.owner(agency))
    if (pane) return snapshot.sessions.find(session => session.id === pane.sessionId)
    return snapshot.sessions.find(session => session.workspace === this.parts.workspace.hash && session.name === agency)
  }

  paneOf(snapshot: Snapshot, of: string): Pane | undefined {
    return paneIndex(snapshot).byOwner.get(this.owner(of))
  }

  /** AgencyError('ENVIRONMENT') when the agent's program is not installed; AgencyError('NOT_FOUND') when there is no such driver. */
  async checkProgram(agency: string, agent: AgentDefinition, driverName: string, wall = false): Promise<void> {
    const driver = await this.parts.drivers.get(driverName)
    if (wall) await refuseWithoutWall(`${agency}/${agent.name}`, driver)
    const launch = driver.launch(
      this.#context(agency, agent, {
        workdir: this.parts.workspace.root,
        brief: '',
        conversation: '',
        isResumed: false,
        instance: 0,
        port: 0,
        isWalled: wall,
      }),
    )
    // A path relative to the agency's folder cannot be looked at before that folder is laid out.
    const isLaidOut = existsSync(join(this.parts.workspace.agencies, agency))
    if (isLaidOut || !isRelative(launch.argv[0]!)) await this.#findProgram(driver, launch, agency, agent.name)
  }

  /** Prepares the run folder for the next start and returns the record as it will be. */
  async prepare(record: AgentRecord): Promise<AgentRecord> {
    const { roster, workspace, drivers, tokens, clock } = this.parts
    const { definition } = roster.agency(record.agency)
    const agent = members(definition).find(member => member.name === record.name)
    if (!agent) throw new AgencyError('NOT_FOUND', `${record.address} is not in agencies/${record.agency}/agency.json`)
    await this.parts.readyWorkplace(record)
    const driver = await drivers.get(record.driver)
    const run = runFolder(workspace, record.address)
    await makeRunFolder(run)
    const [brief, ran, tokenFile] = await Promise.all([
      writeBriefing(workspace, definition, record.name),
      lastRun(run),
      tokens.ensure(record.address),
    ])
    await replaceFile(join(run, 'brief.md'), `${brief}\n`)
    const resumeFailed = endedAtOnce(record)
    const isResumed = driver.canResume && record.conversation !== undefined && record.instance > 0 && !resumeFailed
    const conversation = isResumed
      ? record.conversation
      : driver.namesConversation
        ? undefined
        : this.parts.newConversation()
    const port = driver.needsPort ? await freePort() : undefined
    // A daemon that died after its order has not recorded that start, and no runner runs one twice.
    const instance = Math.max(record.instance, ran) + 1
    const isolation = isolationOf(definition, agent)
    const isWalled = isolation.level !== 'none'
    const start = { workdir: record.workdir, brief, conversation, isResumed, instance, port, isWalled }
    const launch = driver.launch(this.#context(record.agency, agent, start))
    const program = await this.#findProgram(driver, launch, record.agency, record.name)
    const isPiped = driver.doors.includes('process')
    if (isPiped) await this.parts.clearOutput(record)
    const whole = { ...launch, argv: [program, ...launch.argv.slice(1)] }
    const ask = driver.boundary && { socket: workspace.socket, tokenFile }
    await writeFiles(run, { launch: whole, ask })
    const wall = isWalled
      ? await buildWall(this.parts, {
          ...{ record, isolation, launch: whole, tokenFile, run, port },
          share: definition.worktrees?.share ?? [],
          named: [...(agent.command ?? []), ...agent.args],
        })
      : undefined
    await writeStart(run, {
      launch: whole,
      wall,
      workdir: record.workdir,
      instance,
      umask: this.parts.umask,
      isPiped,
      ask,
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        AGENCY_WORKSPACE: workspace.root,
        AGENCY_AGENT: record.address,
        AGENCY_TOKEN_FILE: tokenFile,
        AGENCY_BIN: this.parts.agencyBin,
        AGENCY_RUN: wall ? ownFolder(run) : run,
        AGENCY_EVENTS: join(run, 'events'),
        // Where `agency send` leaves what no daemon takes: no program behind a wall could start one.
        ...(wall ? { AGENCY_OUTBOX: join(run, 'events') } : {}),
        ...(driver.boundary ? { AGENCY_ASK: join(run, 'ask.curl') } : {}),
        AGENCY_ROLE_FILE: join(run, 'brief.md'),
      },
    })
    return {
      ...record,
      desired: 'running',
      state: 'starting',
      rule: 'started',
      evidence: `start ${instance}`,
      since: clock.now(),
      instance,
      startedAt: clock.now(),
      launch: launchDigest(definition, agent, this.parts.defaultDriver),
      conversation,
      // A conversation that goes on is written on; a new one is told of by the program.
      transcript: isResumed ? record.transcript : undefined,
      port,
      limitedUntil: undefined,
      isolation: isolation.level,
      interruption: undefined,
      isDeathCertain: undefined,
      pid: undefined,
      nextStartAt: undefined,
    }
  }

  /** The window of an agent: its runner, and nothing between it and tmux. */
  async window(record: AgentRecord): Promise<WindowSpec> {
    const run = runFolder(this.parts.workspace, record.address)
    await rm(join(run, 'runner'), { force: true })
    return {
      name: record.isCoordinator ? 'coordinator' : record.name,
      cwd: record.workdir,
      argv: ['/bin/sh', this.parts.runnerFile, run],
      env: {
        AGENCY_AGENT: record.address,
        AGENCY_WORKSPACE: this.parts.workspace.root,
        AGENCY_TOKEN_FILE: this.parts.tokens.file(record.address),
      },
      owner: this.owner(record.address),
    }
  }

  /** The person's own windows in the agency's session. */
  personWindows(agency: string): readonly WindowSpec[] {
    const { workspace } = this.parts
    const env = { AGENCY_WORKSPACE: workspace.root }
    return [
      { name: 'tools', cwd: join(workspace.agencies, agency, 'scripts'), env, owner: this.owner(`${agency}/.tools`) },
      { name: 'sandbox', cwd: join(workspace.sandbox, 'testing'), env, owner: this.owner(`${agency}/.sandbox`) },
    ]
  }

  /** Starts the program again in its waiting runner. False when no runner waits. */
  async startInRunner(record: AgentRecord): Promise<boolean> {
    return order(runFolder(this.parts.workspace, record.address), `start ${record.instance}`)
  }

  /** Ends the program, asked first and made to after two seconds, and what it has started or left behind. */
  async endProgram({ address, isolation }: AgentRecord): Promise<void> {
    const run = runFolder(this.parts.workspace, address)
    const { program, runnerPid } = await observeRun(run)
    const isWalled = isolation === 'bubblewrap'
    await endFamily({ address, runFolder: run, program: program?.pid, runner: runnerPid, isWalled }, TERM_GRACE_MS)
  }

  async closeRunner(record: AgentRecord): Promise<void> {
    await order(runFolder(this.parts.workspace, record.address), 'close')
  }

  #context(
    agency: string,
    agent: AgentDefinition,
    start: {
      workdir: string
      brief: string
      conversation: string | undefined
      isResumed: boolean
      instance: number
      port: number | undefined
      isWalled: boolean
    },
  ) {
    const { workspace } = this.parts
    const of = `${agency}/${agent.name}`
    const run = runFolder(workspace, of)
    const playbook = join(workspace.agencies, agency, 'rehearsal', `${agent.name}.yaml`)
    return {
      address: of,
      agency,
      agent: agent.name,
      runFolder: run,
      roleFile: join(run, 'brief.md'),
      workspace: workspace.root,
      mail: start.isWalled ? ownMail(run) : workspace.mail,
      playbook: existsSync(playbook) ? playbook : undefined,
      command: agent.command,
      extraArgs: agent.args,
      extraEnv: agent.env,
      ...start,
    }
  }

  async #findProgram(driver: Driver, launch: Launch, agency: string, agent: string): Promise<string> {
    const name = launch.argv[0]!
    const base = join(this.parts.workspace.agencies, agency)
    const found = await findProgram(name, base)
    if (found) return found
    const shown = name.includes('/') ? resolve(base, name) : name
    throw new AgencyError(
      'ENVIRONMENT',
      `${agency}/${agent}: the program ${shown} (driver ${driver.name}) is not installed or not executable`,
      {
        hint: driver.install ?? `install ${name}, or choose another driver: agency create --help`,
      },
    )
  }
}

/** The last start ended soon after it. An end that lies before that start belongs to an earlier one and says nothing. */
function endedAtOnce({ lastExit, startedAt }: AgentRecord): boolean {
  if (lastExit === undefined || startedAt === undefined) return false
  const ranMs = lastExit.at - startedAt
  const hasRefused = lastExit.status > 0 && lastExit.status < FIRST_SIGNAL_STATUS
  return ranMs >= 0 && ranMs < (hasRefused ? RESUME_REFUSED_WITHIN_MS : RESUME_FAILED_WITHIN_MS)
}

/** Free just now: whoever takes it before the program does makes that start fail, and the next one gets another. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise(done => server.close(done))
  return port
}

function isRelative(path: string): boolean {
  return path.includes('/') && !isAbsolute(path)
}
