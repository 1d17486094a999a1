/** The store in one thread: each method of the port is one transaction; a batch of calls is one commit. */
import type { AgencyError } from '../../kernel/errors.ts'
import { checkStore } from './check.ts'
import type { Connection } from './connection.ts'
import { isDiskFull, isFatal, toStoreError } from './failure.ts'
import { busMethods } from './methods/bus.ts'
import { lockMethods } from './methods/locks.ts'
import { logMethods } from './methods/log.ts'
import { measureMethods } from './methods/measures.ts'
import { rosterMethods } from './methods/roster.ts'
import { sandboxMethods } from './methods/sandboxes.ts'
import { submissionMethods } from './methods/submissions.ts'
import { taskMethods } from './methods/tasks.ts'
import { openConnection } from './open.ts'
import { type Call, METHODS, type Outcome, type SyncStore } from './protocol.ts'

/** An idle checkpoint below this size would cost more syncs than it saves pages. */
const CHECKPOINT_PAGES = 1_000

export class SqliteEngine {
  readonly connection: Connection
  /** The port's methods, synchronous. */
  readonly store: SyncStore
  readonly #file: string
  #failed: AgencyError | undefined

  /** AgencyError: STORE_DAMAGED, NEWER_STORE, DISK, ENVIRONMENT. A file that is refused stays as it is. */
  constructor(file: string) {
    this.#file = file
    this.connection = openConnection(file)
    this.store = methodsOf(this.connection)
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
    const { connection } = this
    try {
      // Outside of a batch's transaction a call is one of its own, which undoes itself.
      return { value: connection.isInTransaction ? connection.attempt(() => this.#run(call)) : this.#run(call) }
    } catch (error) {
      if (isFatal(error) || isDiskFull(error)) throw error
      return { error: toStoreError(error, this.#file).toDocument() }
    }
  }

  #run({ method, args }: Call): unknown {
    return (this.store[method] as (...args: readonly unknown[]) => unknown)(...args)
  }

  #allFail(calls: readonly Call[], failure: AgencyError): Outcome[] {
    const error = failure.toDocument()
    return calls.map(() => ({ error }))
  }

  /** Moves what is committed from the WAL into the file, when there is enough of it. For moments when nobody waits. */
  checkpointWhenLarge(): void {
    if (this.#failed) return
    const state = this.connection.get<{ log: number; checkpointed: number }>('pragma wal_checkpoint(noop)')
    if (state && state.log - state.checkpointed >= CHECKPOINT_PAGES)
      this.connection.get('pragma wal_checkpoint(passive)')
  }

  close(): void {
    this.connection.close()
  }
}

function methodsOf(connection: Connection): SyncStore {
  return {
    ...busMethods(connection),
    ...rosterMethods(connection),
    ...logMethods(connection),
    ...lockMethods(connection),
    ...taskMethods(connection),
    ...submissionMethods(connection),
    ...measureMethods(connection),
    ...sandboxMethods(connection),
    check: () => checkStore(connection),
  }
}
