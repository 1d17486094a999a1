/** Everything that goes on, at a glance, in the parts that somebody who watches asks for. */
import type { RecentMessage, RecentMessages } from '../bus/recent.ts'
import type { Drivers } from '../drivers/driver.ts'
import type { JsonValue } from '../kernel/json.ts'
import type { Flow } from '../model/flow.ts'
import { oneLine } from '../model/sanitize.ts'
import type { Task } from '../model/task.ts'
import type { Unit } from '../model/unit.ts'
import type { Store } from '../storage/store.ts'
import type { LifecycleParts } from './parts.ts'
import { type AgencyStatus, agencyStatus } from './status.ts'

export const OVERVIEW_PARTS = ['agents', 'queues', 'tasks', 'approvals', 'messages', 'events'] as const
export type OverviewPart = (typeof OVERVIEW_PARTS)[number]

export interface OverviewParts extends LifecycleParts {
  readonly store: Store
  readonly drivers: Drivers
  readonly recent: RecentMessages
  readonly approvals: () => Promise<JsonValue[]>
}

/** What was not asked for is not there. */
export interface OverviewSight {
  readonly agencies?: readonly AgencyStatus[]
  /** Agents at work whose program tells of nothing by itself: what they do is seen by looking again. */
  readonly unheard?: number
  /** Deliveries that wait, by recipient. */
  readonly queues?: Readonly<Record<string, number>>
  readonly tasks?: readonly TaskAtAGlance[]
  readonly approvals?: readonly JsonValue[]
  readonly messages?: readonly RecentMessage[]
  readonly flow?: Flow
  /** Oldest first. */
  readonly events?: readonly Unit[]
}

export type TaskAtAGlance = Pick<
  Task,
  'id' | 'label' | 'title' | 'state' | 'since' | 'priority' | 'agency' | 'assignee' | 'claimant' | 'reason'
>

const MESSAGES = 100
const EVENTS = 100
const TASKS = 500
const TITLE = 200

export class Overview {
  constructor(private readonly parts: OverviewParts) {}

  async see(wanted: ReadonlySet<OverviewPart>): Promise<OverviewSight> {
    const { store, recent, approvals } = this.parts
    const [agents, queues, tasks, waiting, messages, events] = await Promise.all([
      wanted.has('agents') ? this.#agents() : {},
      wanted.has('queues') ? { queues: Object.fromEntries(await store.waiting()) } : {},
      wanted.has('tasks') ? { tasks: (await store.tasks({ isOpen: true }, TASKS)).map(atAGlance) } : {},
      wanted.has('approvals') ? { approvals: await approvals() } : {},
      wanted.has('messages') ? { messages: await recent.last(MESSAGES), flow: recent.flow() } : {},
      wanted.has('events') ? { events: await store.units({ withoutMessages: true }, EVENTS, 'newest') } : {},
    ])
    return { ...agents, ...queues, ...tasks, ...waiting, ...messages, ...events }
  }

  async #agents(): Promise<Pick<OverviewSight, 'agencies' | 'unheard'>> {
    const agencies = await agencyStatus(this.parts, this.parts.store)
    return { agencies, unheard: await this.#countUnheard(agencies) }
  }

  async #countUnheard(agencies: readonly AgencyStatus[]): Promise<number> {
    const living = agencies
      .flatMap(({ agents }) => agents)
      .filter(({ pid, state }) => pid !== undefined && state !== 'dead')
    const names = [...new Set(living.map(({ driver }) => driver))]
    const drivers = await Promise.all(names.map(name => this.parts.drivers.get(name).catch(() => undefined)))
    const isUnheard = new Map(
      names.map((name, at) => [name, drivers[at]?.doors.includes('typing') && !drivers[at]?.hasHooks]),
    )
    return living.filter(({ driver }) => isUnheard.get(driver)).length
  }
}

function atAGlance(task: Task): TaskAtAGlance {
  const { id, label, title, state, since, priority, agency, assignee, claimant, reason } = task
  return {
    ...{ id, label, title: oneLine(title, TITLE), state, since, priority, agency, assignee, claimant },
    reason: reason === undefined ? undefined : oneLine(reason, TITLE),
  }
}
