/** One open database: statements prepared once by their text, and transactions that take the write lock at once. */
import Database from 'better-sqlite3'

/** In the order of the question marks, or one record for the `@names`. */
export type Value = string | number | null | undefined | Readonly<Record<string, string | number | undefined>>

/**
 * Every connection with all of its statements, for as long as the thread lives: compiled for Node 24.19 or later, the binding
 * ends the process when one of its objects is collected while no script runs (`env != nullptr`).
 */
const kept: Connection[] = []

export class Connection {
  readonly #database: Database.Database
  readonly #statements = new Map<string, Database.Statement<unknown[]>>()

  /** Throws what SQLite says of a file that it cannot open. */
  constructor(file: string, options: Readonly<Database.Options>) {
    this.#database = new Database(file, options)
    kept.push(this)
  }

  get isInTransaction(): boolean {
    return this.#database.inTransaction
  }

  /** Runs statements that return nothing, and are not needed again. */
  execute(sql: string): void {
    this.#database.exec(sql)
  }

  /** The first column of the first row. */
  value(sql: string): unknown {
    return Object.values(this.get<object>(sql) ?? {})[0]
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
    if (this.isInTransaction) return work()
    return this.#between('begin immediate', 'commit', 'rollback', work)
  }

  /** A part of the open transaction that can fail without harm to the rest of it. */
  attempt<T>(work: () => T): T {
    return this.#between('savepoint request', 'release request', 'rollback to request', work)
  }

  close(): void {
    this.#database.close()
  }

  #between<T>(begin: string, end: string, undo: string, work: () => T): T {
    this.run(begin)
    try {
      const result = work()
      this.run(end)
      return result
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (this.isInTransaction) this.run(undo)
      throw error
    }
  }

  #prepared(sql: string): Database.Statement<unknown[]> {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#database.prepare<unknown[]>(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
