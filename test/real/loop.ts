/** The main job with a real program in every pane: `agency demo --driver PROGRAM`, with the scripted model behind it. */

import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { packageRoot } from '../../src/config/workspace.ts'
import { sleep } from '../../src/kernel/abort.ts'
import { parseScript } from '../../src/modelServer/script.ts'
import { startModelServer } from '../../src/modelServer/server.ts'
import { setups } from '../../src/modelServer/setups.ts'
import type { Installed } from './programs.ts'
import { choiceFor } from './stage.ts'

const bin = join(packageRoot, 'bin', 'agency.js')
const folder = join(packageRoot, 'test', 'real', 'loop')

/** What the coordinator reported at the end. Throws with the narration when it did not come so far. */
export async function runLoop({ program, bin: programs }: Installed): Promise<string> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'agency-home-')))
  const file = join(folder, 'script.yaml')
  await using server = await startModelServer({ script: parseScript(readFileSync(file, 'utf8'), file) })
  const setup = setups(server.url).find(({ driver }) => driver === program)!
  for (const { path, content } of setup.files) {
    await mkdir(dirname(join(home, path)), { recursive: true })
    await writeFile(join(home, path), content)
  }
  const env = {
    ...setup.env,
    HOME: home,
    PATH: `${programs}:${process.env.PATH}`,
    SHELL: '/bin/sh',
    DEEDS: folder,
  }
  try {
    const demo = execa(process.execPath, [bin, 'demo', '--driver', program, '--timeout', '400s', '--json'], {
      env,
      reject: false,
      stdin: 'ignore',
    })
    let told = ''
    demo.stderr.on('data', (text: Buffer) => {
      told += text.toString()
      process.stderr.write(text)
    })
    const over = demo.then(() => true)
    while (!(await Promise.race([over, sleep(1000).then(() => false)]))) await answerAll(told, env)
    const { exitCode, stdout } = await demo
    if (exitCode !== 0) throw new Error(`the demo ended with ${exitCode}: ${stdout} ${told.slice(-1500)}`)
    return (JSON.parse(stdout) as { report: string }).report
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Says yes wherever an agent asks, as a person would who watches. */
async function answerAll(told: string, env: Record<string, string>): Promise<void> {
  const project = /project (\/\S+)\/user-profile:/.exec(told)?.[1]
  if (!project) return
  const agency = (...args: string[]) =>
    execa(process.execPath, [bin, '--workspace', join(project, 'workspace'), ...args, '--json'], { env, reject: false })
  const { stdout, exitCode } = await agency('status')
  if (exitCode !== 0) return
  const { agencies } = JSON.parse(stdout) as { agencies: { agents: { address: string; state: string }[] }[] }
  const waiting = agencies.flatMap(({ agents }) => agents).filter(({ state }) => state === 'waiting')
  await Promise.all(
    waiting.map(async ({ address }) => {
      const asked = await agency('answer', address)
      if (asked.exitCode !== 0) return
      const { rule, choices } = JSON.parse(asked.stdout) as { rule: string; choices: string[] }
      await agency('answer', address, choiceFor(rule, choices))
    }),
  )
}
