/** What a test runner has found, read from its output and from the reports it wrote. Never guessed: what is not told is undefined. */
import type { TestFailure } from './task.ts'
import { readCoverage, readTestCounts } from './taskTalk.ts'

export interface TestReport {
  readonly passed: number | undefined
  readonly failed: number | undefined
  readonly skipped: number | undefined
  readonly failures: readonly TestFailure[]
  readonly coverage: number | undefined
}

export interface ReportFile {
  readonly name: string
  readonly text: string
}

type Counts = Omit<TestReport, 'coverage'>

const MOST_FAILURES = 100
const LONGEST_MESSAGE = 2_000

/** Reports that were written go before the output, since they are made for machines. */
export function readTestReport(output: string, files: readonly ReportFile[] = []): TestReport {
  const plain = output.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/\r\n?/g, '\n')
  const written = sum(files.flatMap(({ text }) => readJUnit(text) ?? []))
  const counts = written ?? readJsonLines(plain) ?? readJsonDocument(plain) ?? readTap(plain) ?? readWords(plain)
  const coverage = files.map(readCoverageFile).find(found => found !== undefined) ?? readCoverage(plain)
  return {
    passed: counts?.passed,
    failed: counts?.failed,
    skipped: counts?.skipped,
    failures: (counts?.failures ?? []).slice(0, MOST_FAILURES).map(shorten),
    coverage,
  }
}

function shorten({ name, message }: TestFailure): TestFailure {
  return { name: name.slice(0, 300), message: message.trim().slice(0, LONGEST_MESSAGE) }
}

function sum(all: readonly Counts[]): Counts | undefined {
  if (all.length === 0) return undefined
  const total = (key: 'passed' | 'failed' | 'skipped') => all.reduce((before, one) => before + (one[key] ?? 0), 0)
  return {
    passed: total('passed'),
    failed: total('failed'),
    skipped: total('skipped'),
    failures: all.flatMap(({ failures }) => failures),
  }
}

function count(cases: readonly { result: 'passed' | 'failed' | 'skipped'; name: string; message: string }[]): Counts {
  const number = (wanted: string) => cases.filter(({ result }) => result === wanted).length
  return {
    passed: number('passed'),
    failed: number('failed'),
    skipped: number('skipped'),
    failures: cases.filter(({ result }) => result === 'failed').map(({ name, message }) => ({ name, message })),
  }
}

/** JUnit XML, by its cases, since runners disagree about the sums. Undefined when the text is none. */
export function readJUnit(xml: string): Counts | undefined {
  if (!/<testsuites?[\s>/]/.test(xml)) return undefined
  const cases = [...xml.matchAll(/<testcase\b((?:[^>"']|"[^"]*"|'[^']*')*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)]
  return count(
    cases.map(([, attributes = '', inner = '']) => {
      const bad = /<(?:failure|error)\b((?:[^>"']|"[^"]*"|'[^']*')*?)(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/.exec(
        inner,
      )
      const name = [attribute(attributes, 'classname'), attribute(attributes, 'name')].filter(Boolean).join(' › ')
      const message = bad ? attribute(bad[1]!, 'message') || entities(cdata(bad[2] ?? '')) : ''
      return { name, message, result: bad ? 'failed' : /<skipped\b/.test(inner) ? 'skipped' : 'passed' }
    }),
  )
}

function attribute(text: string, name: string): string {
  const found = new RegExp(`(?:^|\\s)${name}=(?:"([^"]*)"|'([^']*)')`).exec(text)
  return entities(found?.[1] ?? found?.[2] ?? '')
}

function cdata(text: string): string {
  return text.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, '$1')
}

function entities(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi, (_, hex, decimal, word) =>
    word
      ? named[word.toLowerCase()]!
      : String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(hex ?? decimal, hex ? 16 : 10))),
  )
}

/** TAP: the points that are not indented; a plan with skips and todos. */
function readTap(output: string): Counts | undefined {
  if (!/^(TAP version \d+|1\.\.\d+)/m.test(output)) return undefined
  const lines = output.split('\n')
  const cases = lines.flatMap((line, index) => {
    const point = /^( *)(not )?ok\b(?: +\d+)?(?: +-)? *(.*?)(?: +# *(skip|todo)\b.*)?(?: +# time=.*)?$/i.exec(line)
    if (!point) return []
    const [, indent = '', not, name = '', directive] = point
    // A parent comes after its subtests and their plan, or opens a block of them, and counts nothing of its own.
    const isParent = new RegExp(`^${indent} +1\\.\\.\\d+`).test(lines[index - 1] ?? '') || line.endsWith('{')
    if (isParent) return []
    return [{ name, message: not ? diagnosis(lines, index) : '', result: tapResult(Boolean(not), directive) }]
  })
  return cases.length > 0 ? count(cases) : undefined
}

function tapResult(isBad: boolean, directive: string | undefined): 'passed' | 'failed' | 'skipped' {
  if (directive) return 'skipped'
  return isBad ? 'failed' : 'passed'
}

/** The YAML block below a point: its error, or all of it. */
function diagnosis(lines: readonly string[], index: number): string {
  if (!/^\s*---$/.test(lines[index + 1] ?? '')) return ''
  const end = lines.findIndex((line, at) => at > index && /^\s*\.\.\.$/.test(line))
  const block = lines.slice(index + 2, end < 0 ? index + 30 : end).map(line => line.trim())
  const said = block.find(line => /^message: *\S/.test(line)) ?? block.find(line => /^error: *[^\s|]/.test(line))
  if (said !== undefined) return said.replace(/^\w+: */, '').replace(/^(['"])(.*)\1$/, '$2')
  const error = block.findIndex(line => line.startsWith('error:'))
  return error < 0 ? block.join('\n') : (block[error + 1] ?? '')
}

interface GoEvent {
  readonly Action?: string
  readonly Package?: string
  readonly Test?: string
  readonly Output?: string
}

/** `go test -json`. */
function readJsonLines(output: string): Counts | undefined {
  const events = output.split('\n').flatMap((line): GoEvent[] => {
    if (!line.startsWith('{"') || !line.includes('"Action"')) return []
    const event = parsed(line) as GoEvent | undefined
    return event?.Test === undefined ? [] : [event]
  })
  if (events.length === 0) return undefined
  const said = new Map<string, string>()
  const results = new Map<string, 'passed' | 'failed' | 'skipped'>()
  for (const { Action, Package = '', Test = '', Output = '' } of events) {
    const name = `${Package} ${Test}`.trim()
    if (Action === 'output' && !/^\s*(===|---)/.test(Output)) said.set(name, (said.get(name) ?? '') + Output)
    const result = ({ pass: 'passed', fail: 'failed', skip: 'skipped' } as const)[Action as 'pass']
    if (result) results.set(name, result)
  }
  return count([...results].map(([name, result]) => ({ name, result, message: said.get(name) ?? '' })))
}

interface JestDocument {
  readonly numPassedTests?: number
  readonly numFailedTests?: number
  readonly numPendingTests?: number
  readonly testResults?: readonly {
    readonly assertionResults?: readonly { fullName?: string; status?: string; failureMessages?: readonly string[] }[]
  }[]
}

interface PytestDocument {
  readonly summary?: {
    readonly passed?: number
    readonly failed?: number
    readonly error?: number
    readonly skipped?: number
  }
  readonly tests?: readonly { nodeid?: string; outcome?: string; call?: { crash?: { message?: string } } }[]
}

/** What `jest --json`, `vitest --reporter=json` and pytest-json-report write: one document on a line, or as the whole. */
function readJsonDocument(output: string): Counts | undefined {
  const candidates = [output.trim(), ...output.split('\n').filter(line => line.startsWith('{') && line.length > 20)]
  for (const text of candidates) {
    if (!/"numPassedTests"|"nodeid"/.test(text)) continue
    const found = parsed(text) as (JestDocument & PytestDocument) | undefined
    if (found?.numPassedTests !== undefined) return ofJest(found)
    if (found?.summary && found.tests) return ofPytest(found)
  }
  return undefined
}

function ofJest(document: JestDocument): Counts {
  const all = (document.testResults ?? []).flatMap(({ assertionResults = [] }) => assertionResults)
  return {
    passed: document.numPassedTests ?? 0,
    failed: document.numFailedTests ?? 0,
    skipped: document.numPendingTests ?? 0,
    failures: all
      .filter(({ status }) => status === 'failed')
      .map(({ fullName = '', failureMessages = [] }) => ({ name: fullName, message: failureMessages.join('\n') })),
  }
}

function ofPytest({ summary = {}, tests = [] }: PytestDocument): Counts {
  const bad = tests.filter(({ outcome }) => outcome === 'failed' || outcome === 'error')
  return {
    passed: summary.passed ?? 0,
    failed: (summary.failed ?? 0) + (summary.error ?? 0),
    skipped: summary.skipped ?? 0,
    failures: bad.map(({ nodeid = '', call }) => ({ name: nodeid, message: call?.crash?.message ?? '' })),
  }
}

/** Summaries for people: vitest, jest, pytest, unittest, go, cargo, node:test. */
function readWords(output: string): Counts | undefined {
  const failures = readFailures(output)
  const cargo = [...output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm)]
  if (cargo.length > 0)
    return sum(
      cargo.map(([, passed, failed, skipped], index) => ({
        ...{ passed: Number(passed), failed: Number(failed), skipped: Number(skipped) },
        failures: index === 0 ? failures : [],
      })),
    )
  const unittest = [...output.matchAll(/^Ran (\d+) tests? in [\d.]+s\s*\n\s*\n(OK|FAILED)(?: \((.*)\))?/gm)].at(-1)
  if (unittest) {
    const number = (word: string) => Number(new RegExp(`\\b${word}=(\\d+)`).exec(unittest[3] ?? '')?.[1] ?? 0)
    const failed = number('failures') + number('errors')
    const skipped = number('skipped')
    return { passed: Number(unittest[1]) - failed - skipped, failed, skipped, failures }
  }
  const pytest = [
    ...output.matchAll(
      /^(?:=+ )?((?:\d+ (?:passed|failed|errors?|skipped|deselected|xfailed|xpassed|warnings?)(?:, )?)+) in [\d.]+s/gm,
    ),
  ].at(-1)
  if (pytest) {
    const number = (word: string) => Number(new RegExp(`(\\d+) ${word}\\b`).exec(pytest[1]!)?.[1] ?? 0)
    const failed = number('failed') + number('errors?')
    return { passed: number('passed'), failed, skipped: number('skipped') + number('xfailed'), failures }
  }
  const counts = readTestCounts(output)
  if (!counts) return undefined
  const skipped = [...output.matchAll(/^(?:\s*Tests:?\s.*?(\d+) skipped|(?:#|ℹ) skipped (\d+)$)/gm)].at(-1)
  const skippedInGo = [...output.matchAll(/^\s*--- SKIP: /gm)].length || undefined
  return { ...counts, skipped: skipped ? Number(skipped[1] ?? skipped[2]) : skippedInGo, failures }
}

const FAILURE_LINES: readonly RegExp[] = [
  // pytest: FAILED tests/test_a.py::test_b - assert 1 == 2
  /^(?:FAILED|ERROR) (\S+::.+?)(?: - (.*))?$/gm,
  // vitest:  FAIL  test/a.test.ts > adds
  /^ ?FAIL {2}(.+? > .+)\n(?:(\S.*))?/gm,
  // jest:   ● sums › adds
  /^ {2}● (.+)\n\n {4}(.*)/gm,
  // go:     --- FAIL: TestAdd (0.00s)
  /^\s*--- FAIL: (\S+) \([\d.]+s\)\n(?:\s+(\S.*))?/gm,
  // cargo: ---- tests::adds stdout ----
  /^---- (\S+) stdout ----\n\n?thread .* panicked at .*\n(.*)/gm,
  /^test (\S+) \.\.\. FAILED()$/gm,
  // unittest: FAIL: test_add (test_a.A.test_add)
  /^(?:FAIL|ERROR): (\S+ \(.+\))\n-+\n(?:Traceback.*\n(?:\s.*\n)*)?(.*)$/gm,
  // node:test: ✖ adds (0.5ms)
  /^\s*✖ (.+?) \([\d.]+ms\)(?:\n\s+(\S.*))?/gm,
]

function readFailures(output: string): readonly TestFailure[] {
  for (const pattern of FAILURE_LINES) {
    const found = new Map<string, string>()
    for (const [, name = '', message = ''] of output.matchAll(pattern))
      if (!found.has(name.trim())) found.set(name.trim(), message)
    if (found.size > 0) return [...found].map(([name, message]) => ({ name, message }))
  }
  return []
}

/** lcov, Cobertura, Istanbul's summary. */
export function readCoverageFile({ name, text }: ReportFile): number | undefined {
  if (/^(TN|SF):/m.test(text)) {
    const total = (key: string) =>
      [...text.matchAll(new RegExp(`^${key}:(\\d+)`, 'gm'))].reduce((all, [, n]) => all + Number(n), 0)
    const lines = total('LF')
    return lines > 0 ? round((100 * total('LH')) / lines) : undefined
  }
  const rate = /<coverage\b[^>]*?\sline-rate="([\d.]+)"/.exec(text)
  if (rate) return round(100 * Number(rate[1]))
  if (!name.endsWith('.json')) return undefined
  const summary = parsed(text) as { total?: { lines?: { pct?: unknown } } } | undefined
  const share = summary?.total?.lines?.pct
  return typeof share === 'number' ? share : undefined
}

function round(share: number): number {
  return Math.round(share * 100) / 100
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
