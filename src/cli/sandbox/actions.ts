/** What `agency sandbox` can be asked to do. */
import { until } from '../../kernel/abort.ts'
import { AgencyError } from '../../kernel/errors.ts'
import { oneLine, sanitise } from '../../model/sanitize.ts'
import { tmuxSocket } from '../attaching.ts'
import { openAddress } from '../browser.ts'
import { steps } from '../progress.ts'
import { paint } from '../text.ts'
import type { Context, Result } from '../verb.ts'
import { details, type LeftoversDocument, leftovers, type SandboxDocument, table } from './show.ts'

type Options = Readonly<Record<string, unknown>>
export type Action = (context: Context, words: readonly string[], options: Options) => Promise<Result>

export const ACTIONS = { list, deploy, test, show, stage, logs, open, exec, destroy }

async function list(context: Context, _words: readonly string[], options: Options): Promise<Result> {
  const client = await context.client()
  const query = options.all ? { all: 'true' } : {}
  const data = (await client.get('/v1/sandboxes', query)) as { sandboxes: SandboxDocument[] }
  if (data.sandboxes.length === 0)
    return { data, text: 'there are no sandboxes\nnext   agency sandbox deploy CodeAgency main' }
  return { data, text: table(data.sandboxes) }
}

async function deploy(context: Context, words: readonly string[], options: Options): Promise<Result> {
  const [agency, commit, ...more] = words
  if (agency === undefined || commit === undefined || more.length > 0)
    throw usage(
      'sandbox deploy takes an agency and a branch or commit',
      'agency sandbox deploy CodeAgency feature/user-profile',
    )
  const tests = options.test === false ? 'none' : options.wait ? 'run' : 'start'
  const input = { agency, commit, tests, ...(options.title === undefined ? {} : { title: String(options.title) }) }
  const data = (await (
    await context.client()
  ).stream('POST', '/v1/sandboxes', input, steps(context))) as SandboxDocument
  return { data, text: details(data, await tmuxSocket(context)), exitCode: data.state === 'failed' ? 4 : 0 }
}

async function test(context: Context, words: readonly string[]): Promise<Result> {
  const path = `/v1/sandboxes/${one(words, 'test')}/test`
  const data = (await (await context.client()).stream('POST', path, {}, steps(context))) as SandboxDocument
  return { data, text: details(data, await tmuxSocket(context)), exitCode: data.state === 'passed' ? 0 : 4 }
}

async function show(context: Context, words: readonly string[]): Promise<Result> {
  const data = await look(context, one(words, 'show'))
  return { data, text: details(data, await tmuxSocket(context)) }
}

async function stage(context: Context, words: readonly string[]): Promise<Result> {
  const path = `/v1/sandboxes/${one(words, 'stage')}/stage`
  const data = (await (await context.client()).stream('POST', path, {}, steps(context))) as SandboxDocument
  return { data, text: details(data, await tmuxSocket(context)) }
}

async function logs(context: Context, [id, log = 'app', ...more]: readonly string[]): Promise<Result> {
  if (id === undefined || more.length > 0)
    throw usage('sandbox logs takes a sandbox and one log', 'agency sandbox logs ID tests')
  const client = await context.client()
  const data = (await client.get(`/v1/sandboxes/${encodeURIComponent(id)}/logs`, { log })) as { text: string }
  const text = sanitise(data.text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')).text.trimEnd()
  return { data, text: text || `nothing was printed into ${log} yet` }
}

async function open(context: Context, words: readonly string[]): Promise<Result> {
  const path = `/v1/sandboxes/${one(words, 'open')}/wake`
  const data = (await (await context.client()).stream('POST', path, {}, steps(context))) as SandboxDocument
  if (!data.url)
    throw new AgencyError('CONFLICT', `no program is known for ${data.slug}, so there is nothing to open`, {
      hint: `"sandbox": {"app": …} in agencies/${data.agency}/agency.json`,
    })
  context.progress(`waiting until ${data.url} answers`)
  const { url, slug } = data
  if (!(await until(() => answers(url), { timeoutMs: 10_000, everyMs: 100 })))
    throw new AgencyError('TIMED_OUT', `${url} does not answer`, { hint: `agency sandbox logs ${slug} app` })
  if (!context.isJson && process.stdout.isTTY) await openAddress(url, context.env)
  return { data: { url }, text: url }
}

async function exec(context: Context, [id, ...argv]: readonly string[]): Promise<Result> {
  if (id === undefined || argv.length === 0)
    throw usage('sandbox exec takes a sandbox and a command', 'agency sandbox exec ID -- npm run lint')
  const printed: Buffer[] = []
  const take = (line: unknown) => {
    const chunk = Buffer.from(String((line as { out?: string }).out ?? ''), 'base64')
    // As it comes and as it is: whoever runs a command wants its own output, in a pipe too.
    if (context.isJson) printed.push(chunk)
    else process.stdout.write(chunk)
  }
  const path = `/v1/sandboxes/${encodeURIComponent(id)}/exec`
  const end = (await (await context.client()).stream('POST', path, { argv }, take)) as {
    status?: number
    ended?: string
    seconds: number
  }
  if (end.ended) context.note(`ended: ${end.ended}`)
  const output = Buffer.concat(printed).toString('utf8')
  return { ...(context.isJson ? { data: { ...end, output } } : {}), exitCode: end.status ?? 7 }
}

async function destroy(context: Context, words: readonly string[], options: Options): Promise<Result> {
  const client = await context.client()
  if (options.leftovers) {
    if (words.length > 0) throw usage('sandbox destroy takes --leftovers or a sandbox, and not both')
    return leftovers((await client.send('POST', '/v1/sandboxes/leftovers', {})) as LeftoversDocument)
  }
  context.progress('ending its programs and taking it away')
  const data = (await client.send('DELETE', `/v1/sandboxes/${one(words, 'destroy')}`)) as SandboxDocument
  return {
    data,
    text: [`${paint('bold', data.slug)}  destroyed`, ...data.notes.map(note => `note   ${oneLine(note, 300)}`)].join(
      '\n',
    ),
  }
}

async function look(context: Context, id: string): Promise<SandboxDocument> {
  return (await (await context.client()).get(`/v1/sandboxes/${id}`)) as SandboxDocument
}

function one(words: readonly string[], action: string): string {
  const [id, ...more] = words
  if (id !== undefined && more.length === 0) return encodeURIComponent(id)
  throw usage(`sandbox ${action} takes one sandbox`, 'agency sandbox list')
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
  await response?.body?.cancel()
  return response !== undefined
}

export function usage(message: string, hint = 'agency sandbox --help'): AgencyError {
  return new AgencyError('USAGE', message, { hint })
}
