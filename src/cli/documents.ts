/** What the daemon answers, as far as the command line reads it. */
import type { RunDocument } from './runLines.ts'

/** `ids` is empty when it is too much to name. */
export interface ChangeDocument {
  readonly kind: string
  readonly ids: readonly string[]
}

export interface HoldDocument {
  readonly kind: string
  readonly by: string
  readonly at: string
  readonly until?: string
  readonly why: string
  readonly limit?: string
}

export interface AgentDocument {
  readonly name: string
  readonly address: string
  readonly state: string
  readonly since: string
  readonly rule: string
  readonly evidence: string
  readonly limitedUntil?: string
  readonly nextStartAt?: string
  readonly holds: readonly HoldDocument[]
  readonly driver: string
  readonly isolation: string
  readonly pane?: string
  readonly pid?: number
  readonly queued: number
  readonly tasks: readonly string[]
}

export interface AgencyDocument {
  readonly name: string
  readonly session?: string
  readonly state: string
  readonly coordinator: string
  readonly capabilities: readonly string[]
  readonly problem?: string
  readonly agents: readonly AgentDocument[]
}

export interface StatusDocument {
  readonly daemon: { readonly pid: number; readonly version: string }
  readonly agencies: readonly AgencyDocument[]
}

export interface SentDelivery {
  readonly id: string
  readonly to: string
  readonly state: string
  readonly kind: string
  readonly reason?: string
}

export interface SentDocument {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly type: string
  readonly duplicate?: boolean
  readonly deliveries: readonly SentDelivery[]
}

export interface MessageDocument {
  readonly id: string
  readonly seq?: number
  readonly from: string
  readonly spokenBy?: string
  readonly to: string
  readonly type: string
  readonly at: string
  readonly body: string
  readonly payload?: Readonly<Record<string, unknown>>
  readonly state: string
  readonly kind?: string
  readonly reason?: string
  readonly redelivery?: boolean
  readonly replyTo?: string
  readonly deliveries?: readonly {
    readonly to: string
    readonly state: string
    readonly kind: string
    readonly reason?: string
  }[]
}

export interface TaskDocument {
  readonly id: string
  readonly label: string
  readonly title: string
  readonly body: string
  readonly agency?: string
  readonly assignee?: string
  readonly needs: readonly string[]
  readonly createdBy: string
  readonly createdAt: string
  readonly priority: string
  readonly parent?: string
  readonly dependsOn: readonly { readonly task: string; readonly on: string }[]
  readonly deadline?: string
  readonly state: string
  readonly since: string
  readonly reason?: string
  readonly claimant?: string
  readonly epoch: number
  readonly notBefore?: string
  readonly attempts: number
  readonly maxAttempts: number
  readonly interruptions: number
  readonly iteration: number
  readonly result?: {
    readonly summary: string
    readonly commits: readonly string[]
    readonly artifacts: readonly string[]
  }
  readonly evidence?: {
    readonly commit?: string
    readonly ahead: number
    readonly files: readonly string[]
    readonly checks: readonly RunDocument[]
    readonly problems: readonly string[]
  }
  readonly isUnapproved: boolean
}

export interface TaskStoryDocument {
  readonly task: Omit<TaskDocument, 'dependsOn'> & {
    readonly dependsOn: readonly {
      readonly task: string
      readonly on: string
      readonly label: string
      readonly title: string
      readonly state: string
    }[]
  }
  readonly parts: readonly TaskDocument[]
  readonly events: readonly {
    readonly at: string
    readonly by: string
    readonly event: string
    readonly from?: string
    readonly state: string
    readonly reason?: string
    readonly claimant?: string
  }[]
}

export interface TraceDocument {
  readonly message: MessageDocument
  readonly deliveries: readonly {
    readonly id: string
    readonly to: string
    readonly kind: string
    readonly state: string
    readonly attempts: number
    readonly reason?: string
    readonly door?: string
    readonly events: readonly {
      readonly at: string
      readonly state: string
      readonly event: string
      readonly evidence?: string
      readonly reason?: string
    }[]
  }[]
  readonly replies: readonly MessageDocument[]
}
