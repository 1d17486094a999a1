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
