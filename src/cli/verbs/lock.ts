import { AgencyError } from '../../kernel/errors.ts'
import type { LockDocument } from '../../model/lockDocument.ts'
import { oneLine } from '../../model/sanitize.ts'
import { duration } from '../sending.ts'
import { age, columns, howLong, paint, state } from '../text.ts'
import type { Context, Result, Verb } from '../verb.ts'
import { wrongAction } from '../wrongAction.ts'

type Options = Readonly<Record<string, unknown>>
type Action = (context: Context, names: readonly string[], options: Options) => Promise<Result>

export const verb: Verb = {
  name: 'lock',
  arguments: [
    { form: '[action]', about: 'list (default), acquire, release, extend, check, or break' },
    {
      form: '[what...]',
      about: 'paths, folders (src/), globs, unit:<id>, name:<name>; to release, extend or break also the id of a lease',
    },
  ],
  actions: {
    ...{ list: [], acquire: ['file'], release: ['lease'], extend: ['lease'], check: ['file'], break: ['lease'] },
  } satisfies Record<keyof typeof ACTIONS, readonly string[]>,
  options: [
    { form: '--ttl <time>', about: 'acquire, extend: how long it lasts, such as 10m; 24h at most' },
    { form: '--shared', about: 'acquire: others may hold it shared as well (default: exclusive)' },
    { form: '--wait <time>', about: 'acquire: wait in line for at most so long; 1h at most' },
    { form: '--why <text>', about: 'acquire: what for; shown to whoever wants it too' },
    { form: '--all', about: 'release: everything that you hold' },
    { form: '--fence <n>', about: 'check: also that your lease with this fencing number still stands' },
    { form: '--reason <text>', about: 'break: recorded, and told to the owner' },
  ],
  examples: [
    `agency lock acquire src/parser/ 'test/**/*.ts' --ttl 20m --why "TASK-042"`,
    'agency lock acquire README.md --shared --ttl 5m --wait 30s',
    'agency lock acquire name:deploy --ttl 10m',
    'agency lock extend src/parser/ --ttl 20m',
    'agency lock release 1a2b3c4d',
    'agency lock list',
    'agency lock break 1a2b3c4d --reason "its owner hangs"',
  ],
  async run(context, [action = 'list', names = []], options) {
    const chosen: Action | undefined = Object.hasOwn(ACTIONS, String(action))
      ? ACTIONS[String(action) as keyof typeof ACTIONS]
      : undefined
    if (chosen) return chosen(context, names as readonly string[], options)
    throw wrongAction(verb, action)
  },
}

const ACTIONS = { list, acquire, release, extend, check, break: breakLease }

async function list(context: Context): Promise<Result> {
  const data = (await (await context.client()).get('/v1/locks')) as { locks: LockDocument[] }
  if (data.locks.length === 0) return { data, text: 'nothing is locked' }
  const head = ['lease', 'state', 'owner', 'mode', 'on', 'since', 'until', 'fence', 'why'].map(word =>
    paint('gray', word),
  )
  const rows = data.locks.map(lock => [
    paint('bold', lock.id.slice(-8)),
    state(lock.state),
    lock.owner,
    lock.mode,
    on(lock),
    age(lock.since),
    `${lock.state === 'held' ? '' : 'gives up '}in ${left(lock)}`,
    String(lock.fence ?? ''),
    lock.why ? oneLine(lock.why, 50) : '',
  ])
  return { data, text: columns([head, ...rows]) }
}

async function acquire(context: Context, names: readonly string[], options: Options): Promise<Result> {
  const input = {
    ...named(context, names, 'agency lock acquire src/a.ts --ttl 10m'),
    mode: options.shared ? 'shared' : 'exclusive',
    ttlMs: needed('--ttl', options.ttl, 'a lease ends by itself, so it needs a time'),
    waitMs: duration(options.wait, '--wait') ?? 0,
    ...(options.why === undefined ? {} : { why: String(options.why) }),
  }
  const client = await context.client()
  const tell = (line: unknown) => context.progress(`waiting: ${String((line as { progress?: string }).progress)}`)
  const data = (await client.stream('POST', '/v1/locks', input, tell)) as LockDocument & { again?: true }
  const id = data.id.slice(-8)
  return {
    data,
    text: `${paint('bold', id)}  ${data.again ? 'held for longer' : 'yours'} for ${left(data)}: ${on(data)} (${data.mode}, fence ${data.fence})\nnext   agency lock release ${id}`,
  }
}

async function release(context: Context, names: readonly string[], options: Options): Promise<Result> {
  if (options.all && names.length > 0) throw usage('lock release takes --all or names, and not both')
  const input = options.all ? { all: true } : named(context, names, 'agency lock release src/a.ts   or   --all')
  const data = (await (await context.client()).send('POST', '/v1/locks/release', input)) as { released: LockDocument[] }
  const text = data.released.map(lock => `${paint('bold', lock.id.slice(-8))}  given back: ${on(lock)}`).join('\n')
  return { data, text: text || 'you hold nothing' }
}

async function extend(context: Context, names: readonly string[], options: Options): Promise<Result> {
  const ttlMs = needed('--ttl', options.ttl, 'say for how long from now')
  const input = { ...named(context, names, 'agency lock extend src/a.ts --ttl 10m'), ttlMs }
  const data = (await (await context.client()).send('POST', '/v1/locks/extend', input)) as LockDocument
  return { data, text: `${paint('bold', data.id.slice(-8))}  yours for ${left(data)}: ${on(data)}` }
}

async function check(context: Context, names: readonly string[], options: Options): Promise<Result> {
  const fence = options.fence === undefined ? {} : { fence: Number(options.fence) }
  const input = { ...named(context, names, 'agency lock check src/a.ts'), ...fence }
  const data = (await (await context.client()).send('POST', '/v1/locks/check', input)) as {
    clear: boolean
    held: { on: string; lock: LockDocument }[]
    stale: string[]
  }
  const held = data.held.map(({ on, lock }) => `${on}  held by ${lock.owner} (${lock.mode}) for ${left(lock)} more`)
  const stale = data.stale.map(
    on => `${on}  no lease of yours with the fence ${String(options.fence)} is on it any more`,
  )
  return { data, text: [...held, ...stale].join('\n') || 'nobody else holds it', exitCode: data.clear ? 0 : 4 }
}

async function breakLease(context: Context, names: readonly string[], options: Options): Promise<Result> {
  if (!options.reason) throw usage('lock break needs --reason: it is recorded, and told to the owner')
  const input = { ...named(context, names, 'agency lock break 1a2b3c4d --reason "…"'), reason: String(options.reason) }
  const data = (await (await context.client()).send('POST', '/v1/locks/break', input)) as LockDocument
  return { data, text: `${paint('bold', data.id.slice(-8))}  of ${data.owner} ended: ${on(data)}` }
}

function named(context: Context, names: readonly string[], example: string): { names: readonly string[]; cwd: string } {
  if (names.length === 0) throw new AgencyError('USAGE', 'nothing was named to lock', { hint: example })
  return { names, cwd: context.cwd }
}

function needed(option: string, given: unknown, why: string): number {
  const ms = duration(given, option)
  if (ms !== undefined) return ms
  throw new AgencyError('USAGE', `${option} is missing: ${why}`, { hint: `${option} 30s, 10m or 2h` })
}

function usage(message: string): AgencyError {
  return new AgencyError('USAGE', message, { hint: 'agency lock --help' })
}

function on({ resources }: LockDocument): string {
  const shown = resources.slice(0, 3).map(name => oneLine(name, 60))
  return resources.length > 3 ? `${shown.join(' ')} and ${resources.length - 3} more` : shown.join(' ')
}

function left({ remainingMs }: LockDocument): string {
  return howLong(remainingMs)
}
