/** Whatever words a verb is given, it ends with a code of the table and says what was wrong: driven by the table of verbs, in this very process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import type { Verb } from '../../src/cli/verb.ts'
import { VERBS, type VerbName } from '../../src/cli/verbs.ts'

const HOSTILE = [
  '',
  '..',
  '-1',
  'NaN',
  '1e9h',
  '__proto__',
  'constructor',
  '\u001b[2J\u202e\u009b',
  'a\nb',
  'x'.repeat(100_000),
]
/** They read standard input, which is the tests' own. */
const READERS: readonly string[] = ['gate', 'hook']
/** They make a workspace wherever they are told to. */
const MAKERS: readonly string[] = ['init', 'demo']
const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agency-contract-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

async function call(argv: readonly string[], env: NodeJS.ProcessEnv) {
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation(text => {
      said[name] += String(text)
      return true
    })
  try {
    return { code: await runProgram(argv, { NO_COLOR: '1', ...env }), ...said }
  } finally {
    vi.restoreAllMocks()
  }
}

/** Every argument is the hostile word; then one option after the other as well. Empty where a verb takes none. */
function wordsOf(verb: Verb, word: string): readonly (readonly string[])[] {
  const args = ['--', ...verb.arguments.map(() => word)]
  const options = verb.options.filter(({ form }) => form.includes('<')).map(({ form }) => /--[\w-]+/.exec(form)![0])
  return [...(args.length > 1 ? [args] : []), ...options.map(option => [`${option}=${word}`, ...args])]
}

async function expectContract(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const label = JSON.stringify(argv.map(word => word.slice(0, 40)))
  const { code, stdout, stderr } = await call(argv, env)
  expect([2, 3, 4, 5, 6, 7, 8], `${label}: ${stdout.slice(0, 500)} ${stderr.slice(0, 500)}`).toContain(code)
  expect(`${stdout}${stderr}`, label).not.toMatch(RAW)
  expect(`${stdout}${stderr}`.length, label).toBeLessThan(25_000)
  if (!argv.includes('--json')) {
    expect(stdout, label).toBe('')
    expect(stderr, label).toMatch(/^error {2}[\s\S]+\[[A-Z_]+\]\ntry {4}\S/)
    return
  }
  const error = { code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String), hint: expect.any(String) }
  expect(JSON.parse(stdout), label).toEqual({ error })
}

it('R-ALL-3 every verb with every option refuses hostile words by the table, in one document or in words, and starts nothing', async () => {
  await writeFile(join(folder, 'agency.yaml'), '')
  const garbage = join(folder, 'garbage')
  await writeFile(garbage, 'no token \u001b[31m')
  // An agent whose file holds no token: what is good enough to be asked for is refused before any daemon is started.
  const env = { AGENCY_WORKSPACE: folder, AGENCY_AGENT: 'Duo/a', AGENCY_TOKEN_FILE: garbage }
  let calls = 0
  for (const name of (Object.keys(VERBS) as VerbName[]).filter(each => ![...READERS, ...MAKERS].includes(each))) {
    const { verb } = await VERBS[name].load()
    for (const word of HOSTILE)
      for (const words of wordsOf(verb, word))
        for (const format of [[], ['--json']]) {
          await expectContract([name, ...format, ...words], env)
          calls += 1
        }
  }
  expect(calls).toBeGreaterThan(1_000)
}, 60_000)

it('R-ALL-3 outside of any workspace, and with words that it does not take, every verb says so', async () => {
  for (const name of Object.keys(VERBS)) {
    const { verb } = await VERBS[name as VerbName].load()
    const many = Array.from({ length: verb.arguments.length + 2 }, () => 'x')
    const isOpenEnded = verb.arguments.some(({ form }) => form.includes('...'))
    for (const format of [[], ['--json']]) {
      await expectContract([name, ...format, '--nonsense'], {})
      await expectContract([...format, '--workspace', join(folder, 'x'.repeat(300)), name, ...format, '--nonsense'], {})
      if (!isOpenEnded && !READERS.includes(name)) await expectContract([name, ...format, ...many], {})
    }
  }
}, 60_000)
