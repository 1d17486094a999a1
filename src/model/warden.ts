/** What the daemon and a sandbox's warden say to each other: the order that it is started with, and the words on its socket. */
import type { MockRoute } from './mocks.ts'
import type { OpenApiDocument } from './openApi.ts'
import type { IsolationLevel, SandboxPorts } from './sandbox.ts'

export interface WardenOrder {
  readonly id: string
  /** What its window shows at its head. */
  readonly title: string
  readonly folder: string
  readonly logs: string
  /** All that its programs see of the environment. */
  readonly env: Readonly<Record<string, string>>
  readonly app: string | undefined
  readonly mocks: readonly MockRoute[]
  /** Ask where no route answers. */
  readonly documents: readonly OpenApiDocument[]
  readonly ports: SandboxPorts
  readonly url: string | undefined
  readonly isolation: IsolationLevel
  readonly sockets: { readonly control: string; readonly preview: string; readonly database: string }
  /** Isolated: the words of bwrap up to the program, which the warden outside starts its other half with. */
  readonly cage: readonly string[]
  /** Isolated: the database outside. */
  readonly database: { readonly host: string; readonly port: number } | { readonly path: string } | undefined
}

export type WardenLog = 'app' | 'tests' | 'mocks' | 'seed'

export type WardenRequest =
  | { readonly do: 'status' }
  | { readonly do: 'start' }
  | { readonly do: 'stop' }
  | {
      readonly do: 'run'
      /** Program and arguments. */
      readonly argv: readonly string[]
      /** Kept in this log; without one, told as it comes. */
      readonly log?: WardenLog
      /** Recorded beside its log, as a terminal would have shown it. */
      readonly isRecorded?: boolean
      readonly timeoutMs: number
    }

export interface RunEnd {
  /** Undefined when it was ended. */
  readonly status?: number
  readonly ended?: string
  readonly seconds: number
  /** Nobody saw its end: the sandbox itself has gone. That says nothing of the command. */
  readonly isLost?: true
}

export interface WardenStatus {
  readonly app: 'none' | 'running' | 'ended'
  readonly exit?: number
  readonly startedAt?: number
}

/** One on each line. */
export type WardenReply =
  | { readonly out: string }
  | { readonly done: RunEnd }
  | { readonly status: WardenStatus }
  | { readonly error: string }
