import { readdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { Workbench } from './workbench.ts'

it('R-ALL-3 the level of the log is that of agency.yaml, unless AGENCY_LOG says another', async () => {
  await using bench = await Workbench.open({ settings: 'log: warn' })
  await bench.ok(['daemon', 'start'])
  await bench.ok(['daemon', 'stop'])
  expect(await bench.text('registry', 'agencyd.log')).toBe('')
  await bench.ok(['daemon', 'start'], { env: { AGENCY_LOG: 'info' } })
  await bench.ok(['daemon', 'stop'])
  expect(await bench.text('registry', 'agencyd.log')).toContain('the daemon is up')
})

it('R-LOG-8 the daemon puts its large log aside at its start, and loses no line of it', async () => {
  await using bench = await Workbench.open({ settings: 'keep: { log: 0.0002, logs: 9 }' })
  for (let start = 0; start < 3; start++) {
    await bench.ok(['daemon', 'start'])
    await bench.ok(['daemon', 'stop'])
  }
  const names = (await readdir(bench.file('registry'))).filter(name => name.startsWith('agencyd.log'))
  expect(names.length).toBeGreaterThan(1)
  const lines = (await Promise.all(names.map(name => bench.text('registry', name))))
    .join('')
    .split('\n')
    .filter(Boolean)
  const said = lines.map(line => JSON.parse(line).msg)
  expect(said.filter(text => text === 'the daemon is up')).toHaveLength(3)
  expect(said.filter(text => text === 'the daemon ends')).toHaveLength(3)
})
