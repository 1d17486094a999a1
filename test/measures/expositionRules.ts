/** The rules of `promtool check metrics`, and of the text format itself, read strictly. */

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface Family {
  readonly name: string
  help?: string
  type?: string
  readonly samples: Sample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/y
const VALUE = /^[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)$|^NaN$/i
const NOT_BASE_UNITS = /_(milliseconds|ms|minutes|hours|days|kilobytes|megabytes|bits|percent)(_|$)/

/** What is wrong, in words; empty for an exposition that promtool takes. */
export function check(text: string): { problems: readonly string[]; samples: readonly Sample[] } {
  const problems: string[] = []
  const families: Family[] = []
  const known = new Map<string, Family>()
  if (!text.endsWith('\n')) problems.push('the last line has no end')
  for (const line of text.split('\n').filter(Boolean)) {
    const told = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line)
    if (told) {
      const [, what, name, rest] = told as unknown as [string, string, string, string]
      const family: Family = known.get(name) ?? { name, samples: [] }
      if (!known.has(name)) families.push(family)
      known.set(name, family)
      if (family !== families.at(-1)) problems.push(`${name} is told in two places`)
      if (what === 'HELP' && family.help !== undefined) problems.push(`${name} has two HELP lines`)
      if (what === 'TYPE' && family.type !== undefined) problems.push(`${name} has two TYPE lines`)
      if (family.samples.length > 0) problems.push(`${name}: ${what} behind its samples`)
      Object.assign(family, what === 'HELP' ? { help: rest } : { type: rest })
      continue
    }
    if (line.startsWith('#')) continue
    const sample = readSample(line)
    const family = families.at(-1)
    if (!sample) problems.push(`no sample: ${line}`)
    else if (!family || !belongs(sample.name, family)) problems.push(`${sample.name} has no HELP and TYPE before it`)
    else family.samples.push(sample)
  }
  for (const family of families) problems.push(...lint(family))
  return { problems, samples: families.flatMap(({ samples }) => samples) }
}

function readSample(line: string): Sample | undefined {
  const [, name, labelled = '', rest] = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (name === undefined || rest === undefined || !NAME.test(name) || !VALUE.test(rest)) return undefined
  const labels: Record<string, string> = {}
  for (let at = 0; at < labelled.length; ) {
    LABEL.lastIndex = at
    const found = LABEL.exec(labelled)
    if (!found || found[1]! in labels) return undefined
    labels[found[1]!] = found[2]!
    at = LABEL.lastIndex
    if (at < labelled.length && labelled[at++] !== ',') return undefined
  }
  return { name, labels, value: Number(rest) }
}

function belongs(sample: string, { name, type }: Family): boolean {
  const parts =
    type === 'histogram' ? ['_bucket', '_sum', '_count'] : type === 'summary' ? ['', '_sum', '_count'] : ['']
  return parts.some(part => sample === name + part)
}

function lint({ name, help, type, samples }: Family): readonly string[] {
  const problems: string[] = []
  if (!help) problems.push(`${name}: no help text`)
  if (!['counter', 'gauge', 'histogram', 'summary'].includes(type ?? '')) problems.push(`${name}: no type`)
  if (type === 'counter' && !name.endsWith('_total')) problems.push(`${name}: a counter has to end in _total`)
  if (type !== 'counter' && name.endsWith('_total')) problems.push(`${name}: only a counter may end in _total`)
  if (type !== 'histogram' && type !== 'summary' && /_(count|sum|bucket)$/.test(name))
    problems.push(`${name}: only a histogram or summary may end so`)
  if (NOT_BASE_UNITS.test(name)) problems.push(`${name}: not in a base unit`)
  if (/[A-Z]/.test(name)) problems.push(`${name}: capitals`)
  if (new RegExp(`_(${type})(_|$)`).test(name)) problems.push(`${name}: its type stands in its name`)
  if (type === 'counter' && samples.some(({ value }) => value < 0)) problems.push(`${name}: a counter below 0`)
  const seen = new Set(samples.map(sample => JSON.stringify([sample.name, Object.entries(sample.labels).sort()])))
  if (seen.size !== samples.length) problems.push(`${name}: the same labels twice`)
  return problems
}
