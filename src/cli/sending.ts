/** What the sending verbs share: their options, the body, and what they print. */
import { readFileSync } from 'node:fs'
import { AgencyError } from '../kernel/errors.ts'
import { MAX_BODY_BYTES } from '../model/limits.ts'
import type { SentDocument } from './documents.ts'
import { paint, parseDuration, state } from './text.ts'
import type { Context, Option, Result } from './verb.ts'

export const PRIORITY_OPTION: Option = {
  form: '--priority <level>',
  about: 'order among what waits',
  choices: ['low', 'normal', 'high', 'urgent'],
}

export const SENDING_OPTIONS: readonly Option[] = [
  { form: '--from <who>', about: 'speak for another: the person for anyone, a coordinator for its agency' },
  { form: '--type <type>', about: 'type of the message, when no prefix says it' },
  PRIORITY_OPTION,
  { form: '--ttl <time>', about: 'give up when it has not left within this time: 30s, 10m, 2h' },
  { form: '--key <key>', about: 'idempotency key: the same key is accepted once' },
  { form: '--ack', about: 'want an acknowledgement from the recipient' },
]

export const WAIT_OPTIONS: readonly Option[] = [
  { form: '--wait <goal>', about: 'wait until it is that far', choices: ['handed', 'confirmed', 'acked'] },
  { form: '--timeout <time>', about: 'how long to wait (default: 30s)' },
]

export function duration(value: unknown, option: string): number | undefined {
  if (value === undefined) return undefined
  const ms = parseDuration(String(value))
  if (ms === undefined)
    throw new AgencyError('USAGE', `${option} ${String(value)} is no time`, { hint: `${option} 30s, 10m, 2h` })
  return ms
}

/** A whole number from 1 on, as the option says it. */
export function count(value: unknown, option: string): number | undefined {
  if (value === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(String(value))) return Number(value)
  throw new AgencyError('USAGE', `${option} ${JSON.stringify(String(value).slice(0, 60))} is no number from 1 on`, {
    hint: `${option} 3`,
  })
}

/** `a,b` or an option given several times, as words. */
export function listOf(value: unknown): string[] {
  if (value === undefined) return []
  const words = Array.isArray(value) ? value.map(String) : String(value).split(',')
  return words.map(word => word.trim()).filter(Boolean)
}

export function draftOf(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const ttl = duration(options.ttl, '--ttl')
  return {
    from: options.from,
    type: options.type,
    priority: options.priority,
    ttl: ttl === undefined ? undefined : ttl / 1000,
    idempotencyKey: options.key,
    ack: options.ack,
    wait: options.wait,
    timeoutMs: duration(options.timeout, '--timeout'),
  }
}

/** `-` is standard input. Newlines at the end, which every shell adds, are not part of it. What is too large is not sent at all. */
export function readBody(word: string): string {
  if (word !== '-') return word
  const input = readFileSync(0)
  if (input.length <= MAX_BODY_BYTES) return input.toString('utf8').replace(/\n+$/, '')
  throw new AgencyError('TOO_LARGE', `the body has ${input.length} bytes; at most ${MAX_BODY_BYTES} are taken`, {
    hint: 'put it into a file and send its path',
  })
}

/** With --wait: what is waited for. */
export function tellWait(context: Context, wait: unknown): void {
  if (wait !== undefined) context.progress(`waiting until it is ${String(wait)}`)
}

/** Prints id and state; with --wait the exit code says whether it came that far. */
export function showSent(context: Context, sent: SentDocument, wait: unknown): Result {
  const id = paint('bold', sent.id.slice(-8))
  const lines = sent.deliveries.map(
    ({ to, state: now, kind, reason }) =>
      `${id}  ${sent.type} → ${to}  ${state(now)}${kind === 'copy' ? paint('gray', '  copy') : ''}${reason ? paint('gray', `  ${reason}`) : ''}`,
  )
  // Accepted before, and its deliveries were purged since: what became of them is in the log alone.
  if (lines.length === 0) lines.push(`${id}  ${sent.type} → ${sent.to}  ${state('forgotten')}`)
  if (sent.duplicate) context.note('it was accepted before: nothing was sent again')
  const exitCode = wait === undefined ? 0 : waitedExitCode(sent, String(wait))
  if (exitCode !== 0) context.note(`not ${String(wait)} yet: agency trace ${sent.id.slice(-8)}`)
  return { data: sent, text: lines.join('\n'), exitCode }
}

const ORDER = ['handed', 'confirmed', 'acked']

function waitedExitCode(sent: SentDocument, goal: string): number {
  const reached = new Set(ORDER.slice(ORDER.indexOf(goal)))
  const open = sent.deliveries.filter(({ kind, state: now }) => kind === 'direct' && !reached.has(now))
  if (open.length === 0) return sent.deliveries.length > 0 ? 0 : 6
  return open.some(({ state: now }) => ['dead', 'expired', 'cancelled', 'unknown'].includes(now)) ? 6 : 7
}
