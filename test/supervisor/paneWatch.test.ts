import { expect, it } from 'vitest'
import type { Roster } from '../../src/agencies/roster.ts'
import { PaneWatch } from '../../src/supervisor/paneWatch.ts'
import type { PaneTrace, Screen } from '../../src/terminal/terminal.ts'

it('R-APR-5 an agent’s screen is captured when its pane may have printed, and not otherwise', async () => {
  const agent = { pane: '%1', state: 'ready' }
  const roster = { resolve: (name: string) => name, agents: new Map([['Code/go', agent]]) } as unknown as Roster
  let now = 10_500
  let traces = 0
  let captures = 0
  let trace: PaneTrace = { printedAt: 10_999, shape: '80x24 7' }
  const terminal = {
    trace: async () => {
      traces++
      return trace
    },
    capture: async () => ({ lines: [`\u001b[31m${++captures}`], width: 80, height: 24 }) as unknown as Screen,
  }
  const end = new AbortController()
  const looks = new PaneWatch({ roster, terminal, clock: { now: () => now } as never })
    .follow('human', 'Code/go', end.signal)
    [Symbol.asyncIterator]()
  const next = async () => (await looks.next()).value?.lines[0]?.[0]

  expect(await next()).toEqual({ text: '1', color: '31' })
  // In the second in which it printed it may have printed more.
  expect(await next()).toEqual({ text: '2', color: '31' })
  now = 11_000
  expect(await next()).toEqual({ text: '3', color: '31' })
  const waiting = next()
  const before = traces
  await expect.poll(() => traces).toBeGreaterThan(before + 2)
  expect(captures).toBe(3)
  trace = { ...trace, shape: '70x24 7' }
  expect(await waiting).toEqual({ text: '4', color: '31' })
  const printed = next()
  trace = { ...trace, printedAt: 11_999 }
  expect(await printed).toEqual({ text: '5', color: '31' })
  end.abort()
})
