/** Each command line that a role or protocol tells an agent to type is typed here, as far as the daemon's door. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { readWords } from '../../src/cli/runVerb.ts'
import type { Context } from '../../src/cli/verb.ts'
import { VERBS, type VerbName } from '../../src/cli/verbs.ts'
import { checkPayload, readPrefix, WORD_TYPES } from '../../src/model/message.ts'
import { laidOut, run, templates, temporaryFolder } from './workbench.ts'

const AGENCIES = readdirSync(join(templates, 'agencies'))

class AtTheDoor extends Error {}

/** A context in which every verb gets as far as its first word to the daemon. */
const context = {
  cwd: '/',
  env: {},
  isJson: true,
  client: () => Promise.reject(new AtTheDoor()),
  line: () => undefined,
  progress: () => undefined,
  note: () => undefined,
} as unknown as Context

interface Told {
  readonly where: string
  readonly program: string
  readonly argv: readonly string[]
}

/** The shell itself reads the lines: `"$AGENCY_BIN" …` and `"$SCRIPTS/…" …`, in blocks and in running text. */
async function toldIn(agency: string, file: string, text: string): Promise<readonly Told[]> {
  const lines = [...text.matchAll(/(?:^ *|`)("\$(?:AGENCY_BIN|SCRIPTS\/[a-z-]+)" (?:[^\n`]|\n {2,}(?="))*)/gm)]
    .map(match => match[1]!.trim())
    .filter(line => !line.includes('<<'))
  const folder = temporaryFolder()
  const said = join(folder, 'said')
  writeFileSync(join(folder, 'agency'), `#!/bin/sh\n{ printf '%s\\036' "$0" "$@"; printf '\\035'; } >>"$SAID"\n`)
  chmodSync(join(folder, 'agency'), 0o755)
  writeFileSync(said, '')
  writeFileSync(join(folder, 'steps.txt'), '')
  const scripts = lines.map(line => line.replace(/^"\$SCRIPTS\/([a-z-]+)"/, '"$AGENCY_BIN" script:$1'))
  const env = {
    AGENCY_BIN: join(folder, 'agency'),
    AGENCY_AGENT: `${agency}/someone`,
    AGENCY_WORKSPACE: '/w',
    SAID: said,
  }
  const { stderr } = await execa('bash', ['-c', scripts.join('\n')], {
    cwd: folder,
    env,
    reject: false,
    stdin: 'ignore',
  })
  expect(stderr, file).toBe('')
  const calls = readFileSync(said, 'utf8').split('\u001d').filter(Boolean)
  expect(calls, file).toHaveLength(lines.length)
  return calls.map((call, index) => {
    const [, program = '', ...argv] = call.split('\u001e').slice(0, -1)
    return { where: `${file}: ${lines[index]}`, program, argv }
  })
}

/** Words between <> and … stand for something; what a verb refuses is a usage error, and everything else has reached the daemon. */
async function reachesTheDaemon({ where, program, argv }: Told): Promise<void> {
  expect(Object.keys(VERBS), where).toContain(program)
  const entry = VERBS[program as VerbName]
  const { verb } = await entry.load()
  const words = await readWords({ verb, summary: entry.summary, argv })
  expect(words, where).toBeDefined()
  const ended = await verb.run(context, words!.args, words!.options).then(
    () => 'nothing was asked of the daemon',
    (error: Error) => (error instanceof AtTheDoor ? 'reached' : error.message),
  )
  expect(ended, where).toBe('reached')
  const body = program === 'send' || program === 'broadcast' ? argv.at(-1)! : ''
  if (body.startsWith('{')) expect(() => checkPayload(JSON.parse(body)), where).not.toThrow()
  const type = /^[A-Z]{4,}/.exec(body)?.[0]
  if (type) expect([WORD_TYPES.includes(type as 'TASK'), readPrefix(body).type], where).toEqual([true, type])
}

function isKnownToTheScript(folder: string, { where, program, argv }: Told): void {
  const help = run(join(folder, 'scripts', program.slice('script:'.length)), ['--help'], { cwd: folder })
  expect(help.status, where).toBe(0)
  const own = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined)
  for (const option of own.filter(word => word.startsWith('--'))) expect(help.stdout, where).toContain(option)
}

describe.each(AGENCIES)('%s', async agency => {
  const folder = await laidOut(agency)
  const roles = ['coordinator.md', ...readdirSync(join(folder, 'agents')).map(name => `agents/${name}`)]

  it.each(roles)('R-AGY-3 every command of %s is one that there is', async file => {
    const told = await toldIn(agency, file, readFileSync(join(folder, file), 'utf8'))
    for (const one of told)
      if (one.program.startsWith('script:')) isKnownToTheScript(folder, one)
      else await reachesTheDaemon(one)
    const said = told.map(({ argv }) => argv.at(-1) ?? '').join('\n')
    for (const type of ['STATUS', 'QUESTION', 'BLOCKED', 'COMPLETE'])
      if (file !== 'coordinator.md') expect(said, `${file} tells how to say ${type}`).toContain(type)
    if (file === 'coordinator.md')
      expect(said, `${file} tells how to report`).toMatch(/COMPLETE[\s\S]*BLOCKED|BLOCKED[\s\S]*COMPLETE/)
  })
})
