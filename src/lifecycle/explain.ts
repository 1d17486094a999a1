/** agency explain: why an agent is in its state, and what happens next. */
import type { Drivers } from '../drivers/driver.ts'
import type { AgentRecord } from '../model/agent.ts'
import type { DeliveryAtAGlance, Store } from '../storage/store.ts'
import type { LifecycleParts } from './parts.ts'

export interface Explanation {
  readonly agent: AgentRecord
  readonly driver: {
    readonly name: string
    readonly title: string
    readonly doors: readonly string[]
    readonly hasHooks: boolean
  }
  /** What the screen says just now, where there is one to read. */
  readonly screen:
    | {
        readonly state: string
        readonly rule: string
        readonly evidence: string
        readonly composer: string | undefined
      }
    | undefined
  readonly waiting: readonly DeliveryAtAGlance[]
  readonly next: string
}

export interface ExplainParts extends LifecycleParts {
  readonly drivers: Drivers
  readonly store: Store
}

export async function explain(parts: ExplainParts, target: string): Promise<Explanation> {
  const { roster, drivers, sight, store } = parts
  const agent = roster.agent(roster.resolve(target))
  const driver = await drivers.get(agent.driver)
  const screen = await sight.lookAt(agent, driver)
  const waiting = (await store.inStates(['queued', 'held', 'claimed', 'handing', 'handed', 'unknown'], 1000)).filter(
    item => item.delivery.to === agent.address,
  )
  return {
    agent,
    driver: { name: driver.name, title: driver.title, doors: driver.doors, hasHooks: driver.hasHooks },
    screen: screen && {
      state: screen.state,
      rule: screen.rule,
      evidence: screen.evidence,
      composer: screen.composer,
    },
    waiting,
    next: whatNext(agent, waiting, parts.clock.now()),
  }
}

function whatNext(agent: AgentRecord, waiting: readonly DeliveryAtAGlance[], now: number): string {
  const queue =
    waiting.length === 0
      ? 'nothing waits for it'
      : `${waiting.length} waiting; the first is ${waiting[0]!.delivery.state}${waiting[0]!.delivery.reason ? `: ${waiting[0]!.delivery.reason}` : ''}`
  if (agent.desired === 'stopped') return `stopped until you start it: agency start ${agent.address}; ${queue}`
  if (agent.state === 'waiting') return `it asks, and waits for you: agency answer ${agent.address}; ${queue}`
  if (agent.limitedUntil !== undefined && agent.limitedUntil > now)
    return `its usage limit is over at ${new Date(agent.limitedUntil).toISOString()}; ${queue}`
  if (agent.state !== 'dead') return queue
  if (agent.nextStartAt === undefined)
    return `it is not started again by itself: agency restart ${agent.address}; ${queue}`
  return `it is started again in ${Math.max(0, Math.round((agent.nextStartAt - now) / 1000))} s; ${queue}`
}
