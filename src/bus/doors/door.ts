/** A door: one way in which a message reaches an agent's program. */
import type { Settings } from '../../config/settings.ts'
import type { Workspace } from '../../config/workspace.ts'
import type { Driver } from '../../drivers/driver.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { AgentRecord } from '../../model/agent.ts'
import type { Delivery } from '../../model/delivery.ts'
import type { Message } from '../../model/message.ts'
import type { DeliveryWithMessage } from '../../storage/store.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { Ledger } from '../ledger.ts'

export interface DoorParts {
  readonly workspace: Workspace
  readonly ledger: Ledger
  readonly terminal: Terminal
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
}

/** Why a message cannot go now, in words for `trace` and `explain`, and until when, where that is known (milliseconds since the epoch). */
export interface Obstacle {
  readonly reason: string
  readonly until?: number | undefined
  /** The rule by which its screen shows a usage limit. */
  readonly limit?: string | undefined
}

/** Why a message may not be read yet, whatever its recipient does; undefined when it may. */
export type MessageGate = (item: DeliveryWithMessage) => Promise<Obstacle | undefined>

export interface Door {
  /** Undefined when this message may go now. */
  obstacle(agent: AgentRecord, driver: Driver, message: Message): Promise<Obstacle | undefined>
  /** How many more deliveries may be claimed now. */
  room(agent: AgentRecord, underWay: readonly Delivery[]): number
  /** Hands a claimed delivery over and records what became of it. */
  handOver(item: DeliveryWithMessage, agent: AgentRecord, driver: Driver, signal: AbortSignal): Promise<void>
  /** Finds out what became of a hand-over without evidence, after a crash or a time-out. */
  resolve(item: DeliveryWithMessage, agent: AgentRecord, driver: Driver): Promise<void>
}
