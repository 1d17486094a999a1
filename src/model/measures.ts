/** How well agents and agencies work: facts from the record to figures. What is not known is null, never 0. */
import { type Address, agencyOf } from './names.ts'

interface Fact {
  /** Undefined for what belongs to an agency and to nobody in it. */
  readonly agent: Address | undefined
  readonly agency: string | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A task that has come to its end, and stayed there. */
export interface TaskFact extends Fact {
  readonly id: string
  readonly outcome: 'succeeded' | 'failed' | 'dead'
  /** Nobody of flesh and blood had a hand in it between its creation and its end. */
  readonly isAutonomous: boolean
  /** Somebody or something has judged a completion of it. */
  readonly wasReviewed: boolean
  /** Its first completion was not sent back, nor found bad afterwards. */
  readonly isFirstPass: boolean
  readonly workedMs: number
  readonly estimateMinutes: number | null
  readonly testsPassed: number | null
  readonly testsFailed: number | null
  readonly checkRuns: number
  readonly checksFailed: number
  /** Share of lines, 0 to 100. */
  readonly coverage: number | null
}

/** Work that was handed in without a task, when it was judged first: by its checks and tests, or by the person. */
export interface ReviewFact extends Fact {
  readonly isGood: boolean
}

/** handoff: accepted to confirmed, of work that was given · response: confirmed to the first answer. */
export interface TimeFact extends Fact {
  readonly kind: 'handoff' | 'response'
  readonly ms: number
}

/** What another agency reported of work. */
export interface ResultFact extends Fact {
  readonly bugs: number | null
  readonly score: number | null
}

export interface DisturbanceFact extends Fact {
  readonly kind: 'restart' | 'interruption'
}

export interface Facts {
  readonly tasks: readonly TaskFact[]
  readonly reviews: readonly ReviewFact[]
  readonly times: readonly TimeFact[]
  readonly results: readonly ResultFact[]
  readonly disturbances: readonly DisturbanceFact[]
}

/** Shares are 0 to 1, times are milliseconds. */
export interface Measures {
  readonly succeeded: number
  readonly failed: number
  /** Share of succeeded tasks that no person had a hand in. */
  readonly autonomous: number | null
  /** Share of judged tasks, and of what was handed in without one, whose first judgment was good. */
  readonly firstReview: number | null
  readonly handoff: { readonly count: number; readonly meanMs: number; readonly p95Ms: number } | null
  readonly response: { readonly count: number; readonly medianMs: number; readonly p95Ms: number } | null
  readonly tests: { readonly passed: number; readonly failed: number } | null
  readonly checks: { readonly runs: number; readonly failed: number } | null
  /** Mean of the tasks that tell one, 0 to 100. */
  readonly coverage: number | null
  /** Bugs that others reported, for each succeeded task. */
  readonly bugRate: number | null
  readonly reviewScore: number | null
  /** An estimate: what a person would have needed for the succeeded tasks. */
  readonly savedMinutes: number | null
  readonly restarts: number
  readonly interruptions: number
}

export const NO_FACTS: Facts = { tasks: [], reviews: [], times: [], results: [], disturbances: [] }

/** `humanFactor`: how many minutes a person needs for what an agent does in one, where a task has no estimate of its own. */
export function measure(facts: Facts, { humanFactor }: { readonly humanFactor: number }): Measures {
  const { tasks, reviews, times, results, disturbances } = facts
  const succeeded = tasks.filter(({ outcome }) => outcome === 'succeeded')
  const judged = tasks.filter(({ wasReviewed }) => wasReviewed).map(({ isFirstPass }) => isFirstPass)
  const handoffs = times.filter(({ kind }) => kind === 'handoff').map(({ ms }) => ms)
  const responses = times.filter(({ kind }) => kind === 'response').map(({ ms }) => ms)
  const tested = tasks.filter(({ testsPassed, testsFailed }) => testsPassed !== null || testsFailed !== null)
  const checkRuns = sum(tasks.map(task => task.checkRuns))
  const bugs = known(results.map(result => result.bugs))
  return {
    succeeded: succeeded.length,
    failed: tasks.length - succeeded.length,
    autonomous: share(succeeded, ({ isAutonomous }) => isAutonomous),
    firstReview: share([...judged, ...reviews.map(({ isGood }) => isGood)], isGood => isGood),
    handoff:
      handoffs.length > 0
        ? { count: handoffs.length, meanMs: mean(handoffs)!, p95Ms: percentile(handoffs, 95)! }
        : null,
    response:
      responses.length > 0
        ? { count: responses.length, medianMs: percentile(responses, 50)!, p95Ms: percentile(responses, 95)! }
        : null,
    tests:
      tested.length > 0
        ? {
            passed: sum(tested.map(({ testsPassed }) => testsPassed ?? 0)),
            failed: sum(tested.map(({ testsFailed }) => testsFailed ?? 0)),
          }
        : null,
    checks: checkRuns > 0 ? { runs: checkRuns, failed: sum(tasks.map(task => task.checksFailed)) } : null,
    coverage: mean(known(tasks.map(task => task.coverage))),
    bugRate: bugs.length > 0 && succeeded.length > 0 ? sum(bugs) / succeeded.length : null,
    reviewScore: mean(known(results.map(({ score }) => score))),
    savedMinutes: succeeded.length > 0 ? sum(succeeded.map(task => savedMinutes(task, humanFactor))) : null,
    restarts: disturbances.filter(({ kind }) => kind === 'restart').length,
    interruptions: disturbances.filter(({ kind }) => kind === 'interruption').length,
  }
}

function savedMinutes({ estimateMinutes, workedMs }: TaskFact, humanFactor: number): number {
  return estimateMinutes ?? (workedMs / 60_000) * humanFactor
}

/** Which facts are whose: each agency's, and each agent's of it. An agent's are its agency's too. */
export function groupFacts(facts: Facts): ReadonlyMap<string, Facts> {
  const groups = new Map<string, { -readonly [Key in keyof Facts]: Facts[Key][number][] }>()
  const add = <Kind extends keyof Facts>(kind: Kind, fact: Facts[Kind][number]) => {
    const agency = fact.agency ?? (fact.agent === undefined ? undefined : agencyOf(fact.agent))
    // An agent may do what is another agency's task: it is that agent's work, and that agency's.
    for (const name of new Set([agency, fact.agent])) {
      if (name === undefined) continue
      const group = groups.get(name) ?? { tasks: [], reviews: [], times: [], results: [], disturbances: [] }
      groups.set(name, group)
      ;(group[kind] as Facts[Kind][number][]).push(fact)
    }
  }
  for (const kind of ['tasks', 'reviews', 'times', 'results', 'disturbances'] as const)
    for (const fact of facts[kind]) add(kind, fact)
  return groups
}

/** Facts of each part of a time that begins at one of these moments and ends at the next; oldest first. */
export function splitByTime(facts: Facts, starts: readonly number[]): readonly Facts[] {
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? Number.POSITIVE_INFINITY
    const isIn = ({ at }: Fact) => at >= start && at < end
    return {
      tasks: facts.tasks.filter(isIn),
      reviews: facts.reviews.filter(isIn),
      times: facts.times.filter(isIn),
      results: facts.results.filter(isIn),
      disturbances: facts.disturbances.filter(isIn),
    }
  })
}

/** Facts read page by page as one; a task that ended twice counts with its last end. */
export function joinFacts(pages: readonly Facts[]): Facts {
  return {
    tasks: [...new Map(pages.flatMap(page => page.tasks).map(task => [task.id, task])).values()],
    reviews: pages.flatMap(page => page.reviews),
    times: pages.flatMap(page => page.times),
    results: pages.flatMap(page => page.results),
    disturbances: pages.flatMap(page => page.disturbances),
  }
}

/** The smallest value that so many per cent of the values do not exceed. Undefined for none. */
export function percentile(values: readonly number[], percent: number): number | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length
}

function share<T>(all: readonly T[], isGood: (one: T) => boolean): number | null {
  return all.length === 0 ? null : all.filter(isGood).length / all.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter(value => value !== null)
}
