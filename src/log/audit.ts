/** The audit: who did what, when and why, found in the work units, followed as they come, or read from end to end. */
import type { Roster } from '../agencies/roster.ts'
import { sleep } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import { isShortId } from '../kernel/ids.ts'
import { EXTERNAL, HUMAN, SYSTEM } from '../model/names.ts'
import type { Unit, UnitType } from '../model/unit.ts'
import type { Store, UnitFilter } from '../storage/store.ts'

/** As a person asks: names with their aliases, short ids, a task by id or label. */
export interface AuditQuery {
  readonly agent?: string | undefined
  readonly agency?: string | undefined
  readonly type?: UnitType | undefined
  readonly subject?: string | undefined
  readonly task?: string | undefined
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
  readonly text?: string | undefined
}

export interface AuditParts {
  readonly store: Store
  readonly roster: Roster
}

/** Order numbers looked at in one go: 5 ms of the store's time where no index helps, so that nobody waits behind a search. */
const WINDOW = 10_000
/** Units in memory at once while all are read: a message's may have 16 MB. */
const PAGE = 100
/** How soon a follower sees what was written. */
const LOOK_MS = 100

const VOICES: ReadonlySet<string> = new Set([HUMAN, SYSTEM, EXTERNAL])

export class Audit {
  constructor(private readonly parts: AuditParts) {}

  /** AgencyError('NOT_FOUND') for a name that never was: of what was removed the units stay. */
  async filterOf(query: AuditQuery): Promise<UnitFilter> {
    const { agent, agency, subject, task, ...rest } = query
    const filter: { -readonly [Key in keyof UnitFilter]: UnitFilter[Key] } = {}
    for (const [key, value] of Object.entries(rest)) if (value !== undefined) Object.assign(filter, { [key]: value })
    if (agent !== undefined)
      filter.about = await this.#known(
        () => (VOICES.has(agent) ? agent : this.parts.roster.resolve(agent)),
        { about: agent },
        agent,
      )
    if (agency !== undefined)
      filter.agency = await this.#known(() => this.parts.roster.agency(agency).record.name, { agency }, agency)
    if (subject !== undefined) filter.subject = await this.#wholeId(subject)
    if (task !== undefined) filter.task = await this.#task(task)
    return filter
  }

  /** The last units that match, oldest first. */
  async last(filter: UnitFilter, limit: number): Promise<readonly Unit[]> {
    const span = await this.#span(filter)
    let found: readonly Unit[] = []
    const window = windowOf(filter)
    for (let end = span.last; end >= span.first && found.length < limit; end -= window) {
      const after = Math.max(end - window, span.first - 1)
      const older = await this.parts.store.units({ ...filter, after, upTo: end }, limit - found.length, 'newest')
      found = [...older, ...found]
    }
    return found
  }

  /** Every unit that matches, oldest first, up to the one that is the last when the reading begins. */
  async *all(filter: UnitFilter, signal: AbortSignal): AsyncGenerator<Unit> {
    const { first, last } = await this.#span(filter)
    yield* this.#between(filter, { after: first - 1, upTo: last }, signal)
  }

  /** The last `limit`, and then each new one until the signal aborts. The order number is the cursor: nothing is missed or repeated. */
  async *follow(filter: UnitFilter, limit: number, signal: AbortSignal): AsyncGenerator<Unit> {
    const { store } = this.parts
    let seen = store.changes
    let after = (await store.unitSpan({}))?.last ?? 0
    yield* await this.last({ ...filter, upTo: after }, limit)
    while (!signal.aborted) {
      await sleep(LOOK_MS, signal)
      // What was asked for before this is done before the look that follows.
      const changes = store.changes
      if (changes === seen) continue
      seen = changes
      const upTo = (await store.unitSpan({}))?.last ?? 0
      yield* this.#between(filter, { after, upTo }, signal)
      after = Math.max(after, upTo)
    }
  }

  async *#between(
    filter: UnitFilter,
    span: { after: number; upTo: number },
    signal: AbortSignal,
  ): AsyncGenerator<Unit> {
    for (let after = span.after; after < span.upTo && !signal.aborted; ) {
      const end = Math.min(after + windowOf(filter), span.upTo)
      const page = await this.parts.store.units({ ...filter, after, upTo: end }, PAGE)
      yield* page
      after = page.length === PAGE ? page.at(-1)!.seq : end
    }
  }

  async #span({ sinceMs, untilMs, upTo }: UnitFilter): Promise<{ first: number; last: number }> {
    const time = { ...(sinceMs === undefined ? {} : { sinceMs }), ...(untilMs === undefined ? {} : { untilMs }) }
    const { first, last } = (await this.parts.store.unitSpan(time)) ?? { first: 1, last: 0 }
    return { first, last: Math.min(last, upTo ?? last) }
  }

  async #known(resolve: () => string, trace: UnitFilter, name: string): Promise<string> {
    try {
      return resolve()
    } catch (error) {
      if ((await this.parts.store.units(trace, 1)).length === 0) throw error
      return name
    }
  }

  /** A short id stands for the message or delivery that it ends. */
  async #wholeId(subject: string): Promise<string> {
    if (!isShortId(subject)) return subject
    const found = await this.parts.store.find(subject)
    const ids = found ? [found.message.id, ...found.deliveries.map(({ id }) => id)] : []
    return ids.find(id => id.endsWith(subject)) ?? subject
  }

  async #task(idOrLabel: string): Promise<NonNullable<UnitFilter['task']>> {
    const found = await this.parts.store.findTask(idOrLabel)
    // Of a label that no task bears, the messages and their conversations are the story.
    const task = found ? { id: found.id, label: found.label } : { id: idOrLabel, label: idOrLabel }
    if ((await this.parts.store.units({ task }, 1)).length > 0) return task
    throw new AgencyError(
      'NOT_FOUND',
      `nothing in the log belongs to a task ${JSON.stringify(idOrLabel.slice(0, 70))}`,
      {
        hint: 'a task is named by its id or its label, such as TASK-042: agency log --type task',
      },
    )
  }
}

/** What is found by an index of its own is found at once. */
function windowOf({ task, subject }: UnitFilter): number {
  return task || subject !== undefined ? Number.MAX_SAFE_INTEGER : WINDOW
}
