/** Runs the scripted model server in the foreground: how to point each program at it, then one line per turn, until Ctrl-C. */

import { oneLine } from '../model/sanitize.ts'
import { writeHome } from '../modelServer/home.ts'
import type { ServerRecord } from '../modelServer/received.ts'
import { parseScript } from '../modelServer/script.ts'
import { startModelServer } from '../modelServer/server.ts'
import { setups, setupText } from '../modelServer/setups.ts'
import { clockTime, paint } from './text.ts'
import type { Context } from './verb.ts'

export interface ModelServerChoice {
  readonly port: number | undefined
  readonly script: { readonly path: string; readonly source: string } | undefined
  readonly record: string | undefined
  readonly hasControl: boolean
  /** A folder for the programs' settings; without it they are only shown. */
  readonly home: string | undefined
}

export async function runModelServer(context: Context, { script, home, ...choice }: ModelServerChoice): Promise<void> {
  const ended = untilSignal()
  await using server = await startModelServer({
    ...choice,
    script: script && parseScript(script.source, script.path),
    onRecord: record => show(context, record),
  })
  const folder = home === undefined ? undefined : await writeHome(home, setups(server.url))
  const programs = setups(server.url, folder)
  const facts = { kind: 'ready', url: server.url, port: server.port, pid: process.pid, programs }
  context.line(facts, [`model server on ${paint('bold', server.url)}`, ...programs.map(setupText)].join('\n\n'))
  if (folder === undefined)
    context.note('\nthe files above would replace your own settings: --home DIR keeps them apart')
  context.note('\nwaiting for programs; Ctrl-C ends it')
  await ended
}

/** Once asked to end, the server closes its connections and the command ends with success. */
function untilSignal(): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}

function show(context: Context, record: ServerRecord): void {
  const text = lineFor(record)
  if (context.isJson || text !== undefined) context.line(record, text ?? '')
}

/** Undefined for what a person need not see: that an answer was given. */
function lineFor(record: ServerRecord): string | undefined {
  const time = paint('gray', clockTime(record.time))
  if (record.kind === 'unknown') return `${time}  ${paint('yellow', `no ${record.method} ${record.path} here`)}`
  if (record.kind === 'end')
    return ['answered', 'called'].includes(record.outcome) ? undefined : `${time}  ${paint('yellow', record.outcome)}`
  const said = record.texts.at(-1) ?? (record.results.length > 0 ? `result: ${record.results.at(-1)?.text}` : '')
  const how = record.isSide
    ? 'aside'
    : `${record.rules.map(rule => `rule ${rule}: `).join('')}${record.steps.join(' ')}`
  return `${time}  ${paint('bold', record.model)}  ${oneLine(said, 70)}  ${paint('cyan', `→ ${how}`)}`
}
