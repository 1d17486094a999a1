import { afterEach, expect, it, vi } from 'vitest'
import { progressOn } from '../../src/cli/progress.ts'

afterEach(() => {
  vi.useRealTimers()
})

function stream(isTTY: boolean): { written: string[]; stream: NodeJS.WriteStream } {
  const written: string[] = []
  const write = (text: string) => written.push(text)
  return { written, stream: { isTTY, columns: 40, write } as unknown as NodeJS.WriteStream }
}

it('R-ALL-3 a step is told at once, then with the seconds it takes, on one line, and the next begins a line of its own', async () => {
  vi.useFakeTimers()
  const { written, stream: terminal } = stream(true)
  const progress = progressOn(terminal, false)
  progress.step('making a worktree of a repository with a very long name')
  expect(written).toEqual(['· making a worktree of a repository wit…'.slice(0, 38).concat('…')])
  await vi.advanceTimersByTimeAsync(2_100)
  progress.step('starting')
  await vi.advanceTimersByTimeAsync(1_100)
  progress.end()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(written.slice(1)).toEqual([
    expect.stringMatching(/^\r\u001b\[K· making/),
    expect.stringMatching(/^\r\u001b\[K· making/),
    '\n',
    '· starting',
    '\r\u001b[K· starting  1 s',
    '\n',
  ])
})

it('R-ALL-3 no step is told in a pipe, nor with --json', async () => {
  vi.useFakeTimers()
  for (const [isTTY, isSilent] of [
    [false, false],
    [true, true],
  ] as const) {
    const { written, stream: other } = stream(isTTY)
    const progress = progressOn(other, isSilent)
    progress.step('starting')
    await vi.advanceTimersByTimeAsync(3_000)
    progress.end()
    expect(written).toEqual([])
  }
})

it('R-ALL-3 who leaves in the middle of a step is told that it goes on, and its process ends by the signal', async () => {
  const before = process.listenerCount('SIGINT')
  const ended = vi.spyOn(process, 'kill').mockImplementation(() => true)
  try {
    const { written, stream: terminal } = stream(true)
    const progress = progressOn(terminal, false)
    progress.step('starting')
    progress.step('starting more')
    expect(process.listenerCount('SIGINT')).toBe(before + 1)
    process.listeners('SIGINT').at(-1)!('SIGINT')
    expect(written.at(-1)).toMatch(/^left: the daemon goes on with what was begun/)
    expect(ended).toHaveBeenCalledWith(process.pid, 'SIGINT')
    expect(process.listenerCount('SIGINT')).toBe(before)
  } finally {
    ended.mockRestore()
  }
})
