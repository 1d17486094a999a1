/** GET /metrics in the text format of Prometheus. Loaded with the first scrape: a daemon that nobody asks pays nothing for it. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Roster } from '../agencies/roster.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Measures } from '../model/measures.ts'
import type { Store } from '../storage/store.ts'
import type { Count, EventCounts, Labels } from './eventCounts.ts'
import type { MeasureBook, Measured, MeasureReport } from './measures.ts'

export interface ExpositionText {
  readonly contentType: string
  readonly text: string
}

export interface ExpositionParts {
  readonly roster: Roster
  readonly store: Store
  readonly clock: Clock
  readonly book: MeasureBook
  readonly counts: EventCounts
  readonly version: string
  readonly loops: () => readonly { readonly name: string; readonly ticks: number; readonly failures: number }[]
}

const WEEK_MS = 7 * 86_400_000
/** The week is measured anew after this time at the earliest, however often somebody scrapes. */
const FRESH_MS = 60_000
/** Gauges that Node's set calls totals, which only counters may be called. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

type Figure = (measures: Measures) => number | null | undefined

const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000)

/** What is known of a week, of each agent and of each agency. What is not known has no sample. */
const WEEK: readonly (readonly [name: string, help: string, figure: Figure])[] = [
  ['tasks_succeeded', 'Tasks that succeeded', measures => measures.succeeded],
  ['tasks_failed', 'Tasks that failed or came to no judgment', measures => measures.failed],
  ['autonomous_ratio', 'Share of succeeded tasks that no person had a hand in', measures => measures.autonomous],
  ['first_review_ratio', 'Share of judged tasks whose first completion was good', measures => measures.firstReview],
  [
    'handoff_mean_seconds',
    'Mean time from accepted to confirmed of work given',
    ({ handoff }) => seconds(handoff?.meanMs),
  ],
  [
    'handoff_p95_seconds',
    '95th percentile of the time from accepted to confirmed of work given',
    ({ handoff }) => seconds(handoff?.p95Ms),
  ],
  [
    'response_median_seconds',
    'Median time from confirmed to the first answer',
    ({ response }) => seconds(response?.medianMs),
  ],
  [
    'response_p95_seconds',
    '95th percentile of the time from confirmed to the first answer',
    ({ response }) => seconds(response?.p95Ms),
  ],
  ['tests_passed', 'Tests that passed in the evidence of ended tasks', ({ tests }) => tests?.passed],
  ['tests_failed', 'Tests that failed in the evidence of ended tasks', ({ tests }) => tests?.failed],
  [
    'coverage_ratio',
    'Mean share of covered lines in the evidence of ended tasks',
    ({ coverage }) => (coverage === null ? null : coverage / 100),
  ],
  ['bugs_per_task', 'Bugs that others reported, for each succeeded task', measures => measures.bugRate],
  ['review_score', 'Mean score in reports of results', measures => measures.reviewScore],
  [
    'saved_seconds',
    'Estimated time that a person would have needed for the succeeded tasks',
    ({ savedMinutes }) => (savedMinutes === null ? null : savedMinutes * 60),
  ],
  ['restarts', 'Starts of an agent program after its first', measures => measures.restarts],
  ['interruptions', 'Tasks taken from an agent by no fault of its work', measures => measures.interruptions],
]

export class Exposition {
  readonly #registry = new Registry()
  #week: { readonly report: MeasureReport; readonly at: number } | undefined

  constructor(private readonly parts: ExpositionParts) {
    collectDefaultMetrics({ register: this.#registry })
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name)
    const { roster, store, counts, version } = parts
    this.#gauge('agency_build_info', 'Version of the daemon', ['version'], () => [[{ version }, 1]])
    this.#gauge(
      'agency_deliveries',
      'Deliveries that are open, or have failed and were not dealt with, by state',
      ['state'],
      async () => byState(await store.deliveryCounts()),
    )
    this.#gauge('agency_tasks', 'Tasks that are open, by state', ['state'], async () =>
      byState(await store.openTaskCounts()),
    )
    this.#gauge('agency_agents', 'Agents by state', ['state'], () => {
      const states = new Map<string, number>()
      for (const { state } of roster.agents.values()) states.set(state, (states.get(state) ?? 0) + 1)
      return byState(states)
    })
    this.#counter('agency_messages_accepted_total', 'Messages accepted, by type', ['type'], counts.messages)
    this.#counter(
      'agency_delivery_changes_total',
      'Changes of deliveries, by the state they came into',
      ['state'],
      counts.deliveryChanges,
    )
    this.#counter(
      'agency_tasks_ended_total',
      'Tasks that came to their end',
      ['agency', 'agent', 'outcome'],
      counts.tasksEnded,
    )
    this.#counter(
      'agency_task_interruptions_total',
      'Tasks taken from an agent by no fault of its work',
      ['agency', 'agent'],
      counts.interruptions,
    )
    this.#counter('agency_agent_starts_total', 'Starts of agent programs', ['agency', 'agent'], counts.starts)
    this.#loops()
    for (const figure of WEEK) this.#weekly(figure)
  }

  /** The whole exposition, with the type to send it as. */
  async text(): Promise<ExpositionText> {
    await this.#measureWeek()
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() }
  }

  async #measureWeek(): Promise<void> {
    const now = this.parts.clock.now()
    if (this.#week && now - this.#week.at < FRESH_MS) return
    this.#week = { report: await this.parts.book.report({ sinceMs: now - WEEK_MS, isByDay: false }), at: now }
  }

  #weekly([name, help, figure]: (typeof WEEK)[number]): void {
    const samples = (measured: readonly (Measured & { labels: Labels })[]) =>
      measured.flatMap(({ labels, measures }): [Labels, number][] => {
        const value = figure(measures)
        return value === null || value === undefined ? [] : [[labels, value]]
      })
    const agencies = () => this.#week?.report.agencies ?? []
    this.#gauge(`agency_team_week_${name}`, `${help}, in the last 7 days, of an agency`, ['agency'], () =>
      samples(agencies().map(agency => ({ ...agency, labels: { agency: agency.name } }))),
    )
    this.#gauge(`agency_agent_week_${name}`, `${help}, in the last 7 days, of an agent`, ['agency', 'agent'], () =>
      samples(
        agencies().flatMap(({ name: agency, agents }) =>
          agents.map(agent => ({ ...agent, labels: { agency, agent: agent.name } })),
        ),
      ),
    )
  }

  #gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => readonly (readonly [Labels, number])[] | Promise<readonly (readonly [Labels, number])[]>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      async collect() {
        const samples = await read()
        this.reset()
        for (const [labels, value] of samples) this.set(labels, value)
      },
    })
  }

  #counter(name: string, help: string, labelNames: readonly string[], count: Count): void {
    this.#counted(name, help, labelNames, () => count.values().map(({ labels, value }) => [labels, value]))
  }

  #counted(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => readonly (readonly [Labels, number])[],
  ): void {
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect() {
        this.reset()
        for (const [labels, value] of read()) this.inc(labels, value)
      },
    })
  }

  #loops(): void {
    const { loops } = this.parts
    const of = (figure: 'ticks' | 'failures') => () => loops().map(loop => [{ loop: loop.name }, loop[figure]] as const)
    this.#counted('agency_loop_ticks_total', 'Rounds of each loop of the daemon', ['loop'], of('ticks'))
    this.#counted('agency_loop_failures_total', 'Rounds of each loop that failed', ['loop'], of('failures'))
  }
}

function byState(counts: ReadonlyMap<string, number>): readonly (readonly [Labels, number])[] {
  return [...counts].map(([state, count]) => [{ state }, count] as const)
}
