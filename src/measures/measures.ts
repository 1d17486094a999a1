/** agency metrics: how well each agency and agent works, over a time and by day, from what the log tells. */
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import { type Facts, groupFacts, joinFacts, type Measures, measure, NO_FACTS, splitByTime } from '../model/measures.ts'
import { splitAddress } from '../model/names.ts'
import type { Store } from '../storage/store.ts'

export interface MeasuresParts {
  readonly store: Store
  readonly roster: Roster
  readonly settings: Settings
  readonly clock: Clock
}

export interface MeasureQuery {
  /** An agency, or an agent of one; all of them without. */
  readonly target?: string | undefined
  readonly sinceMs: number
  readonly isByDay: boolean
}

export interface Measured {
  /** An agency's name or an agent's address. */
  readonly name: string
  readonly measures: Measures
  /** One for each day, oldest first, when they were asked for. */
  readonly days?: readonly { readonly day: string; readonly measures: Measures }[]
}

export interface MeasuredAgency extends Measured {
  readonly agents: readonly Measured[]
}

export interface MeasureReport {
  readonly since: number
  readonly until: number
  readonly humanFactor: number
  readonly agencies: readonly MeasuredAgency[]
}

/** Order numbers condensed in one go: 15 ms of the store's time where every fourteenth is the end of a task, on a busy machine. */
const STRETCH = 1_000
const DAY_MS = 86_400_000
const MOST_DAYS = 92

export class MeasureBook {
  constructor(private readonly parts: MeasuresParts) {}

  /** AgencyError('NOT_FOUND') for a target that is not there. */
  async report({ target, sinceMs, isByDay }: MeasureQuery): Promise<MeasureReport> {
    const { roster, settings, clock } = this.parts
    const until = clock.now()
    const only = target === undefined ? undefined : this.#known(target)
    const groups = groupFacts(await this.#facts(sinceMs))
    const { humanFactor } = settings.metrics
    const starts = isByDay ? dayStarts(Math.max(sinceMs, until - MOST_DAYS * DAY_MS), until) : []
    const of = (name: string): Measured => {
      const facts = groups.get(name) ?? NO_FACTS
      const days = splitByTime(facts, starts).map((part, index) => ({
        day: dayName(starts[index]!),
        measures: measure(part, { humanFactor }),
      }))
      return { name, measures: measure(facts, { humanFactor }), ...(isByDay ? { days } : {}) }
    }
    const agencies = [...roster.agencies.keys()]
      .filter(agency => only === undefined || agency === only.agency)
      .map(agency => {
        const agents = roster.agentsOf(agency).map(agent => agent.address)
        const shown = only?.agent === undefined ? agents : agents.filter(agent => agent === only.agent)
        return { ...of(agency), agents: shown.map(of) }
      })
    return { since: sinceMs, until, humanFactor, agencies }
  }

  async #facts(sinceMs: number): Promise<Facts> {
    const { store } = this.parts
    const span = await store.unitSpan({ sinceMs })
    if (!span) return NO_FACTS
    const pages: Facts[] = []
    for (let after = span.first - 1; after < span.last; after += STRETCH)
      pages.push(await store.facts({ after, upTo: Math.min(after + STRETCH, span.last) }))
    return joinFacts(pages)
  }

  #known(target: string): { agency: string; agent: string | undefined } {
    const { roster } = this.parts
    const parts = splitAddress(target)
    if (!parts) return { agency: roster.agency(target).record.name, agent: undefined }
    return { agency: parts.agency, agent: roster.resolve(target) }
  }
}

/** Midnights of here, the first not after `from`. */
function dayStarts(from: number, until: number): readonly number[] {
  const starts: number[] = []
  const day = new Date(from)
  day.setHours(0, 0, 0, 0)
  for (; day.getTime() <= until; day.setDate(day.getDate() + 1)) starts.push(day.getTime())
  return starts
}

function dayName(start: number): string {
  const day = new Date(start)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}
