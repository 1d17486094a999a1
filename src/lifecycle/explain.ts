/** agency explain: why an agent is in its state, what holds it, what it uses, and what happens next. */
import type { Drivers } from '../drivers/driver.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type Amounts, LIMIT_KINDS, type LimitKind, sayUse } from '../model/agentLimits.ts'
import { isolationOf, members } from '../model/definition.ts'
import { sayIsolation } from '../model/isolation.ts'
import { type Load, whatNext } from '../model/prospect.ts'
import type { Task } from '../model/task.ts'
import type { DeliveryAtAGlance, Store } from '../storage/store.ts'
import type { LifecycleParts } from './parts.ts'
import { type AgencyStatus, agencyStatus } from './status.ts'

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
  /** What it uses just now, and of how much. */
  readonly use: readonly Use[]
  /** The tasks that it has. */
  readonly tasks: readonly Pick<Task, 'id' | 'label' | 'title' | 'state' | 'since' | 'reason'>[]
  readonly waiting: readonly DeliveryAtAGlance[]
  /** How far its program is kept apart, in words. */
  readonly isolation: string
  readonly next: string
}

export interface Use {
  readonly kind: LimitKind
  /** Undefined when it cannot be told. */
  readonly used: number | undefined
  readonly limit: number | undefined
  readonly words: string
}

export interface AgencyExplanation {
  readonly agency: AgencyStatus
  readonly next: readonly { readonly agent: string; readonly next: string }[]
}

export interface ExplainParts extends LifecycleParts {
  readonly drivers: Drivers
  readonly store: Store
}

export async function explain(parts: ExplainParts, target: string): Promise<Explanation> {
  const { roster, drivers, sight, clock } = parts
  const agent = roster.agent(roster.resolve(target))
  const driver = await drivers.get(agent.driver)
  const screen = await sight.lookAt(agent, driver)
  const waiting = (await waitingFor(parts)).filter(item => item.delivery.to === agent.address)
  const { name, title, doors, hasHooks } = driver
  return {
    agent,
    driver: { name, title, doors, hasHooks },
    screen: screen && {
      state: screen.state,
      rule: screen.rule,
      evidence: screen.evidence,
      composer: screen.composer,
    },
    use: await usageOf(parts, agent, driver.tellsTokens),
    tasks: parts
      .heldTasks(agent.address)
      .map(({ id, label, title, state, since, reason }) => ({ id, label, title, state, since, reason })),
    waiting,
    isolation: isolationWords(parts, agent),
    next: whatNext(agent, loadOf(parts, agent, waiting), clock.now()),
  }
}

function loadOf({ heldTasks }: ExplainParts, { address }: AgentRecord, waiting: readonly DeliveryAtAGlance[]): Load {
  return {
    tasks: heldTasks(address),
    waiting: waiting.map(({ delivery }) => delivery).filter(({ to }) => to === address),
  }
}

/** The same of a whole agency, a line for each of its agents. */
export async function explainAgency(parts: ExplainParts, name: string): Promise<AgencyExplanation> {
  const { roster, store, clock } = parts
  roster.agency(name)
  const agency = (await agencyStatus(parts, store)).find(status => status.name === name)!
  const waiting = await waitingFor(parts)
  const next = roster.agentsOf(name).map(agent => ({
    agent: agent.address,
    next: whatNext(agent, loadOf(parts, agent, waiting), clock.now()),
  }))
  return { agency, next }
}

/** As it runs, and as its definition has it where that is something else. */
function isolationWords({ roster }: ExplainParts, { agency, name, isolation: level = 'none' }: AgentRecord): string {
  const definition = roster.definitions.get(agency)
  const agent = definition && members(definition).find(member => member.name === name)
  if (!definition || !agent) return sayIsolation({ level })
  const wished = isolationOf(definition, agent)
  return wished.level === level ? sayIsolation(wished) : `${sayIsolation({ level })}; to be ${sayIsolation(wished)}`
}

function waitingFor({ store }: ExplainParts): Promise<readonly DeliveryAtAGlance[]> {
  return store.inStates(['queued', 'held', 'claimed', 'handing', 'handed', 'unknown'], 1000)
}

async function usageOf({ usage }: ExplainParts, agent: AgentRecord, tellsTokens: boolean): Promise<readonly Use[]> {
  const limits = usage.limits(agent)
  const used = await usage.now(agent)
  return LIMIT_KINDS.filter(kind => limits[kind] !== undefined || isWorthSaying(kind, used)).map(kind => {
    const isUntold = kind === 'tokensPerDay' && !tellsTokens
    const words = sayUse(kind, used[kind], limits[kind])
    const told = isUntold
      ? `${words}: tokens cannot be told for the driver ${agent.driver}, so this is not enforced`
      : words
    return { kind, used: used[kind], limit: limits[kind], words: told }
  })
}

/** Messages are counted only where they are limited. */
function isWorthSaying(kind: LimitKind, used: Amounts): boolean {
  return kind !== 'messagesPerDay' && used[kind] !== undefined
}
