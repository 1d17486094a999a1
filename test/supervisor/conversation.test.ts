import { expect, it } from 'vitest'
import { mayGoOn } from '../../src/supervisor/conversation.ts'

const told = {
  conversation: 'c',
  instance: 3,
  isolation: 'bubblewrap',
  startedAt: 100_000,
  lastExit: undefined,
} as const
const ended = (status: number, afterMs: number) => ({ ...told, lastExit: { status, at: told.startedAt + afterMs } })

it('R-AGY-5 a conversation goes on after a crash, and not where going on is what has failed', () => {
  expect(mayGoOn(told, 'bubblewrap')).toBe(true)
  expect(mayGoOn({ ...told, conversation: undefined }, 'bubblewrap')).toBe(false)
  expect(mayGoOn({ ...told, instance: 0 }, 'bubblewrap')).toBe(false)
  expect(mayGoOn(ended(137, 6_000), 'bubblewrap')).toBe(true)
  expect(mayGoOn(ended(137, 4_000), 'bubblewrap')).toBe(false)
  // A busy machine, and a program that says by itself that it has no such conversation.
  expect(mayGoOn(ended(42, 15_000), 'bubblewrap')).toBe(false)
  expect(mayGoOn(ended(42, 25_000), 'bubblewrap')).toBe(true)
  // Of an earlier start.
  expect(mayGoOn(ended(42, -1), 'bubblewrap')).toBe(true)
})

it('R-ALL-4 what was told behind a wall is not gone by in front of it, nor the other way round', () => {
  expect(mayGoOn(told, 'none')).toBe(false)
  expect(mayGoOn({ ...told, isolation: 'none' }, 'bubblewrap')).toBe(false)
  expect(mayGoOn({ ...told, isolation: undefined }, 'none')).toBe(true)
})
