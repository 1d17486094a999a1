/** Agencies with their agents: state and since when, what waits, what they do, what holds them. */
import type { AgencyDocument, AgentDocument } from '../../../../cli/documents.ts'
import { age, when } from '../../../../cli/text.ts'
import { type Span, span } from '../../../text/spans.ts'
import type { Data } from '../data.ts'
import { cell, type Row, rest, roleOf } from './row.ts'

export function agentRows(data: Data, scope: string | undefined): readonly Row[] {
  const agencies = data.agencies.filter(({ name }) => scope === undefined || name === scope)
  return agencies.flatMap(agency => [
    ...(scope === undefined ? [agencyRow(agency)] : []),
    ...agency.agents.map(agent => agentRow(agency, agent, data.queues[agent.address] ?? 0)),
  ])
}

function agencyRow(agency: AgencyDocument): Row {
  const { name, state, agents, problem } = agency
  return {
    key: name,
    text: [name, ...agents.map(agent => agent.name)].join(' '),
    opens: { to: 'agency', name },
    target: name,
    draw: columns => [
      cell(name, nameColumns(columns) + 1, 'strong'),
      cell(state, 8, roleOf(state)),
      problem ? rest(problem, 'bad') : span(countStates(agents), 'muted'),
    ],
  }
}

function agentRow(agency: AgencyDocument, agent: AgentDocument, queued: number): Row {
  const { name, address, state } = agent
  return {
    key: address,
    text: `${address} ${state} ${remark(agent)}`,
    opens: { to: 'agent', address },
    target: address,
    draw: (columns, now) => [
      span(address === agency.coordinator ? ' ◆ ' : '   '),
      cell(name, nameColumns(columns) - 2),
      cell(state, 8, roleOf(state)),
      cell(age(agent.since, now).padStart(6), 6, 'muted'),
      ...queue(queued),
      ...remarkSpans(agent, now),
    ],
  }
}

function nameColumns(columns: number): number {
  return Math.max(10, Math.min(24, Math.floor(columns * 0.36)))
}

/** Always as wide, so that what stands behind it lines up. */
function queue(queued: number): readonly Span[] {
  return [cell(queued > 0 ? `${queued} q`.padStart(4) : '', 4, 'name')]
}

function remarkSpans(agent: AgentDocument, now: number): readonly Span[] {
  const { tasks, holds } = agent
  const held = holds.map(({ kind, until }) => `${kind}${until ? ` until ${when(until, new Date(now))}` : ''}`)
  return [
    ...(held.length > 0 ? [rest(`${held.join(', ')}  `, 'warn')] : []),
    ...(tasks.length > 0 ? [rest(`${tasks.slice(0, 3).join(' ')}${tasks.length > 3 ? ' …' : ''}  `, 'accent')] : []),
    rest(remark(agent), agent.state === 'dead' ? 'bad' : 'muted'),
  ]
}

/** What a person has to know of one that does not go on by itself. */
function remark({ state, evidence, rule }: AgentDocument): string {
  return ['waiting', 'limited', 'dead', 'hung', 'unknown'].includes(state) ? evidence || rule : ''
}

export function countStates(agents: readonly AgentDocument[]): string {
  const counts = new Map<string, number>()
  for (const { state } of agents) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => `${count} ${state}`).join(' · ')
}
