/** An agency whose agents run behind a wall, and do what a test tells them to. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workbench } from './workbench.ts'

const program = join(import.meta.dirname, 'fixtures', 'shellAgent.js')

export interface IsolatedTeam {
  readonly repo?: string
  readonly checks?: readonly string[]
  readonly isolation?: unknown
  /** Of single agents, over that of the agency. */
  readonly own?: Readonly<Record<string, unknown>>
}

export async function layOutIsolated(bench: Workbench, name: string, team: IsolatedTeam = {}): Promise<void> {
  const member = (agent: string) => ({
    ...{ name: agent, driver: 'script', command: [process.execPath, program] },
    ...(team.own?.[agent] === undefined ? {} : { isolation: team.own[agent] }),
  })
  const folder = bench.file('templates', 'agencies', name)
  await mkdir(folder, { recursive: true })
  const definition = {
    name,
    ...{ coordinator: member('lead'), agents: [member('spy'), member('peer')], checks: team.checks ?? [] },
    ...{ isolation: team.isolation ?? 'bubblewrap', worktrees: { submodules: true } },
  }
  await writeFile(join(folder, 'agency.json'), JSON.stringify(definition))
}

export async function createIsolated(
  bench: Workbench,
  name: string,
  team: IsolatedTeam = {},
): Promise<{ readonly notes: readonly string[] }> {
  await layOutIsolated(bench, name, team)
  return bench.ok(['create', name, ...(team.repo ? ['--repo', team.repo] : [])])
}

export interface Tried {
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
}

/** Runs a shell script where the agent's program runs, by a message to it. */
export async function inside(bench: Workbench, address: string, script: string): Promise<Tried> {
  const answer = await bench.ok(['ask', address, `QUESTION run\n${script}`], { timeoutMs: 40_000 })
  return JSON.parse(answer.body ?? answer.answer?.body) as Tried
}
