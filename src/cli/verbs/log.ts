import { AgencyError } from '../../kernel/errors.ts'
import type { Client } from '../client.ts'
import { exportLines } from '../exportLines.ts'
import { momentOf } from '../moment.ts'
import { cut, dayAndTime, paint, type Style } from '../text.ts'
import type { Context, Verb } from '../verb.ts'

interface UnitDocument {
  readonly seq: number
  readonly at: string
  readonly type: string
  readonly words: { readonly who: string; readonly what: string; readonly why: string }
}

const STYLE: Readonly<Record<string, Style>> = {
  message: 'cyan',
  delivery: 'gray',
  'agent-state': 'blue',
  agency: 'magenta',
  task: 'green',
  lock: 'yellow',
  decision: 'magenta',
  error: 'red',
}

export const verb: Verb = {
  name: 'log',
  arguments: [],
  options: [
    { form: '--agent <agent>', about: 'what it did, what was done to it, and what reached it; human and system too' },
    { form: '--agency <name>', about: 'only of this agency' },
    { form: '--type <type>', about: 'only this type', choices: Object.keys(STYLE) },
    { form: '--subject <id>', about: 'only about this: an id, an address, an agency, a path' },
    { form: '--task <task>', about: "a task's whole story, by its id or label" },
    { form: '--since <time>', about: 'only of the last 10m, 2h, 7d, or from 2026-11-21 or 2026-11-21T14:00 on' },
    { form: '--until <time>', about: 'only before then, in the same forms' },
    { form: '--grep <words>', about: 'only where these words stand somewhere' },
    { form: '--limit <n>', about: 'the last so many (default: 50; a task: 10000)' },
    { form: '--wide', about: 'whole lines, also where they are longer than the terminal is wide' },
    { form: '--follow', about: 'go on with what comes' },
    { form: '--export <file>', about: 'everything that matches as JSON Lines into a file, or - for stdout' },
  ],
  examples: [
    'agency log',
    'agency log --task TASK-042',
    'agency log --agent CodeAgency/go-agent --since 2h',
    'agency log --type error --since 2026-11-21 --until 2026-11-22',
    'agency log --follow --json | jq .words',
    'agency log --agency CodeAgency --export audit.jsonl',
  ],
  async run(context, _args, options) {
    const client = await context.client()
    const query = {
      ...pick(options, ['agent', 'agency', 'type', 'subject', 'task']),
      limit: options.limit ?? (options.task === undefined ? undefined : 10_000),
      text: options.grep,
      sinceMs: momentOf(options.since, '--since'),
      untilMs: momentOf(options.until, '--until'),
    }
    if (options.export !== undefined) return exportLog(context, client, query, options)
    const show = (unit: UnitDocument) => (options.wide ? showUnit(unit) : cut(showUnit(unit)))
    if (options.follow) {
      if (options.until !== undefined)
        throw new AgencyError('USAGE', '--follow goes on, and --until ends', { hint: 'leave one of them out' })
      await client.stream('GET', path({ ...query, follow: '1' }), undefined, line =>
        context.line(line, show(line as UnitDocument)),
      )
      return {}
    }
    const data = (await client.get('/v1/log', query)) as { units: UnitDocument[] }
    return { data, text: data.units.map(show).join('\n') || 'nothing in the log matches' }
  },
}

async function exportLog(
  context: Context,
  client: Client,
  query: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>>,
) {
  if (options.follow) throw new AgencyError('USAGE', '--export ends, and --follow goes on', { hint: 'leave one out' })
  const { limit: _, ...rest } = query
  const file = String(options.export)
  context.progress('reading the log')
  const count = await exportLines(file, write =>
    client.stream('GET', path({ ...rest, all: '1' }), undefined, line => {
      const { words: _words, ...unit } = line as UnitDocument
      write(unit)
    }),
  )
  return file === '-' ? {} : { data: { file, units: count }, text: `${count} units written to ${file}` }
}

function pick(options: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map(name => [name, options[name]]))
}

function path(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined)
  return `/v1/log?${new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, String(value)])).toString()}`
}

function showUnit({ at, type, words }: UnitDocument): string {
  const { who, what, why } = words
  return `${paint('gray', dayAndTime(at))} ${paint('bold', who)} ${paint(STYLE[type] ?? 'reset', what)}${why ? `  ${why}` : ''}`
}
