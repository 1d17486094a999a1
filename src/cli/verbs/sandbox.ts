import { AgencyError } from '../../kernel/errors.ts'
import { oneLine, sanitise } from '../../model/sanitize.ts'
import { age, columns, cut, paint, type Style } from '../text.ts'
import type { Context, Result, Verb } from '../verb.ts'

type Options = Readonly<Record<string, unknown>>
type Action = (context: Context, words: readonly string[], options: Options) => Promise<Result>

interface OutcomeDocument {
  readonly status?: number
  readonly ended?: string
  readonly seconds: number
  readonly log: string
  readonly passed?: number
  readonly failed?: number
  readonly skipped?: number
  readonly failures: readonly { readonly name: string; readonly message: string }[]
  readonly coverage?: number
}

interface SandboxDocument {
  readonly id: string
  readonly slug: string
  readonly agency: string
  readonly commit: string
  readonly branch?: string
  readonly state: string
  readonly since: string
  readonly reason?: string
  readonly place: string
  readonly isResting?: boolean
  readonly folder: string
  readonly session: string
  readonly url?: string
  readonly isolation: string
  readonly plan: { readonly test?: string; readonly app?: string }
  readonly outcome?: OutcomeDocument
  readonly notes: readonly string[]
}

export const verb: Verb = {
  name: 'sandbox',
  arguments: [
    { form: '[action]', about: 'list (default), deploy, test, show, logs, open, exec, stage, or destroy' },
    {
      form: '[what...]',
      about:
        'deploy: AGENCY and a branch or commit; logs: ID [app|tests|mocks|seed|setup]; exec: ID -- COMMAND; else ID',
    },
  ],
  options: [
    { form: '--wait', about: 'deploy: wait for the tests too; exit code 4 when they fail' },
    { form: '--no-test', about: 'deploy: only bring it up' },
    { form: '--title <text>', about: 'deploy: what it is, in a few words' },
    { form: '--all', about: 'list: also those that are destroyed' },
    { form: '--leftovers', about: 'destroy: what a crash has left, of every sandbox' },
  ],
  examples: [
    'agency sandbox deploy CodeAgency feature/user-profile',
    'agency sandbox deploy CodeAgency 4f2a91c --wait --json',
    'agency sandbox list',
    'agency sandbox logs feature-user-profile tests',
    'agency sandbox open feature-user-profile',
    'agency sandbox exec feature-user-profile -- npm run lint',
    'agency sandbox destroy feature-user-profile',
    'agency sandbox destroy --leftovers',
  ],
  async run(context, [action = 'list', words = []], options) {
    const chosen = ACTIONS[String(action)]
    if (chosen) return chosen(context, words as readonly string[], options)
    throw usage(`sandbox ${String(action)}: it takes list, deploy, test, show, logs, open, exec, stage or destroy`)
  },
}

const ACTIONS: Readonly<Record<string, Action>> = { list, deploy, test, show, stage, logs, open, exec, destroy }

async function list(context: Context, _words: readonly string[], options: Options): Promise<Result> {
  const client = await context.client()
  const query = options.all ? { all: 'true' } : {}
  const data = (await client.get('/v1/sandboxes', query)) as { sandboxes: SandboxDocument[] }
  if (data.sandboxes.length === 0)
    return { data, text: 'there are no sandboxes\nnext   agency sandbox deploy CodeAgency main' }
  const head = ['sandbox', 'state', 'agency', 'commit', 'tests', 'preview', 'isolation', 'since'].map(word =>
    paint('gray', word),
  )
  const rows = data.sandboxes.map(sandbox => [
    paint('bold', sandbox.slug),
    shownState(sandbox),
    sandbox.agency,
    sandbox.commit.slice(0, 10),
    sandbox.outcome ? counts(sandbox.outcome) : '',
    sandbox.url ?? '',
    sandbox.isolation,
    age(sandbox.since),
  ])
  const lines = columns([head, ...rows]).split('\n')
  return { data, text: lines.map(line => cut(line)).join('\n') }
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
  ).stream('POST', '/v1/sandboxes', input, progress(context))) as SandboxDocument
  return { data, text: details(data), exitCode: data.state === 'failed' ? 4 : 0 }
}

async function test(context: Context, words: readonly string[]): Promise<Result> {
  const path = `/v1/sandboxes/${one(words, 'test')}/test`
  const data = (await (await context.client()).stream('POST', path, {}, progress(context))) as SandboxDocument
  return { data, text: details(data), exitCode: data.state === 'passed' ? 0 : 4 }
}

async function show(context: Context, words: readonly string[]): Promise<Result> {
  const data = await look(context, one(words, 'show'))
  return { data, text: details(data) }
}

async function stage(context: Context, words: readonly string[]): Promise<Result> {
  const path = `/v1/sandboxes/${one(words, 'stage')}/stage`
  const data = (await (await context.client()).stream('POST', path, {}, progress(context))) as SandboxDocument
  return { data, text: details(data) }
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
  const data = (await (await context.client()).stream('POST', path, {}, progress(context))) as SandboxDocument
  if (!data.url)
    throw new AgencyError('CONFLICT', `no program is known for ${data.slug}, so there is nothing to open`, {
      hint: `"sandbox": {"app": …} in agencies/${data.agency}/agency.json`,
    })
  context.progress(`waiting until ${data.url} answers`)
  const end = Date.now() + 10_000
  while (!(await answers(data.url)))
    if (Date.now() > end)
      throw new AgencyError('TIMED_OUT', `${data.url} does not answer`, {
        hint: `agency sandbox logs ${data.slug} app`,
      })
  if (!context.isJson && process.stdout.isTTY) await browse(data.url, context.env)
  return { data: { url: data.url }, text: data.url }
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

interface LeftoversDocument {
  readonly removed: readonly string[]
  readonly homes: readonly string[]
  readonly sessions: readonly string[]
  readonly folders: readonly string[]
}

function leftovers(data: LeftoversDocument): Result {
  const gone = [...data.removed, ...data.homes, ...data.sessions].map(name => `${paint('green', 'removed')}  ${name}`)
  const left = data.folders.map(folder => `${paint('yellow', 'left')}     ${folder}: no sandbox that is known`)
  return { data, text: [...gone, ...left].join('\n') || 'nothing is left of sandboxes that are gone' }
}

async function look(context: Context, id: string): Promise<SandboxDocument> {
  return (await (await context.client()).get(`/v1/sandboxes/${id}`)) as SandboxDocument
}

function one(words: readonly string[], action: string): string {
  const [id, ...more] = words
  if (id !== undefined && more.length === 0) return encodeURIComponent(id)
  throw usage(`sandbox ${action} takes one sandbox`, 'agency sandbox list')
}

function progress(context: Context): (line: unknown) => void {
  return line => context.progress(String((line as { progress?: string }).progress))
}

function details(sandbox: SandboxDocument): string {
  const { slug, outcome } = sandbox
  const rows = [
    [paint('bold', slug), shownState(sandbox)],
    ['commit', `${sandbox.commit.slice(0, 10)}${sandbox.branch ? `  ${sandbox.branch}` : ''}`],
    ...(sandbox.url ? [['preview', sandbox.url]] : []),
    ['folder', sandbox.folder],
    ['session', `tmux attach -t ${sandbox.session}`],
    ['isolation', sandbox.isolation],
    ...(outcome
      ? [['tests', `${counts(outcome)} in ${outcome.seconds} s${outcome.ended ? `: ${outcome.ended}` : ''}`]]
      : []),
    ...(outcome?.failures ?? [])
      .slice(0, 10)
      .map(({ name, message }) => ['', paint('red', oneLine(`✖ ${name}  ${message}`, 160))]),
    ...sandbox.notes.map(note => ['note', oneLine(note, 300)]),
  ]
  const next = ['testing', 'failed'].includes(sandbox.state)
    ? `agency sandbox logs ${slug} tests`
    : `agency sandbox destroy ${slug}`
  return `${columns(rows)}\nnext   ${next}`
}

const STYLE: Readonly<Record<string, Style>> = {
  ...{ running: 'green', passed: 'green', testing: 'cyan', preparing: 'cyan', starting: 'cyan' },
  ...{ failed: 'red', down: 'red', destroying: 'gray', destroyed: 'gray' },
}

function shownState({ state, place, reason, isResting }: SandboxDocument): string {
  const where = `${place === 'staging' ? ', staged' : ''}${isResting ? ', resting' : ''}`
  return paint(STYLE[state] ?? 'reset', `${state}${where}${reason ? `: ${oneLine(reason, 60)}` : ''}`)
}

function counts({ status, passed, failed, skipped, coverage }: OutcomeDocument): string {
  const how =
    passed === undefined
      ? status === undefined
        ? 'not finished'
        : `status ${status}`
      : `${passed} passed, ${failed ?? 0} failed`
  const more = [skipped ? `${skipped} skipped` : '', coverage === undefined ? '' : `${coverage} % covered`].filter(
    Boolean,
  )
  return [how, ...more].join(', ')
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
  await response?.body?.cancel()
  if (!response) await new Promise(resolve => setTimeout(resolve, 100))
  return response !== undefined
}

/** Where there is a desktop; elsewhere the address is enough. */
async function browse(url: string, env: NodeJS.ProcessEnv): Promise<void> {
  const program = process.platform === 'darwin' ? 'open' : env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : undefined
  if (program === undefined) return
  const { spawn } = await import('node:child_process')
  spawn(program, [url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}

function usage(message: string, hint = 'agency sandbox --help'): AgencyError {
  return new AgencyError('USAGE', message, { hint })
}
