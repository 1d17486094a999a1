/** Misbehaviour on demand: the faults of real programs, each for a number of times that survives a restart. */
import { readFileSync, writeFileSync } from 'node:fs'
import { AgencyError } from '../kernel/errors.ts'
import { isObject, parseJson } from '../kernel/json.ts'

/** What the argument means: times it happens, milliseconds, a pattern of a prompt, or nothing. */
const FAULTS = {
  'swallow-enter': 'times',
  'drop-prompt': 'times',
  'dialog-before-enter': 'times',
  'crash-after-paste': 'times',
  'exit-at-start': 'times',
  slow: 'ms',
  'slow-start': 'ms',
  'deaf-at-start': 'ms',
  'busy-for': 'ms',
  'crash-on': 'pattern',
  'crash-once-on': 'pattern',
  'hang-on': 'pattern',
  'dialog-at-start': 'flag',
  redraw: 'flag',
  'no-hooks': 'flag',
  'no-title': 'flag',
} as const

export type Fault = keyof typeof FAULTS
const DEFAULT_MS = 2000

export class Mischief {
  readonly #statePath: string | undefined
  readonly #faults = new Map<Fault, string>()

  constructor(spec: string | undefined, statePath?: string) {
    this.#statePath = statePath
    if (spec) this.add(spec)
  }

  /** `swallow-enter:2,busy-for:500`, or the same as a record, where `false` switches a fault off. */
  add(spec: string | Readonly<Record<string, unknown>>): void {
    const faults = typeof spec === 'string' ? spec.split(',').flatMap(readItem) : Object.entries(spec)
    for (const [name, argument] of faults) {
      if (!isFault(name)) throw unknownFault(name)
      if (argument === false) this.#faults.delete(name)
      else this.#faults.set(name, argument === true || argument === null ? '' : String(argument))
    }
  }

  has(fault: Fault): boolean {
    return this.#faults.has(fault)
  }

  milliseconds(fault: Fault): number {
    const argument = this.#faults.get(fault)
    return argument === undefined ? 0 : Number(argument || DEFAULT_MS)
  }

  matches(fault: Fault, text: string): boolean {
    const pattern = this.#faults.get(fault)
    return pattern !== undefined && new RegExp(pattern).test(text)
  }

  /** Whether the fault happens now; each yes uses one up. Without a number it happens once, `exit-at-start` always. */
  take(fault: Fault): boolean {
    const argument = this.#faults.get(fault)
    if (argument === undefined) return false
    const times =
      isCounted(fault) && argument ? Number(argument) : fault === 'exit-at-start' ? Number.POSITIVE_INFINITY : 1
    const key = `${fault}:${argument}`
    const used = this.#readUsed()
    if ((used[key] ?? 0) >= times) return false
    used[key] = (used[key] ?? 0) + 1
    this.#used = used
    if (this.#statePath) writeFileSync(this.#statePath, JSON.stringify(used), { mode: 0o600 })
    return true
  }

  #used: Record<string, number> | undefined

  #readUsed(): Record<string, number> {
    this.#used ??= this.#statePath ? readCounts(this.#statePath) : {}
    return this.#used
  }
}

function readItem(item: string): [string, string][] {
  const [name, ...argument] = item.trim().split(':')
  return name ? [[name, argument.join(':')]] : []
}

function isFault(name: string): name is Fault {
  return Object.hasOwn(FAULTS, name)
}

function isCounted(fault: Fault): boolean {
  return FAULTS[fault] === 'times'
}

function unknownFault(name: string): AgencyError {
  const known = Object.entries(FAULTS).map(([fault, argument]) =>
    argument === 'flag' ? fault : `${fault}:<${argument}>`,
  )
  return new AgencyError('USAGE', `unknown misbehaviour ${JSON.stringify(name)}`, {
    hint: `known: ${known.join(', ')}`,
  })
}

function readCounts(path: string): Record<string, number> {
  try {
    const parsed = parseJson(readFileSync(path, 'utf8'))
    return parsed.ok && isObject(parsed.value) ? (parsed.value as Record<string, number>) : {}
  } catch {
    return {}
  }
}
