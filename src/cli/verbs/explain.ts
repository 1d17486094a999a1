import { oneLine } from '../../model/sanitize.ts'
import type { AgencyDocument, HoldDocument, MessageDocument } from '../documents.ts'
import { age, columns, paint, state, when } from '../text.ts'
import type { Verb } from '../verb.ts'

interface ExplainDocument {
  readonly agent: {
    readonly address: string
    readonly state: string
    readonly rule: string
    readonly evidence: string
    readonly since: number
    readonly holds?: readonly (Omit<HoldDocument, 'until'> & { readonly until?: number })[]
    readonly lastExit?: { readonly status: number; readonly at: number }
    readonly isDeathCertain?: boolean
    readonly pane?: string
    readonly pid?: number
    readonly instance: number
    readonly workdir: string
    readonly branch?: string
  }
  readonly driver: { readonly name: string; readonly doors: readonly string[]; readonly hasHooks: boolean }
  readonly screen?: {
    readonly state: string
    readonly rule: string
    readonly evidence: string
    readonly composer?: string
  }
  readonly use: readonly { readonly words: string }[]
  readonly tasks: readonly {
    readonly id: string
    readonly label: string
    readonly title: string
    readonly state: string
    readonly since: number
    readonly reason?: string
  }[]
  readonly waiting: readonly MessageDocument[]
  readonly isolation: string
  readonly next: string
}

interface AgencyExplainDocument {
  readonly agency: AgencyDocument
  readonly next: readonly { readonly agent: string; readonly next: string }[]
}

export const verb: Verb = {
  name: 'explain',
  arguments: [{ form: '<target>', about: 'Agency/agent, or an agency as a whole' }],
  options: [],
  examples: ['agency explain CodeAgency/python-agent', 'agency explain CodeAgency'],
  async run(context, [target]) {
    const client = await context.client()
    const data = (await client.get('/v1/explain', { agent: target })) as ExplainDocument | AgencyExplainDocument
    return { data, text: 'next' in data && 'agency' in data ? showAgency(data) : show(data) }
  },
}

function showAgency({ agency, next }: AgencyExplainDocument): string {
  const rows = agency.agents.map((agent, index) => [
    `  ${agent.name}`,
    state(agent.state),
    `${agent.rule}${agent.evidence ? `: ${agent.evidence}` : ''}`,
    next[index]?.next ?? '',
  ])
  const problem = agency.problem ? `\n  ${paint('red', agency.problem)}` : ''
  const told = rows.map(
    ([name, now, because, then]) =>
      `${name}  ${now}\n${columns([
        [`    ${paint('gray', 'because')}`, because!],
        [`    ${paint('gray', 'next')}`, then!],
      ])}`,
  )
  return `${paint('bold', agency.name)}  ${state(agency.state)}${problem}\n${told.join('\n')}`
}

function show({ agent, driver, screen, use, tasks, waiting, isolation, next }: ExplainDocument): string {
  const rows = [
    ['state', `${state(agent.state)} for ${age(agent.since)}`],
    ['because', `${agent.rule}${agent.evidence ? `: ${agent.evidence}` : ''}`],
    ...(agent.state === 'dead' && agent.isDeathCertain === false
      ? [['doubt', 'its program may still live: only its pane or its server was lost']]
      : []),
    ...(agent.state === 'dead' && agent.pane !== undefined
      ? [['look', `agency attach ${agent.address}: what it printed last stands in its pane`]]
      : []),
    ...(agent.holds ?? []).map(({ kind, by, at, until, why }) => [
      'held',
      `${paint('yellow', kind)} by ${by} since ${when(at)}${until ? `, until ${when(until)}` : ''}${why ? `: ${why}` : ''}`,
    ]),
    ...use.map(({ words }) => ['uses', words]),
    [
      'driver',
      `${driver.name}, doors: ${driver.doors.join(', ') || 'none'}${driver.hasHooks ? ', its hooks tell every change' : ''}`,
    ],
    ['program', `process ${agent.pid ?? 'none'}, start ${agent.instance}, pane ${agent.pane ?? 'none'}`],
    ['works in', `${agent.workdir}${agent.branch ? ` on ${agent.branch}` : ''}`],
    ['isolation', isolation],
    ...(screen
      ? [
          ['screen', `${screen.state} by rule "${screen.rule}"${screen.evidence ? `: ${screen.evidence}` : ''}`],
          [
            'composer',
            screen.composer === undefined
              ? 'not seen'
              : screen.composer === ''
                ? 'empty'
                : JSON.stringify(screen.composer.slice(0, 80)),
          ],
        ]
      : []),
    ...tasks.map(task => [
      'task',
      `${task.label} ${task.id.slice(-8)}  ${state(task.state)} for ${age(task.since)}  ${oneLine(task.title, 60)}${task.reason ? `: ${oneLine(task.reason, 100)}` : ''}`,
    ]),
    ...waiting.map(message => [
      'waiting',
      `${message.id.slice(-8)}  ${state(message.state)}  ${message.from} · ${message.type}${message.reason ? `  ${message.reason}` : ''}`,
    ]),
    ['next', next],
  ]
  return `${paint('bold', agent.address)}\n${columns(rows.map(([key, value]) => [`  ${paint('gray', key!)}`, value!]))}`
}
