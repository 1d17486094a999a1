/** Agencies of agents that misbehave: any shell script, with limits. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../../src/kernel/abort.ts'
import type { Workbench } from './workbench.ts'

const tame = join(import.meta.dirname, 'fixtures', 'scriptAgent.js')

export interface Wild {
  /** Shell script; without it, the agent is test/e2e/fixtures/scriptAgent.js. */
  readonly does?: string
  readonly driver?: string
  readonly limits?: object
  readonly args?: readonly string[]
}

/** Creates an agency of these agents; its coordinator is `lead`, a tame one. */
export async function createWild(
  bench: Workbench,
  name: string,
  agents: Readonly<Record<string, Wild>>,
  limits: object = {},
): Promise<void> {
  const member = ([agent, { does, driver = 'script', limits: own, args }]: readonly [string, Wild]) => ({
    name: agent,
    driver,
    ...(driver === 'script'
      ? { command: does === undefined ? [process.execPath, tame] : ['/bin/sh', '-c', does] }
      : {}),
    ...(own ? { limits: own } : {}),
    ...(args ? { args } : {}),
  })
  const folder = bench.file('templates', 'agencies', name)
  await mkdir(folder, { recursive: true })
  const definition = { name, limits, coordinator: member(['lead', {}]), agents: Object.entries(agents).map(member) }
  await writeFile(join(folder, 'agency.json'), JSON.stringify(definition))
  await bench.ok(['create', name])
}

/** Waits for something to be true of an agent's status; returns it. */
export async function whenAgent(
  bench: Workbench,
  address: string,
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  isSo: (agent: any) => boolean,
  timeoutMs = 20_000,
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
): Promise<any> {
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  let last: any
  const found = await until(
    async () => {
      last = await bench.agent(address)
      return isSo(last) ? last : undefined
    },
    { timeoutMs, everyMs: 50 },
  )
  if (!found) throw new Error(`${address} never came to that: ${JSON.stringify(last, null, 1)}`)
  return found
}

export async function runFile(bench: Workbench, address: string, file: string): Promise<string> {
  return readFile(bench.file('registry', 'run', address, file), 'utf8').catch(() => '')
}
