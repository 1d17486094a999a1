/** An agency of rehearsal agents with a playbook of the test's own, and profiles that differ from the shipped one. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { packageRoot } from '../../src/config/workspace.ts'
import type { Workbench } from './workbench.ts'

export interface RehearsalTeam {
  readonly name: string
  /** Agent → what its definition says beside its name. */
  readonly agents: Readonly<Record<string, object>>
  readonly rules: readonly object[]
  readonly policies?: object
}

/** Creates it; every agent has the same playbook, and a coordinator `lead`. */
export async function createRehearsal(bench: Workbench, team: RehearsalTeam): Promise<void> {
  const { name, rules, policies = {} } = team
  const folder = bench.file('templates', 'agencies', name)
  await mkdir(join(folder, 'rehearsal'), { recursive: true })
  const agents = Object.entries(team.agents).map(([agent, rest]) => ({ name: agent, ...rest }))
  const definition = { name, coordinator: { name: 'lead' }, agents, policies }
  await writeFile(join(folder, 'agency.json'), JSON.stringify(definition))
  for (const agent of Object.keys(team.agents))
    await writeFile(join(folder, 'rehearsal', `${agent}.yaml`), stringify({ rules }))
  await bench.ok(['create', name])
  for (const agent of Object.keys(team.agents)) await bench.whenAgent(`${name}/${agent}`, 'ready', 'busy', 'waiting')
}

/** Writes a driver into the workspace: the shipped rehearsal profile, edited. */
export async function writeDriver(bench: Workbench, name: string, edit: (profile: string) => string): Promise<void> {
  const folder = bench.file('templates', 'drivers')
  await mkdir(folder, { recursive: true })
  const shipped = await readFile(join(packageRoot, 'templates', 'drivers', 'rehearsal.yaml'), 'utf8')
  await writeFile(join(folder, `${name}.yaml`), edit(shipped))
}

/** A profile whose program asks for the next message at the end of a turn. */
export function asksAtTurnEnds(profile: string): string {
  return profile
    .replace('doors: [typing]', 'doors: [hook, typing]')
    .replace(
      '  complete: true',
      '  complete: true\n  boundary: { event: Stop, answer: \'{"decision":"block","reason":{text:json}}\' }',
    )
}
