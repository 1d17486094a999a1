/** What an agent may use, as agency.json says it, and whether it has used it up. Pure. */
import { z } from 'zod'

const SIZE = /^(\d+(?:\.\d+)?) ?([KMGT])i?B?$/i
const SPAN = /^(?:(\d+)d)? ?(?:(\d+)h)? ?(?:(\d+)m)? ?(?:(\d+)s)?$/
const SIZE_UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }
/** Less than a program of any kind needs to start: a mistake in the unit. */
const LEAST_BYTES = 8 * 2 ** 20

const size = z.string('write a size such as "512M" or "2G"').superRefine((text, context) => {
  const bytes = readSize(text)
  const message = `${JSON.stringify(text.slice(0, 40))} is no size of at least 8M: write 512M or 2G`
  if (bytes === undefined || bytes < LEAST_BYTES) context.addIssue({ code: 'custom', message })
})
const span = z.union([z.number(), z.string()]).superRefine((value, context) => {
  const ms = readSpan(value)
  const message = `${JSON.stringify(value).slice(0, 40)} is no time of at least one second: write 90 (seconds), 30m, 2h or 1h30m`
  if (ms === undefined || ms < 1000) context.addIssue({ code: 'custom', message })
})
const count = z.number('write a whole number of at least 1').int().min(1)

export const limitsSchema = z.strictObject({
  /** Of its program and everything that this has started. */
  memory: size.optional(),
  /** Processor time of one start of its program, its children counted. */
  cpu: span.optional(),
  /** Time of one start of its program. */
  wallClock: span.optional(),
  /** Messages that are handed to it. */
  messagesPerDay: count.optional(),
  /** As far as its driver can tell. */
  tokensPerDay: count.optional(),
})
export type WrittenLimits = z.infer<typeof limitsSchema>

export const LIMIT_KINDS = ['memory', 'cpu', 'wallClock', 'messagesPerDay', 'tokensPerDay'] as const
export type LimitKind = (typeof LIMIT_KINDS)[number]
/** Bytes, milliseconds, or a count. A kind that is not there is not limited. */
export type Amounts = Readonly<Partial<Record<LimitKind, number>>>

/** The agent's own limits go before those of its agency. */
export function limitsOf(agency: WrittenLimits | undefined, agent: WrittenLimits | undefined): Amounts {
  const { memory, cpu, wallClock, ...counts } = { ...agency, ...agent }
  const read = {
    memory: memory === undefined ? undefined : readSize(memory),
    cpu: cpu === undefined ? undefined : readSpan(cpu),
    wallClock: wallClock === undefined ? undefined : readSpan(wallClock),
    ...counts,
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

/** Limits that are used up, in the order of the kinds. What could not be measured is not used up. */
export function exceeded(limits: Amounts, used: Amounts): readonly LimitKind[] {
  return LIMIT_KINDS.filter(kind => {
    const [limit, amount] = [limits[kind], used[kind]]
    if (limit === undefined || amount === undefined) return false
    // The last message that is allowed uses the limit up; a program may use all of its memory.
    return PER_DAY.has(kind) ? amount >= limit : amount > limit
  })
}

const PER_DAY: ReadonlySet<LimitKind> = new Set(['messagesPerDay', 'tokensPerDay'])
export function isPerDay(kind: LimitKind): boolean {
  return PER_DAY.has(kind)
}

const NAMES: Readonly<Record<LimitKind, string>> = {
  memory: 'memory',
  cpu: 'processor time',
  wallClock: 'running time',
  messagesPerDay: 'messages today',
  tokensPerDay: 'tokens today',
}

/** `memory 412 MB of 2 GB`; without an amount, only what is allowed. */
export function sayUse(kind: LimitKind, used: number | undefined, limit: number | undefined): string {
  const amount = (value: number) => sayAmount(kind, value)
  if (used === undefined) return `${NAMES[kind]} at most ${limit === undefined ? 'anything' : amount(limit)}`
  return `${NAMES[kind]} ${amount(used)}${limit === undefined ? '' : ` of ${amount(limit)}`}`
}

function sayAmount(kind: LimitKind, value: number): string {
  if (kind === 'memory') return value < 2 ** 30 ? `${Math.round(value / 2 ** 20)} MB` : `${round(value / 2 ** 30)} GB`
  if (kind !== 'cpu' && kind !== 'wallClock') return String(value)
  if (value < 90_000) return `${Math.round(value / 1000)} s`
  return value < 5_400_000 ? `${Math.round(value / 60_000)} min` : `${round(value / 3_600_000)} h`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function readSize(text: string): number | undefined {
  const found = SIZE.exec(text.trim())
  return found ? Number(found[1]) * SIZE_UNITS[found[2]!.toUpperCase()]! : undefined
}

/** A number alone is seconds. Milliseconds. */
function readSpan(value: number | string): number | undefined {
  if (typeof value === 'number') return value * 1000
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const [, d, h, m, s] = SPAN.exec(value.trim()) ?? []
  if (d === undefined && h === undefined && m === undefined && s === undefined) return undefined
  return (((Number(d ?? 0) * 24 + Number(h ?? 0)) * 60 + Number(m ?? 0)) * 60 + Number(s ?? 0)) * 1000
}

/** `2026-11-21`, in this machine's time zone. */
export function dayOf(at: number): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** When the day of `at` is over, in this machine's time zone. */
export function nextMidnight(at: number): number {
  const date = new Date(at)
  date.setHours(24, 0, 0, 0)
  return date.getTime()
}
