/** The store in one thread: each method of the port is one transaction; a batch of calls is one commit. */
import type { AgencyError } from '../../kernel/errors.ts'
import { type Id, newId } from '../../kernel/ids.ts'
import type { AgencyRecord, AgentRecord } from '../../model/agent.ts'
import type { DeliveryChange, DeliveryState } from '../../model/delivery.ts'
import type { Message } from '../../model/message.ts'
import { type Address, agencyOf, SYSTEM } from '../../model/names.ts'
import { type UnitDraft, type UnitType, WORKSPACE_CONTEXT } from '../../model/unit.ts'
import type { MessageFilter, Recipient, Store } from '../store.ts'
import { acceptMessage } from './accept.ts'
import { allAgencies, removeAgency, saveAgency } from './agencies.ts'
import { allAgents, removeAgent, removeAgentsOf, saveAgent } from './agents.ts'
import { checkStore } from './check.ts'
import type { Connection } from './connection.ts'
import {
  claimableFor,
  countWaiting,
  deliveriesOf,
  dueBy,
  inboxOf,
  openInStates,
  openToAgency,
  openToAgent,
  postponeDelivery,
  purgeFailed,
  underWayTo,
} from './deliveries.ts'
import { isDiskFull, isFatal, toStoreError } from './failure.ts'
import { findMessage } from './find.ts'
import { listMessages } from './listing.ts'
import { getMark, setMark } from './marks.ts'
import { repliesTo } from './messages.ts'
import { openConnection } from './open.ts'
import { type Call, METHODS, type Outcome, type SyncStore } from './protocol.ts'
import { advanceDelivery, buryAll, claimFor, requeueDelivery } from './transitions.ts'
import { appendUnit, unitsAfter } from './units.ts'

/** An idle checkpoint below this size would cost more syncs than it saves pages. */
const CHECKPOINT_PAGES = 1_000

export class SqliteEngine implements SyncStore {
  readonly connection: Connection
  readonly #file: string
  #failed: AgencyError | undefined

  /** AgencyError: STORE_DAMAGED, NEWER_STORE, DISK, ENVIRONMENT. A file that is refused stays as it is. */
  constructor(file: string) {
    this.#file = file
    this.connection = openConnection(file)
  }

  /** Why nothing is acknowledged any more; undefined while the disk does what it is told. */
  get failure(): AgencyError | undefined {
    return this.#failed
  }

  /** Runs the calls in their order as one commit. One that fails changes nothing and harms no other; a failing disk fails all. */
  batch(calls: readonly Call[]): Outcome[] {
    if (this.#failed) return this.#allFail(calls, this.#failed)
    try {
      const isAlone = calls.length === 1 || calls.every(({ method }) => METHODS[method].reads)
      return isAlone ? calls.map(call => this.#outcome(call)) : this.#together(calls)
    } catch (error) {
      const failure = toStoreError(error, this.#file)
      if (isFatal(error)) this.#failed = failure
      return this.#allFail(calls, failure)
    }
  }

  /** A savepoint copies every page it changes and makes a burst cost half as much again: they are set only after a call has failed. */
  #together(calls: readonly Call[]): Outcome[] {
    try {
      return this.connection.change(() => calls.map(call => ({ value: this.#run(call) })))
    } catch (error) {
      if (isFatal(error) || isDiskFull(error)) throw error
    }
    return this.connection.change(() => calls.map(call => this.#outcome(call)))
  }

  #outcome(call: Call): Outcome {
    const { database } = this.connection
    try {
      // Outside of a batch's transaction a call is one of its own, which undoes itself.
      return { value: database.inTransaction ? this.connection.attempt(() => this.#run(call)) : this.#run(call) }
    } catch (error) {
      if (isFatal(error) || isDiskFull(error)) throw error
      return { error: toStoreError(error, this.#file).toDocument() }
    }
  }

  #run({ method, args }: Call): unknown {
    return (this[method] as (...args: readonly unknown[]) => unknown).apply(this, [...args])
  }

  #allFail(calls: readonly Call[], failure: AgencyError): Outcome[] {
    const error = failure.toDocument()
    return calls.map(() => ({ error }))
  }

  accept(message: Message, recipients: readonly Recipient[]) {
    return this.connection.change(() => acceptMessage(this.connection, message, recipients))
  }

  next(to: Address, now: number) {
    return claimableFor(this.connection, to, now, 1)[0]
  }

  claim(to: Address, now: number, limit: number) {
    return this.connection.change(() => claimFor(this.connection, to, now, limit))
  }

  advance(delivery: Id, change: DeliveryChange) {
    return this.connection.change(() => advanceDelivery(this.connection, delivery, change))
  }

  postpone(delivery: Id, dueAt: number) {
    this.connection.change(() => postponeDelivery(this.connection, delivery, dueAt))
  }

  underWay(to: Address) {
    return underWayTo(this.connection, to)
  }

  due(now: number, limit: number) {
    return dueBy(this.connection, now, limit)
  }

  inStates(states: readonly DeliveryState[], limit: number) {
    return openInStates(this.connection, states, limit)
  }

  waiting() {
    return countWaiting(this.connection)
  }

  requeue(delivery: Id, at: number) {
    return this.connection.change(() => requeueDelivery(this.connection, delivery, at))
  }

  purge(before: number) {
    return this.connection.change(() => purgeFailed(this.connection, before))
  }

  inbox(to: Address, options: { isUnread: boolean; limit: number }) {
    return inboxOf(this.connection, to, options)
  }

  find(idOrShort: string) {
    return findMessage(this.connection, idOrShort)
  }

  messages(filter: MessageFilter, limit: number) {
    const found = listMessages(this.connection, filter, limit)
    return found.map(({ seq, message }) => ({ seq, message, deliveries: deliveriesOf(this.connection, seq) }))
  }

  replies(message: Id) {
    return repliesTo(this.connection, message)
  }

  saveAgency(record: AgencyRecord, unit?: UnitDraft) {
    this.connection.change(() => {
      saveAgency(this.connection, record)
      if (unit) appendUnit(this.connection, unit)
    })
  }

  saveAgent(record: AgentRecord, unit?: UnitDraft) {
    this.connection.change(() => {
      saveAgent(this.connection, record)
      if (unit) appendUnit(this.connection, unit)
    })
  }

  agencies() {
    return allAgencies(this.connection)
  }

  agents() {
    return allAgents(this.connection)
  }

  removeAgency(name: string, at: number, reason: string) {
    this.connection.change(() => {
      const agents = removeAgentsOf(this.connection, name)
      const wasThere = removeAgency(this.connection, name) || agents > 0
      buryAll(this.connection, openToAgency(this.connection, name), at, reason)
      if (wasThere) appendUnit(this.connection, removal('agency', name, { context: name, at, reason }))
    })
  }

  removeAgent(address: Address, at: number, reason: string) {
    this.connection.change(() => {
      const wasThere = removeAgent(this.connection, address)
      buryAll(this.connection, openToAgent(this.connection, address), at, reason)
      const context = agencyOf(address) ?? WORKSPACE_CONTEXT
      if (wasThere) appendUnit(this.connection, removal('agent-state', address, { context, at, reason }))
    })
  }

  append(unit: UnitDraft) {
    return this.connection.change(() => appendUnit(this.connection, unit))
  }

  units(filter: Parameters<Store['units']>[0], limit: number) {
    return unitsAfter(this.connection, filter, limit)
  }

  mark(name: string, value: string) {
    this.connection.change(() => setMark(this.connection, name, value))
  }

  marked(name: string) {
    return getMark(this.connection, name)
  }

  check() {
    return checkStore(this.connection)
  }

  /** Moves what is committed from the WAL into the file, when there is enough of it. For moments when nobody waits. */
  checkpointWhenLarge(): void {
    if (this.#failed) return
    const [state] = this.connection.database.pragma('wal_checkpoint(noop)') as { log: number; checkpointed: number }[]
    if (state && state.log - state.checkpointed >= CHECKPOINT_PAGES)
      this.connection.database.pragma('wal_checkpoint(passive)')
  }

  close(): void {
    this.connection.database.close()
  }
}

function removal(
  type: UnitType,
  subject: string,
  { context, at, reason }: { context: string; at: number; reason: string },
): UnitDraft {
  const metadata = { event: 'remove', reason }
  return { id: newId(), context, agent: SYSTEM, type, at, subject, metadata, payload: undefined, relations: [] }
}
