import { AgencyError } from '../../kernel/errors.ts'
import type { Client } from '../client.ts'
import { columns, paint, state } from '../text.ts'
import type { Context, Result, Verb } from '../verb.ts'
import { wrongAction } from '../wrongAction.ts'

interface DriverDocument {
  readonly name: string
  readonly title: string
  readonly doors: readonly string[]
  readonly tried?: string
  readonly program?: string
  readonly install?: string
  readonly problem?: string
}

interface DetailsDocument extends DriverDocument {
  readonly file: string
  readonly text: string
  readonly version?: string
}

interface StepDocument {
  readonly afterMs: number
  readonly source: string
  readonly state?: string
  readonly rule?: string
  readonly evidence: string
}

interface ReportDocument {
  readonly driver: string
  readonly program: string
  readonly version?: string
  readonly tried?: string
  readonly readyAfterMs?: number
  readonly isComposerSeen?: boolean
  readonly screen: readonly string[]
}

export const verb: Verb = {
  name: 'driver',
  arguments: [
    { form: '[action]', about: 'list (default), show NAME, or test NAME' },
    { form: '[name]', about: 'a driver, such as claude' },
  ],
  actions: { list: [], show: ['driver'], test: ['driver'] },
  options: [{ form: '--seconds <n>', about: 'test: how long to watch at most (default: 30)' }],
  examples: ['agency driver', 'agency driver show claude', 'agency driver test codex'],
  async run(context, [action = 'list', name], options) {
    if (!Object.hasOwn(verb.actions ?? {}, String(action))) throw wrongAction(verb, action)
    const client = await context.client()
    if (action === 'list') return list(client)
    if (name === undefined)
      throw new AgencyError('USAGE', `driver ${String(action)}: which driver?`, { hint: 'agency driver' })
    return action === 'show' ? show(client, String(name)) : test(context, client, String(name), options.seconds)
  },
}

async function list(client: Client): Promise<Result> {
  const data = (await client.get('/v1/drivers')) as { drivers: DriverDocument[] }
  const rows = data.drivers.map(({ name, title, doors, tried, program, install, problem }) => [
    paint('bold', name),
    title,
    doors.join(', ') || 'no messages',
    tried ? `tried with ${tried}` : '',
    problem ?? program ?? (install ? paint('gray', `not installed: ${install}`) : ''),
  ])
  return { data, text: columns(rows) }
}

async function show(client: Client, name: string): Promise<Result> {
  const data = (await client.get(`/v1/drivers/${encodeURIComponent(name)}`)) as DetailsDocument
  const { file, tried, version, program, install } = data
  const installed = program ? `${program}  ${version ?? 'version unknown'}` : `not installed: ${install ?? ''}`
  const about = [file, ...(program || install ? [installed] : []), ...(tried ? [`tried with ${tried}`] : [])]
  return { data, text: `${paint('gray', about.map(line => `# ${line}`).join('\n'))}\n${data.text.trimEnd()}` }
}

async function test(context: Context, client: Client, name: string, seconds: unknown): Promise<Result> {
  const path = `/v1/drivers/${encodeURIComponent(name)}/test`
  const tell = (line: unknown) => {
    const step = line as StepDocument
    if (!context.isJson) context.line(step, row(step))
  }
  const input = seconds === undefined ? {} : { seconds: Number(seconds) }
  const data = (await client.stream('POST', path, input, tell)) as ReportDocument
  const isSound = data.readyAfterMs !== undefined && data.isComposerSeen !== false
  if (!isSound)
    context.note('the screen at the end is not what the profile expects: mend its rules, or see agency driver show')
  return { data, text: summary(data, isSound), exitCode: isSound ? 0 : 6 }
}

function row({ afterMs, source, state: now, rule, evidence }: StepDocument): string {
  const when = `${(afterMs / 1000).toFixed(1)} s`.padStart(7)
  return [when, source.padEnd(8), now ? state(now) : '', rule ?? '', paint('gray', evidence)].filter(Boolean).join('  ')
}

function summary(report: ReportDocument, isSound: boolean): string {
  const { driver, program, version, tried, readyAfterMs, screen } = report
  const ready = readyAfterMs === undefined ? 'never ready' : `ready after ${(readyAfterMs / 1000).toFixed(1)} s`
  const versions = `${version ?? 'version unknown'}${tried ? `, profile tried with ${tried}` : ''}`
  const head = `${paint('bold', driver)}  ${program}  ${versions}  ${ready}`
  const shown = screen.filter(line => line.trim() !== '').slice(-20)
  return isSound ? head : `${head}\n${paint('gray', shown.join('\n'))}`
}
