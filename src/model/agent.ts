/** What an agent is doing just now, and the record the daemon keeps of it. */
import type { LimitKind } from './agentLimits.ts'
import type { Definition } from './definition.ts'
import type { Address } from './names.ts'
import type { IsolationLevel } from './sandbox.ts'

/** `stopped` is wished for; every other state is observed. */
export type AgentState =
  | 'stopped'
  | 'starting'
  | 'ready'
  | 'busy'
  | 'waiting'
  | 'limited'
  | 'shell'
  | 'dead'
  | 'hung'
  | 'unknown'

/** A state with what decided it, shown by `agency explain`. */
export interface Reading {
  readonly state: AgentState
  /** Which rule of the driver's profile, hook, or process fact decided. */
  readonly rule: string
  /** The words on the screen, the event, or the number that was seen. */
  readonly evidence: string
}

/** paused: nothing new is handed over · draining: that too, and it is stopped when it has done · limit: it has used up what it may · quarantined: it died too often. */
export type HoldKind = 'paused' | 'draining' | 'limit' | 'quarantined'

/** A reason why an agent takes no work: not a state, since its program goes on living beside it. A record has one of each kind, and of each limit. */
export interface Hold {
  readonly kind: HoldKind
  /** Who set it: the person, a coordinator, or `system`. */
  readonly by: Address
  readonly at: number
  /** When it ends by itself; without it, when somebody says so. */
  readonly until?: number | undefined
  readonly why: string
  readonly limit?: LimitKind | undefined
}

/** Why we ended a program ourselves, so that its end is not taken for a crash. Written down before the program is touched. */
export interface Interruption {
  /** The start of the program that it ends. */
  readonly instance: number
  readonly limit: LimitKind
  readonly why: string
  readonly at: number
}

/** Times are milliseconds since the epoch. */
export interface AgentRecord {
  readonly address: Address
  readonly agency: string
  readonly name: string
  readonly driver: string
  readonly isCoordinator: boolean
  readonly desired: 'running' | 'stopped'
  readonly state: AgentState
  readonly rule: string
  readonly evidence: string
  readonly since: number
  /** tmux ids are valid for one server process, so they are kept with its pid. */
  readonly serverPid: number | undefined
  readonly pane: string | undefined
  /** The runner's process, which is the pane's. */
  readonly panePid: number | undefined
  /** The agent program's process. */
  readonly pid: number | undefined
  /** How often the program has been started, 0 before the first start. */
  readonly instance: number
  readonly startedAt: number | undefined
  /** Digest of what its definition said of its program at the last start. */
  readonly launch?: string | undefined
  readonly lastExit: { readonly status: number; readonly at: number } | undefined
  /** Deaths of the last ten minutes. */
  readonly deaths: readonly number[]
  readonly nextStartAt: number | undefined
  /** The program's own conversation, to be resumed. */
  readonly conversation: string | undefined
  /** File in which the program writes its conversation down, as its hooks tell. */
  readonly transcript?: string | undefined
  /** Port on loopback of a program that serves one. */
  readonly port?: number | undefined
  /** When the usage limit that its screen shows is over. */
  readonly limitedUntil?: number | undefined
  readonly holds?: readonly Hold[] | undefined
  readonly interruption?: Interruption | undefined
  /** While it is dead: false when its program may still live, as when its tmux server was lost or its pane given away. */
  readonly isDeathCertain?: boolean | undefined
  /** How often it has been quarantined since a start of it last lived for the whole window. */
  readonly quarantines?: number | undefined
  /** What it was given on one day of this machine's calendar. */
  readonly spent?: { readonly day: string; readonly messages: number } | undefined
  /** Limits that the person has lifted, and until when. */
  readonly lifted?: Readonly<Partial<Record<LimitKind, number>>> | undefined
  /** Of the last start. Undefined before there were levels. */
  readonly isolation?: IsolationLevel | undefined
  readonly workdir: string
  readonly branch: string | undefined
}

export interface AgencyRecord {
  readonly name: string
  readonly desired: 'running' | 'stopped'
  readonly createdAt: number
  readonly serverPid: number | undefined
  readonly session: string | undefined
  /** It is stopped when the last of its agents has drained. */
  readonly isDraining?: boolean | undefined
  /** The last good definition: what holds while the file is broken, for the next daemon too. */
  readonly definition?: Definition | undefined
}

// Total on purpose: whether an agent in this state can begin with something.
const TAKES_WORK: Readonly<Record<AgentState, boolean>> = {
  stopped: false,
  starting: true,
  ready: true,
  busy: true,
  waiting: false,
  limited: false,
  shell: false,
  dead: false,
  hung: false,
  unknown: true,
}

/** Whether something new may be given to this agent: it is wished for, nothing holds it, and its state lets it begin. */
export function takesWork(record: Pick<AgentRecord, 'desired' | 'state' | 'holds'>): boolean {
  return record.desired === 'running' && (record.holds ?? []).length === 0 && TAKES_WORK[record.state]
}
