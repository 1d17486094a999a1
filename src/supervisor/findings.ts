/** What doctor tells of agents: those that are down, wait for somebody, or cannot be held to a limit. */
import type { Roster } from '../agencies/roster.ts'
import type { AgentRecord } from '../model/agent.ts'
import type { Finding } from '../model/finding.ts'
import { holdsOf, keepsDown, sayHold } from '../model/holds.ts'
import { sayMoment } from '../model/moment.ts'
import { oneLine } from '../model/sanitize.ts'
import type { UsageMeter } from './usage.ts'

const STARTS_LONG_MS = 60_000
/** Deaths that come to all agents of a server or a session at once: told in one line. */
const COMMON_DEATHS: ReadonlySet<string> = new Set(['tmux server gone', 'session gone'])

export function agentFindings(roster: Pick<Roster, 'agents' | 'agencies'>, now: number): readonly Finding[] {
  const found: Finding[] = []
  const together = new Map<string, AgentRecord[]>()
  for (const agent of roster.agents.values()) {
    const agency = roster.agencies.get(agent.agency)
    if (agency?.desired !== 'running' || agent.desired !== 'running') continue
    found.push(...holdFindings(agent, now))
    const isKeptDown = holdsOf(agent).some(keepsDown)
    if (agent.state === 'dead' && !isKeptDown && COMMON_DEATHS.has(agent.rule) && agent.nextStartAt === undefined)
      together.set(agent.rule, [...(together.get(agent.rule) ?? []), agent])
    else if (agent.state === 'dead' && !isKeptDown)
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
  return [...[...together].map(([rule, dead]) => commonDeath(rule, dead)), ...found]
}

function commonDeath(rule: string, dead: readonly AgentRecord[]): Finding {
  const agencies = new Map<string, string[]>()
  for (const { agency, name } of dead) agencies.set(agency, [...(agencies.get(agency) ?? []), name])
  const isOne = agencies.size === 1
  const whose = [...agencies].map(([agency, names]) => {
    const counted = `${names.length} ${names.length === 1 ? 'agent' : 'agents'} of ${agency}`
    return isOne ? `${counted} (${names.join(', ')})` : counted
  })
  const hint = isOne ? `agency up ${dead[0]?.agency}` : 'agency up'
  return { level: 'bad', what: `${rule}: ${oneLine(whose.join(', '), 300)}`, hint }
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
