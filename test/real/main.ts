/** npm run try:real -- PROGRAM… | all: installs real agent programs and puts each through its trials against the scripted model server. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runLoop } from './loop.ts'
import { install, isProgram, PROGRAMS, type Program } from './programs.ts'
import { report, type Tried } from './report.ts'
import { Stage } from './stage.ts'
import { type Result, TRIALS } from './trials.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cache: { type: 'string' },
    screens: { type: 'string' },
    only: { type: 'string' },
    loop: { type: 'boolean' },
    isolated: { type: 'boolean' },
  },
})
const names = positionals.includes('all') ? [...PROGRAMS] : positionals
const unknown = names.find(name => !isProgram(name))
if (names.length === 0 || unknown !== undefined) {
  const what = unknown === undefined ? 'no program was named' : `there is no program ${unknown}`
  process.stderr.write(`error  ${what}\ntry    npm run try:real -- ${PROGRAMS.join(' ')}   (or: all)\n`)
  process.exit(2)
}
// What a person has set for their own accounts must not reach a program that is tried.
for (const name of Object.keys(process.env))
  if (/^(ANTHROPIC|OPENAI|GEMINI|GOOGLE|CLAUDE|CODEX|COPILOT|OPENCODE|PI|QWEN)(_|CODE|$)/.test(name))
    delete process.env[name]

const screens = resolve(values.screens ?? join(tmpdir(), 'agency-screens'))
await mkdir(screens, { recursive: true })
// Nobody's home or project lies where temporary files do, and Codex makes no helpers for its sandbox in such a place.
const place = await mkdtemp(join('/var/tmp', 'agency-real-'))
process.env.TMPDIR = place
const folder = resolve(values.cache ?? place)
const tried: Tried[] = []
try {
  for (const name of names) tried.push(await tryOne(name as Program))
} finally {
  await rm(place, { recursive: true, force: true })
}
process.stdout.write(`${report(tried)}\n\nscreens: ${screens}\n`)
process.exit(tried.every(({ failures }) => failures === 0) ? 0 : 6)

async function tryOne(program: Program): Promise<Tried> {
  process.stderr.write(`${program}: installing\n`)
  const installed = await install(program, folder)
  const result: Result = { latencies: [] }
  const notes: Record<string, string> = {}
  let failures = 0
  await using stage = await Stage.open(installed, screens, values.isolated ?? false)
  for (const { name, run } of TRIALS.filter(({ isForWalls }) => values.isolated || !isForWalls)) {
    if (values.only && name !== values.only && name !== 'start and brief') continue
    const said = await run(stage, result).catch((error: Error) => {
      failures++
      return `FAILED: ${error.message}`
    })
    notes[name] = said
    process.stderr.write(`${program}: ${name}: ${said}\n`)
    const label = `after-${name.replace(/\W+/g, '-')}`
    await stage.capture(label).catch(() => undefined)
    if (said.startsWith('FAILED')) await stage.captureRequests(label)
    if (said.startsWith('FAILED') && name === 'start and brief') break
  }
  if (values.loop) {
    notes.loop = await runLoop(installed).catch((error: Error) => {
      failures++
      return `FAILED: ${error.message}`
    })
    process.stderr.write(`${program}: the two-agency loop: ${notes.loop}\n`)
  }
  return { program, version: installed.version, result, notes, failures }
}
