import { AgencyError } from '../../kernel/errors.ts'
import type { Measures } from '../../model/measures.ts'
import { momentOf } from '../moment.ts'
import { columns, dayAndTime, paint } from '../text.ts'
import type { Verb } from '../verb.ts'

interface MeasuredDocument {
  readonly name: string
  readonly measures: Measures
  readonly days?: readonly { readonly day: string; readonly measures: Measures }[]
}

interface ReportDocument {
  readonly since: string
  readonly humanFactor: number
  readonly agencies: readonly (MeasuredDocument & { readonly agents: readonly MeasuredDocument[] })[]
}

type Row = readonly [name: string, measures: Measures]

export const verb: Verb = {
  name: 'metrics',
  arguments: [{ form: '[target]', about: 'an agency, or one agent of it' }],
  options: [
    { form: '--since <time>', about: 'of the last 24h, 7d (default), 30d, or from 2026-11-21 on' },
    { form: '--by <part>', about: 'a small history', choices: ['day'] },
    { form: '--prometheus', about: 'everything in the form that Prometheus reads; the socket has it too, at /metrics' },
  ],
  examples: [
    'agency metrics',
    'agency metrics CodeAgency --since 30d',
    'agency metrics CodeAgency/go-agent --by day',
    "agency metrics --json | jq '.agencies[].agents[] | {name, firstReview: .measures.firstReview}'",
    'agency metrics --prometheus > /var/lib/node_exporter/agency.prom',
  ],
  async run(context, [target], options) {
    const client = await context.client()
    if (options.prometheus) {
      const data = (await client.get('/v1/metrics/exposition')) as { text: string }
      return { data, text: data.text.trimEnd() }
    }
    const sinceMs = momentOf(options.since, '--since')
    const query = { target, sinceMs, byDay: options.by === 'day' ? '1' : undefined }
    if (sinceMs !== undefined && sinceMs > Date.now())
      throw new AgencyError('USAGE', `--since ${String(options.since)} has not come yet`, { hint: '--since 7d' })
    const data = (await client.get('/v1/metrics', query)) as ReportDocument
    if (data.agencies.length === 0) return { data, text: 'no agencies yet\nnext   agency create CodeAgency' }
    const tables = data.agencies.map(agency => {
      const isAgent = String(target ?? '').includes('/')
      return `${paint('bold', agency.name)}  ${paint('gray', `since ${dayAndTime(data.since)}`)}\n${table(rowsOf(agency, isAgent))}`
    })
    return { data, text: `${tables.join('\n\n')}\n\n${legend(data.humanFactor)}` }
  },
}

/** The agency and then each of its agents; or the days of what was asked for. */
function rowsOf(agency: ReportDocument['agencies'][number], isAgent: boolean): readonly Row[] {
  const shown = isAgent ? agency.agents : [agency]
  const days = shown.flatMap(({ days = [] }) => days.map(({ day, measures }): Row => [day, measures]))
  if (days.length > 0) return days
  const agents = agency.agents.map(({ name, measures }): Row => [name.slice(agency.name.length + 1), measures])
  return isAgent ? agents : [...agents, ['all', agency.measures]]
}

function table(rows: readonly Row[]): string {
  const work = rows.map(([name, one]) => [
    `  ${name}`,
    String(one.succeeded),
    String(one.failed),
    percent(one.autonomous),
    percent(one.firstReview),
    pair(one.tests, ({ passed, failed }) => `${passed}/${failed}`),
    one.coverage === null ? '–' : `${Math.round(one.coverage)} %`,
    number(one.bugRate),
    one.savedMinutes === null ? '–' : span(one.savedMinutes * 60_000),
  ])
  const way = rows.map(([name, one]) => [
    `  ${name}`,
    pair(one.handoff, ({ meanMs }) => span(meanMs)),
    pair(one.handoff, ({ p95Ms }) => span(p95Ms)),
    pair(one.response, ({ medianMs }) => span(medianMs)),
    pair(one.response, ({ p95Ms }) => span(p95Ms)),
    pair(one.checks, ({ runs, failed }) => `${runs}/${failed}`),
    number(one.reviewScore),
    `${one.restarts}/${one.interruptions}`,
  ])
  const first = ['', 'done', 'failed', 'alone', '1st ok', 'tests', 'cover', 'bugs', 'saved']
  const second = ['', 'handoff', 'p95', 'answer', 'p95', 'checks', 'score', 'restarts']
  return `${columns([heading(first), ...work])}\n${columns([heading(second), ...way])}`
}

function heading(words: readonly string[]): readonly string[] {
  return words.map(word => paint('gray', word))
}

function legend(humanFactor: number): string {
  return paint(
    'gray',
    [
      'done, alone: tasks that succeeded, and the share that no person had a hand in',
      '1st ok: share of judged tasks whose first completion was good, for checks, the',
      '  person and other agencies · tests: passed/failed · checks: runs/failed',
      'bugs: reported by others, per task done · score: mean of their reports',
      'handoff: work accepted → confirmed, mean · answer: confirmed → answer, median',
      'restarts: of its program/tasks interrupted · –: not known',
      `saved: an estimate, a task's own or working time × ${humanFactor} (metrics.humanFactor)`,
    ].join('\n'),
  )
}

function pair<T>(value: T | null, show: (value: T) => string): string {
  return value === null ? '–' : show(value)
}

function percent(share: number | null): string {
  return share === null ? '–' : `${Math.round(share * 100)} %`
}

function number(value: number | null): string {
  return value === null ? '–' : String(Math.round(value * 100) / 100)
}

/** `80 ms`, `1.4 s`, `12 min`, `3.5 h`. */
function span(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 90_000) return `${Math.round(ms / 100) / 10} s`
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`
  return `${Math.round(ms / 360_000) / 10} h`
}
