import { closest } from '../../model/closest.ts'
import { oneLine } from '../../model/sanitize.ts'
import type { AgencyDocument, AgentDocument, HoldDocument, StatusDocument } from '../documents.ts'
import { age, columns, paint, state, when } from '../text.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'status',
  arguments: [{ form: '[agency]', about: 'one agency only' }],
  options: [],
  examples: [
    'agency status',
    'agency status CodeAgency',
    'agency status --json | jq \'.agencies[].agents[] | select(.state=="waiting")\'',
  ],

  async run(context, [only]) {
    const client = await context.client()
    const all = (await client.get('/v1/status')) as StatusDocument
    const data = only === undefined ? all : { ...all, agencies: all.agencies.filter(agency => agency.name === only) }
    if (only !== undefined && data.agencies.length === 0) {
      const { AgencyError } = await import('../../kernel/errors.ts')
      throw new AgencyError('NOT_FOUND', `there is no agency ${JSON.stringify(only)}`, {
        hint: only.toString().includes('/')
          ? `agency explain ${String(only)}   tells it of one agent`
          : meantBy(String(only), all.agencies),
      })
    }
    return {
      data,
      text:
        data.agencies.length === 0
          ? 'no agencies yet\nnext   agency create CodeAgency'
          : data.agencies.map(show).join('\n\n'),
    }
  },
}

function meantBy(word: string, agencies: readonly AgencyDocument[]): string {
  const names = agencies.map(({ name }) => name)
  if (names.length === 0) return 'agency create CodeAgency'
  const close = closest(word, names)
  return close ? `agency status ${close}` : `agency status   (there are ${names.join(', ')})`
}

/** What a person has to know of an agent that does not go on by itself, in one line. */
function remark(agent: AgentDocument): string {
  const { address, state: now, rule, evidence, limitedUntil, nextStartAt } = agent
  if (now === 'waiting') return `${rule}: agency answer ${address}`
  if (now === 'limited') return `${oneLine(evidence || rule, 70)}${limitedUntil ? `, until ${when(limitedUntil)}` : ''}`
  const isBack = now === 'dead' && nextStartAt ? `, starts again ${when(nextStartAt)}` : ''
  return ['dead', 'unknown', 'hung'].includes(now) ? oneLine(evidence || rule, 100) + isBack : ''
}

/** `paused`, `limited until 15:00`, `quarantined until 15:10`. */
function shortHolds(holds: readonly HoldDocument[]): string {
  const words: Record<string, string> = { limit: 'limited' }
  const said = holds.map(({ kind, until }) => `${words[kind] ?? kind}${until ? ` until ${when(until)}` : ''}`)
  return paint('yellow', [...new Set(said)].join(', '))
}

function show(agency: AgencyDocument): string {
  const hasHolds = agency.agents.some(({ holds }) => holds.length > 0)
  const hasTasks = agency.agents.some(({ tasks }) => tasks.length > 0)
  const rows = agency.agents.map(agent => [
    `  ${agent.address === agency.coordinator ? paint('bold', agent.name) : agent.name}`,
    state(agent.state),
    age(agent.since),
    ...(hasHolds ? [shortHolds(agent.holds)] : []),
    paint('gray', agent.isolation === 'none' ? agent.driver : `${agent.driver}, isolated`),
    ...(hasTasks ? [agent.tasks.slice(0, 3).join(' ') + (agent.tasks.length > 3 ? ' …' : '')] : []),
    agent.queued > 0 ? `${agent.queued} waiting` : '',
    remark(agent),
  ])
  const head = `${paint('bold', agency.name)}  ${state(agency.state)}${agency.session ? paint('gray', `  tmux session ${agency.session}`) : ''}`
  const problem = agency.problem ? `\n  ${paint('red', agency.problem)}` : ''
  const hint = agency.state === 'down' ? `\n  try  agency up ${agency.name}` : ''
  return `${head}\n${columns(rows)}${problem}${hint}`
}
