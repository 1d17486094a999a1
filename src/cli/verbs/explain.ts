import type { MessageDocument } from '../documents.ts'
import { age, columns, paint, state } from '../text.ts'
import type { Verb } from '../verb.ts'

interface ExplainDocument {
  readonly agent: {
    readonly address: string
    readonly state: string
    readonly rule: string
    readonly evidence: string
    readonly since: number
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
  readonly waiting: readonly MessageDocument[]
  readonly next: string
}

export const verb: Verb = {
  name: 'explain',
  arguments: [{ form: '<agent>', about: 'Agency/agent' }],
  options: [],
  examples: ['agency explain CodeAgency/python-agent'],
  async run(context, [agent]) {
    const client = await context.client()
    const data = (await client.get('/v1/explain', { agent })) as ExplainDocument
    return { data, text: show(data) }
  },
}

function show({ agent, driver, screen, waiting, next }: ExplainDocument): string {
  const rows = [
    ['state', `${state(agent.state)} for ${age(agent.since)}`],
    ['because', `${agent.rule}${agent.evidence ? `: ${agent.evidence}` : ''}`],
    [
      'driver',
      `${driver.name}, doors: ${driver.doors.join(', ') || 'none'}${driver.hasHooks ? ', its hooks tell every change' : ''}`,
    ],
    ['program', `process ${agent.pid ?? 'none'}, start ${agent.instance}, pane ${agent.pane ?? 'none'}`],
    ['works in', `${agent.workdir}${agent.branch ? ` on ${agent.branch}` : ''}`],
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
    ...waiting.map(message => [
      'waiting',
      `${message.id.slice(-8)}  ${state(message.state)}  ${message.from} · ${message.type}${message.reason ? `  ${message.reason}` : ''}`,
    ]),
    ['next', next],
  ]
  return `${paint('bold', agent.address)}\n${columns(rows.map(([key, value]) => [`  ${paint('gray', key!)}`, value!]))}`
}
