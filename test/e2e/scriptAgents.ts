/** Agencies of script agents: the cheapest real programs to send to, since nothing is typed. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workbench } from './workbench.ts'

const program = join(import.meta.dirname, 'fixtures', 'scriptAgent.js')

export interface Team {
  readonly agents?: readonly string[]
  readonly capabilities?: readonly string[]
  /** Of each agent; all of them have those of the team where it is not named. */
  readonly skills?: Readonly<Record<string, readonly string[]>>
  readonly checks?: readonly (string | { readonly name: string; readonly run: string })[]
  readonly repo?: string
  readonly policy?: 'copy' | 'coordinator' | 'private'
  readonly approval?: 'required' | 'off'
  readonly sandbox?: object
  /** Driver of the agents that are not script agents: `shell` takes no messages, so they stay where they are. */
  readonly drivers?: Readonly<Record<string, string>>
}

/** Creates an agency whose members all run test/e2e/fixtures/scriptAgent.js; its coordinator is `lead`. */
export async function createTeam(bench: Workbench, name: string, team: Team = {}): Promise<void> {
  const member = (agent: string) => {
    const driver = team.drivers?.[agent] ?? 'script'
    const capabilities = team.skills?.[agent] ?? []
    return {
      name: agent,
      driver,
      capabilities,
      ...(driver === 'script' ? { command: [process.execPath, program] } : {}),
    }
  }
  const folder = bench.file('templates', 'agencies', name)
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'agency.json'),
    JSON.stringify({
      name,
      capabilities: team.capabilities ?? [],
      coordinator: member('lead'),
      agents: (team.agents ?? []).map(member),
      checks: team.checks ?? [],
      ...(team.sandbox ? { sandbox: team.sandbox } : {}),
      policies: { peerMessages: team.policy ?? 'copy', approval: team.approval ?? 'off' },
    }),
  )
  await bench.ok(['create', name, ...(team.repo ? ['--repo', team.repo] : [])])
}

/** The lines a script agent has read, in order. */
// biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
export async function got(bench: Workbench, address: string): Promise<any[]> {
  const text = await readFile(bench.file('registry', 'run', address, 'got.jsonl'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
}

/** Environment of a command typed in the agent's pane, as far as identity goes. */
export function asAgent(bench: Workbench, address: string): { env: Record<string, string> } {
  const file = bench.file('registry', 'tokens', address.replace('/', '.'))
  return { env: { AGENCY_AGENT: address, AGENCY_TOKEN_FILE: file } }
}
