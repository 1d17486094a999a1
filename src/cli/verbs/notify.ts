import { AgencyError } from '../../kernel/errors.ts'
import { age, columns, cut, paint, type Style } from '../text.ts'
import type { Context, Result, Verb } from '../verb.ts'

interface TriedDocument {
  readonly ways: readonly { readonly way: string; readonly outcome: string; readonly detail: string }[]
}

interface StandingDocument {
  readonly quiet?: { readonly hours: string; readonly timeZone: string; readonly isNow: boolean }
  readonly ways: readonly {
    readonly way: string
    readonly state: string
    readonly detail: string
    readonly waiting: number
    readonly last?: { readonly at: string; readonly outcome: string; readonly title: string }
  }[]
}

const WAYS = ['tmux', 'bell', 'desktop', 'webhook']

export const verb: Verb = {
  name: 'notify',
  arguments: [
    { form: '[action]', about: 'show (default) how you are told what needs you, or test it' },
    { form: '[way]', about: `test: one way only: ${WAYS.join(', ')}` },
  ],
  actions: { show: [], test: [WAYS.join('|')] },
  options: [],
  examples: [
    'agency notify',
    'agency notify test',
    'agency notify test webhook',
    'agency config notices.quiet 22:00-07:00',
    'agency config notices.webhook.url https://example.org/hooks/agency',
  ],
  async run(context, [action = 'show', way]) {
    if (action === 'show' && way === undefined) return show(context)
    if (action === 'test' && (way === undefined || WAYS.includes(String(way)))) return test(context, way)
    throw new AgencyError(
      'USAGE',
      `notify ${[action, way].filter(Boolean).join(' ')}: it takes show, or test and a way`,
      {
        hint: 'agency notify test',
      },
    )
  },
}

async function test(context: Context, way: unknown): Promise<Result> {
  const client = await context.client()
  context.progress('trying each way')
  const data = (await client.send('POST', '/v1/notices/test', way === undefined ? {} : { way })) as TriedDocument
  const rows = data.ways.map(({ way, outcome, detail }) => [paint('bold', way), styled(outcome), detail])
  return { data, text: table(rows), exitCode: data.ways.some(({ outcome }) => outcome === 'failed') ? 6 : 0 }
}

async function show(context: Context): Promise<Result> {
  const data = (await (await context.client()).get('/v1/notices')) as StandingDocument
  const rows = data.ways.map(({ way, state, detail, waiting, last }) => [
    paint('bold', way),
    styled(state),
    waiting > 0 ? `${waiting} waiting` : '',
    last ? `${last.outcome} ${age(last.at)} ago` : '',
    detail,
  ])
  const { quiet } = data
  const hours = quiet ? `${quiet.hours} ${quiet.timeZone}${quiet.isNow ? paint('yellow', ', now') : ''}` : 'none'
  return { data, text: `${table(rows)}\nquiet hours  ${hours}\n${paint('gray', 'try each way: agency notify test')}` }
}

function table(rows: readonly (readonly string[])[]): string {
  return columns(rows)
    .split('\n')
    .map(line => cut(line))
    .join('\n')
}

const STYLE: Readonly<Record<string, Style>> = {
  ...{ sent: 'green', on: 'green', skipped: 'gray', off: 'gray', absent: 'gray', failed: 'red', failing: 'red' },
}

function styled(word: string): string {
  return paint(STYLE[word] ?? 'reset', word)
}
