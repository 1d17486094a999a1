/** Says what will happen next to an agent, when, and what a person could type to change that. Pure. */
import type { AgentRecord, Hold, HoldKind } from './agent.ts'
import type { Delivery } from './delivery.ts'
import { holdsOf, keepsDown, sayHold, sayHolds } from './holds.ts'
import { sayMoment } from './moment.ts'
import type { Task } from './task.ts'

export interface Load {
  readonly waiting: readonly Pick<Delivery, 'state' | 'reason'>[]
  readonly tasks: readonly Pick<Task, 'label' | 'state'>[]
}

export function whatNext(agent: AgentRecord, { waiting, tasks }: Load, now: number): string {
  return [
    ...fate(agent, now),
    ...holdsOf(agent).map(hold => sayEnd(agent, hold, now)),
    ...tasks.flatMap(task => sayTask(agent, task)),
    sayQueue(agent, waiting),
  ].join('; ')
}

/** A task that has asked is not gone on with until somebody answers. */
function sayTask({ address }: AgentRecord, { label, state }: Load['tasks'][number]): readonly string[] {
  return state === 'awaiting-input' ? [`${label} waits for an answer: agency send ${address} "ANSWER: …"`] : []
}

/** What becomes of its program. */
function fate(agent: AgentRecord, now: number): readonly string[] {
  const { address, state, limitedUntil, nextStartAt } = agent
  if (agent.desired === 'stopped') return [`stopped until you start it: agency start ${address}`]
  if (state === 'waiting') return [`it asks, and waits for you: agency answer ${address}`]
  if (limitedUntil !== undefined && limitedUntil > now)
    return [`its usage limit is over at ${sayMoment(limitedUntil, now)}, and it goes on by itself then`]
  if (state === 'limited') return ['its usage limit names no end: its screen is looked at until it is over']
  if (state !== 'dead' || holdsOf(agent).some(keepsDown)) return []
  if (nextStartAt === undefined) return [`it is not started again by itself: agency restart ${address}`]
  const seconds = Math.max(0, Math.round((nextStartAt - now) / 1000))
  const { length } = agent.deaths
  return [`it is started again in ${seconds} s, after ${length} ${length === 1 ? 'death' : 'deaths'} in ten minutes`]
}

const ENDS: Readonly<Record<HoldKind, (address: string) => string>> = {
  paused: address => `its program goes on, nothing is handed over until agency resume ${address}`,
  draining: address =>
    `nothing new is handed over, and it is stopped when its turn is over, no task of it is under way and nothing is unanswered; agency resume ${address} calls that off`,
  limit: address => `sooner by agency resume ${address}`,
  quarantined: address =>
    `then one trial start, and quarantine for twice as long if it dies again within ten minutes; sooner by agency restart ${address}`,
}

function sayEnd({ address }: AgentRecord, hold: Hold, now: number): string {
  const until = hold.until === undefined ? '' : `, until ${sayMoment(hold.until, now)}`
  return `${sayHold(hold)}${until}: ${ENDS[hold.kind](address)}`
}

function sayQueue(agent: AgentRecord, waiting: Load['waiting']): string {
  const [first] = waiting
  if (!first) return 'nothing waits for it'
  // What holds the agent has been said.
  const why = first.reason === undefined || first.reason === sayHolds(agent) ? '' : `: ${first.reason}`
  return `${waiting.length} waiting; the first is ${first.state}${why}`
}
