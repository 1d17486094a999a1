import { expect, it } from 'vitest'
import { createTeam } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

it('R-AGY-7 agency find tells who can do it, with state, load and reason; unknown words are refused with what there is', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'b'], capabilities: ['backend', 'api-design'] })
  await createTeam(bench, 'Other', { agents: ['c'], capabilities: ['testing'] })
  const found = await bench.ok(['find', '--capability', 'Backend, api-design'])
  expect(found.agencies).toMatchObject([
    {
      name: 'Duo',
      state: 'running',
      why: 'has backend, api-design',
      agents: [
        { name: 'Duo/a', state: 'ready', isFree: true, why: 'has backend, api-design, as its agency says' },
        { name: 'Duo/b', isFree: true },
      ],
    },
  ])
  await bench.ok(['stop', 'Duo/a'])
  await bench.ok(['send', 'Duo/a', 'NOTE for later'])
  const shown = (await bench.run(['find', '--capability', 'backend'])).stdout
  expect(shown).toMatch(/^Duo {2}degraded {2}1 message {2}has backend$/m)
  expect(shown).toMatch(/^ {2}a {2}stopped {2}1 message {2}has backend/m)
  expect(shown).toMatch(/^ {2}b {2}ready +free +has backend/m)
  const free = await bench.ok(['find', '--capability', 'backend', '--free'])
  expect(free.agencies[0].agents.map(({ name }: { name: string }) => name)).toEqual(['Duo/b'])
  await bench.ok(['stop', 'Other'])
  const none = await bench.run(['find', '--capability', 'testing', '--free'])
  expect([none.code, none.stdout]).toEqual([3, 'nobody with testing is free just now'])
  const unknown = await bench.run(['find', '--capability', 'bakend', '--json'])
  expect([unknown.code, unknown.json.error]).toEqual([
    3,
    {
      code: 'NOT_FOUND',
      message: expect.any(String),
      hint: 'did you mean backend? there are: api-design, backend, testing',
    },
  ])
  expect((await bench.run(['find', '--capability', 'backend,testing'])).stderr).toContain('agency find --any')
  expect((await bench.ok(['find', '--any', '--capability', 'backend,testing'])).agencies).toHaveLength(2)
  expect((await bench.ok(['find'])).agencies).toHaveLength(2)
  expect((await bench.run(['find', '--capability', ','])).code).toBe(2)
})
