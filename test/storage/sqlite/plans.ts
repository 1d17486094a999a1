/** How SQLite goes about what is asked of it. */
import type { Connection } from '../../../src/storage/sqlite/connection.ts'

export interface Plan {
  readonly sql: string
  /** One step a line, as `explain query plan` tells it. */
  readonly plan: string
}

/** The plans of what `work` asks, in its order: of lists alone, or of all that is read. */
export function plansOf(
  connection: Connection,
  work: () => unknown,
  reads: readonly ('all' | 'get')[] = ['all'],
): readonly Plan[] {
  const { all, get } = connection
  const seen: string[] = []
  const noted = (real: (sql: string, ...values: never[]) => unknown) =>
    ((sql: string, ...values: never[]) => {
      seen.push(sql)
      return real.call(connection, sql, ...values)
    }) as never
  if (reads.includes('all')) connection.all = noted(all)
  if (reads.includes('get')) connection.get = noted(get)
  try {
    work()
  } finally {
    Object.assign(connection, { all, get })
  }
  return seen.map(sql => {
    const named = Object.fromEntries(Array.from(sql.matchAll(/@(\w+)/g), ([, name]) => [name, 1]))
    const values = sql.includes('@') ? [named] : Array.from(sql.matchAll(/\?/g), () => 1)
    const steps = connection.all<{ detail: string }>(`explain query plan ${sql}`, ...values)
    return { sql, plan: steps.map(({ detail }) => detail).join('\n') }
  })
}
