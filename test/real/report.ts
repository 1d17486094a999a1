/** The table that `npm run try:real` prints, in the form in which the README shows it. */
import type { Result } from './trials.ts'

export interface Tried {
  readonly program: string
  readonly version: string
  readonly result: Result
  /** Trial → what it saw. */
  readonly notes: Readonly<Record<string, string>>
  readonly failures: number
}

export function report(tried: readonly Tried[]): string {
  const head = [
    'program',
    'version',
    'start',
    'whole / altered / lost / twice',
    'median',
    'p95',
    'tool call',
    '`--now`',
    'crash',
    'limit',
  ]
  const rows = tried.map(({ program, version, result, notes }) => {
    const { startMs, verdict, latencies } = result
    return [
      program,
      version,
      startMs === undefined ? '–' : `${(startMs / 1000).toFixed(1)} s`,
      verdict ? `${verdict.whole} / ${verdict.altered.length} / ${verdict.lost.length} / ${verdict.twice.length}` : '–',
      ms(quantile(latencies, 0.5)),
      ms(quantile(latencies, 0.95)),
      ...['tool call and dialog', 'send --now', 'crash and resume', 'usage limit'].map(name => cell(notes[name])),
    ]
  })
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}

function cell(note: string | undefined): string {
  return note === undefined ? '–' : note.replaceAll('|', '/').replace(/\s+/g, ' ').slice(0, 90)
}

function ms(value: number | undefined): string {
  return value === undefined ? '–' : `${Math.round(value)} ms`
}

function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}
