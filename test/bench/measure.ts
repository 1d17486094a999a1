/** Figures and how they are shown: medians and p99 of what was measured, and the ratio to a yardstick of the same run. */

export interface Row {
  readonly what: string
  readonly aim: string
  readonly measured: string
  readonly yardstick?: string
  readonly ratio?: string
}

export interface Spread {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

export function spread(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

export async function times(rounds: number, once: (round: number) => unknown): Promise<number[]> {
  const found: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await once(round)
    found.push(performance.now() - start)
  }
  return found
}

/** Two things measured in turns, so that whatever else the machine does falls on both. */
export async function inTurns(rounds: number, one: () => unknown, other: () => unknown): Promise<[Spread, Spread]> {
  const first: number[] = []
  const second: number[] = []
  for (let round = 0; round < rounds; round++) {
    first.push(...(await times(1, one)))
    second.push(...(await times(1, other)))
  }
  return [spread(first), spread(second)]
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
}

export function factor(ratio: number): string {
  return `${ratio.toFixed(2)} ×`
}

export function table(rows: readonly Row[]): string {
  const cells = [
    ['what', 'aim', 'measured', 'yardstick', 'ratio'],
    ...rows.map(row => [row.what, row.aim, row.measured, row.yardstick ?? '', row.ratio ?? '']),
  ]
  const [head, ...body] = cells.map(row => `| ${row.join(' | ')} |`)
  return [head, '|---|---|---|---|---|', ...body].join('\n')
}
