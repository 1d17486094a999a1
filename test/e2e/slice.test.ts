import { expect, it } from 'vitest'
import { Workbench } from './workbench.ts'

it('R-AGY-1 create makes a session with the coordinator first, then specialists, tools and sandbox', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Duo', '--agents', 'a,b'])
  const windows = await bench.tmux('list-windows', '-t', '=Duo:', '-F', '#{window_index} #{window_name}')
  expect(windows.split('\n')).toEqual(['0 coordinator', '1 a', '2 b', '3 tools', '4 sandbox'])
})

it('R-BUS-4 a message typed into a rehearsal agent is confirmed by its hook, and the agent has it whole', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Duo', '--agents', 'a,b'])
  const sent = await bench.ok(['send', 'Duo/a', 'TASK-001: say hello', '--wait', 'confirmed'])
  expect(sent.deliveries[0]).toMatchObject({ to: 'Duo/a', state: 'confirmed' })
  const prompts = (await bench.received('Duo/a')).filter(entry => entry.kind === 'prompt')
  expect(prompts.map(entry => entry.text)).toEqual([
    `[human → Duo/a · TASK · ${sent.id.slice(-8)}] TASK-001: say hello`,
  ])
})
