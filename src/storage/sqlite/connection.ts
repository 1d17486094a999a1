/** One open database: statements prepared once by their text, and transactions that take the write lock at once. */
import type Database from 'better-sqlite3'

/** In the order of the question marks, or one record for the `@names`. */
export type Value = string | number | null | undefined | Readonly<Record<string, string | number | undefined>>

export class Connection {
  readonly database: Database.Database
  readonly #statements = new Map<string, Database.Statement<unknown[]>>()

  constructor(database: Database.Database) {
    this.database = database
  }

  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined
  }

  all<Row>(sql: string, ...values: readonly Value[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[]
  }

  /** Returns how many rows changed. */
  run(sql: string, ...values: readonly Value[]): number {
    return this.#prepared(sql).run(...values).changes
  }

  /**
   * One transaction, or a part of the one that is open. Never deferred: a reader that upgrades fails at once as busy
   * (90 % of the time with four writers).
   */
  change<T>(work: () => T): T {
    if (this.database.inTransaction) return work()
    return this.#between('begin immediate', 'commit', 'rollback', work)
  }

  /** A part of the open transaction that can fail without harm to the rest of it. */
  attempt<T>(work: () => T): T {
    return this.#between('savepoint request', 'release request', 'rollback to request', work)
  }

  #between<T>(begin: string, end: string, undo: string, work: () => T): T {
    this.run(begin)
    try {
      const result = work()
      this.run(end)
      return result
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (this.database.inTransaction) this.run(undo)
      throw error
    }
  }

  #prepared(sql: string): Database.Statement<unknown[]> {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.database.prepare<unknown[]>(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
