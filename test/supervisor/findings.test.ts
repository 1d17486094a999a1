import { expect, it } from 'vitest'
import type { AgentRecord } from '../../src/model/agent.ts'
import { agentFindings } from '../../src/supervisor/findings.ts'

type Given = Parameters<typeof agentFindings>[0]

/** Agents that were wished for and are dead by this rule. */
function dead(rule: string, ...addresses: readonly string[]): Given {
  const records = addresses.map(address => {
    const [agency = '', name = ''] = address.split('/')
    return { address, agency, name, state: 'dead', desired: 'running', rule, evidence: `of ${name}` } as AgentRecord
  })
  const agencies = new Map(records.map(({ agency }) => [agency, { name: agency, desired: 'running' }]))
  return { agents: new Map(records.map(record => [record.address, record])), agencies } as unknown as Given
}

it('R-TSK-3 a tmux server that is gone is one finding, whomever it ran', () => {
  const seven = ['lead', 'a', 'b', 'c', 'd', 'e', 'f']
  expect(agentFindings(dead('tmux server gone', ...seven.map(name => `Code/${name}`)), 0)).toEqual([
    { level: 'bad', what: 'tmux server gone: 7 agents of Code (lead, a, b, c, d, e, f)', hint: 'agency up Code' },
  ])
  expect(agentFindings(dead('tmux server gone', 'Code/a', 'Code/b', 'QA/a'), 0)).toEqual([
    { level: 'bad', what: 'tmux server gone: 2 agents of Code, 1 agent of QA', hint: 'agency up' },
  ])
  expect(agentFindings(dead('tmux server gone'), 0)).toEqual([])
})

it('R-TSK-3 agents that died each by itself are told one by one', () => {
  expect(agentFindings(dead('program ended', 'Code/a', 'Code/b'), 0).map(({ what }) => what)).toEqual([
    'Code/a is dead: of a',
    'Code/b is dead: of b',
  ])
})
