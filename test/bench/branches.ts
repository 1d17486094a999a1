/** How soon the person is told of a guarded branch that moves past the gate. */
import { rm } from 'node:fs/promises'
import { sleep, until } from '../../src/kernel/abort.ts'
import { git, gitProject } from '../e2e/gitProject.ts'
import { createTeam } from '../e2e/scriptAgents.ts'
import { Workbench } from '../e2e/workbench.ts'
import { openClient } from './agents.ts'
import { ms, type Row, spread, times } from './measure.ts'

const MOVES = 20

export async function branches(): Promise<readonly Row[]> {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('repo'))
  await createTeam(bench, 'Crew', { agents: ['a'], repo, approval: 'required', drivers: { a: 'shell', lead: 'shell' } })
  await git(repo, 'checkout', '--quiet', '-b', 'elsewhere')
  const client = await openClient(bench)
  const told = async () => {
    const { messages } = (await client.get('/v1/messages', { involving: 'human', limit: '500' })) as {
      messages: unknown[]
    }
    return messages.filter(message => JSON.stringify(message).includes('"state":"ungated"')).length
  }
  const move = async (round: number) => {
    const found = await until(async () => (await told()) > round, { timeoutMs: 20_000, everyMs: 5 })
    if (!found) throw new Error(`nobody was told of move ${round}`)
  }
  // What is guarded is known by its first look: a move before that is where it begins.
  await sleep(6_000)
  const took: number[] = []
  for (let round = 0; round < MOVES; round++) {
    const tree = await git(repo, 'rev-parse', 'main^{tree}')
    const commit = await git(repo, 'commit-tree', tree, '-p', 'main', '-m', `Past the gate, ${round}`)
    await git(repo, 'update-ref', 'refs/heads/main', commit)
    took.push(...(await times(1, () => move(round))))
  }
  await rm(repo, { recursive: true, force: true })
  const { p50, p99 } = spread(took)
  return [
    {
      what: 'guarded branch moved past the gate → the person’s inbox has it, p99',
      aim: '≤ 2 s',
      measured: `${ms(p99)} (p50 ${ms(p50)})`,
    },
  ]
}
