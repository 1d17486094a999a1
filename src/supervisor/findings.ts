/** What doctor tells of agents: those that are down, wait for somebody, or cannot be held to a limit. */
import type { Roster } from '../agencies/roster.ts'
import type { AgentRecord } from '../model/agent.ts'
import type { Finding } from '../model/finding.ts'
import { holdsOf, keepsDown, sayHold } from '../model/holds.ts'
import { sayMoment } from '../model/moment.ts'
import type { UsageMeter } from './usage.ts'

const STARTS_LONG_MS = 60_000

export function agentFindings(roster: Roster, now: number): readonly Finding[] {
  const found: Finding[] = []
  for (const agent of roster.agents.values()) {
    const agency = roster.agencies.get(agent.agency)
    if (agency?.desired !== 'running' || agent.desired !== 'running') continue
    found.push(...holdFindings(agent, now))
    const isKeptDown = holdsOf(agent).some(keepsDown)
    if (agent.state === 'dead' && !isKeptDown)
      found.push({
        level: 'bad',
        what: `${agent.address} is dead: ${agent.evidence}`,
        hint: agent.nextStartAt === undefined ? `agency up ${agent.agency}` : `it is started again by itself`,
      })
    if (agent.state === 'waiting')
      found.push({
        level: 'warn',
        what: `${agent.address} waits for an answer: ${agent.evidence}`,
        hint: `agency answer ${agent.address}`,
      })
    if (agent.state === 'unknown')
      found.push({ level: 'warn', what: `${agent.address}: ${agent.rule}`, hint: `agency explain ${agent.address}` })
    if (agent.state === 'starting' && now - agent.since > STARTS_LONG_MS)
      found.push({
        level: 'warn',
        what: `${agent.address} has been starting for over a minute`,
        hint: `agency attach ${agent.address}`,
      })
  }
  return found
}

/** A pause and a drain are what somebody wants: the rest is a finding. */
function holdFindings(agent: AgentRecord, now: number): Finding[] {
  return holdsOf(agent).flatMap((hold): Finding[] => {
    const until = hold.until === undefined ? '' : `, until ${sayMoment(hold.until, now)}`
    const what = `${agent.address} is ${sayHold(hold)}${until}`
    if (hold.kind === 'quarantined')
      return [{ level: 'bad', what, hint: `agency explain ${agent.address}, then agency restart ${agent.address}` }]
    if (hold.kind === 'limit') return [{ level: 'warn', what, hint: `agency resume ${agent.address}` }]
    return []
  })
}

/** One finding for each agency: its agents are often of one kind. */
export async function limitFindings(roster: Roster, usage: UsageMeter): Promise<readonly Finding[]> {
  const untold = new Map<string, Set<string>>()
  for (const agent of roster.agents.values()) {
    const isLimited = usage.limits(agent).tokensPerDay !== undefined
    const canTell = isLimited && (await usage.canTellTokens(agent).catch(() => false))
    if (!isLimited || canTell) continue
    untold.set(agent.agency, (untold.get(agent.agency) ?? new Set()).add(agent.driver))
  }
  return [...untold].map(([agency, drivers]) => ({
    level: 'warn',
    what: `${agency}: tokensPerDay is not enforced where tokens cannot be told: driver ${[...drivers].join(', ')}`,
    hint: `limit messagesPerDay in agencies/${agency}/agency.json`,
  }))
}
