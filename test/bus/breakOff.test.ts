import { expect, it } from 'vitest'
import { type BreakOffParts, breakOff } from '../../src/bus/doors/breakOff.ts'
import type { Driver } from '../../src/drivers/driver.ts'
import type { AgentRecord } from '../../src/model/agent.ts'
import type { Look } from '../../src/model/typing.ts'

const agent = { address: 'Duo/a', pane: '%1' } as AgentRecord
const delivery = { id: 'd-1', to: 'Duo/a', kind: 'direct' }

/** A program that has put `composer` back when it was interrupted, and empties it at Ctrl-C. */
function program(composer: string, isChip = false) {
  const pressed: string[] = []
  const moved: unknown[] = []
  const store = {
    find: async (nonce: string) => (nonce === '1a2b3c4d' ? { deliveries: [delivery] } : undefined),
    messages: async () => [{ deliveries: [delivery] }],
  }
  const parts = {
    terminal: { pressKey: async (_: unknown, key: string) => void pressed.push(key) },
    ledger: { store, move: async (id: string, { event }: { event: string }) => void moved.push([id, event]) },
    clock: { now: () => 1 },
    look: async () => {
      const shown = pressed.includes('C-c') ? '' : composer
      return { state: 'ready', composer: shown, isChip: isChip && shown !== '' } as Look
    },
  } as unknown as BreakOffParts
  const driver = { interrupt: ['Escape'], clear: ['C-c'] } as unknown as Driver
  const run = () => breakOff(parts, agent, driver, new AbortController().signal)
  return { run, pressed, moved }
}

it('R-BUS-4 what a program puts back into its composer goes again, and the composer is emptied', async () => {
  const { run, pressed, moved } = program('[human → Duo/a · TASK ·\n  1a2b3c4d] do it')
  expect((await run()).composer).toBe('')
  expect(pressed).toEqual(['Escape', 'C-c'])
  expect(moved).toEqual([['d-1', 'retry']])
})

it('R-BUS-4 a stand-in for a long paste is taken for the last message that was confirmed', async () => {
  const { run, moved } = program('[Pasted text #1 +9 lines]', true)
  expect((await run()).composer).toBe('')
  expect(moved).toEqual([['d-1', 'retry']])
})

it('R-BUS-4 what a person has typed stays in the composer', async () => {
  const { run, pressed, moved } = program('my own words')
  expect((await run()).composer).toBe('my own words')
  expect(pressed).toEqual(['Escape'])
  expect(moved).toEqual([])
})

it('R-BUS-4 a program that puts nothing back is sent its interrupt keys alone', async () => {
  const { run, pressed } = program('')
  await run()
  expect(pressed).toEqual(['Escape'])
})
