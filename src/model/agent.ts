/** What an agent is doing just now, and the record the daemon keeps of it. */
import type { Definition } from './definition.ts'
import type { Address } from './names.ts'

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

/** Whether new work may be given to it. */
export function takesWork({ desired, state }: Pick<AgentRecord, 'desired' | 'state'>): boolean {
  return desired === 'running' && (state === 'ready' || state === 'busy' || state === 'starting' || state === 'unknown')
}

/** A state with what decided it, shown by `agency explain`. */
export interface Reading {
  readonly state: AgentState
  /** Which rule of the driver's profile, hook, or process fact decided. */
  readonly rule: string
  /** The words on the screen, the event, or the number that was seen. */
  readonly evidence: string
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
  readonly workdir: string
  readonly branch: string | undefined
}

export interface AgencyRecord {
  readonly name: string
  readonly desired: 'running' | 'stopped'
  readonly createdAt: number
  readonly serverPid: number | undefined
  readonly session: string | undefined
  /** The last good definition: what holds while the file is broken, for the next daemon too. */
  readonly definition?: Definition | undefined
}
