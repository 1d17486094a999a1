import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { AgencyError } from '../../src/kernel/errors.ts'
import { Gatekeeper } from '../../src/submissions/gatekeeper.ts'
import { Merger } from '../../src/submissions/merger.ts'
import type { TestPlace } from '../../src/submissions/testPlace.ts'
import { commit, git } from '../e2e/gitProject.ts'
import { stage } from './stage.ts'

const signal = new AbortController().signal

it('R-APR-2 what cannot be checked goes back with the reason, and is not tried again for ever', async () => {
  const { parts, add, find, all } = await stage({ checks: ['true'], worktrees: { setup: 'exit 7' } })
  const made = await add('checking')
  new Gatekeeper(parts).tick(await all(), signal)
  const returned = await until(async () => ((await find(made)).state === 'checking' ? undefined : find(made)), {
    timeoutMs: 10_000,
  })
  expect(returned).toMatchObject({ state: 'returned', reason: expect.stringContaining('exit 7: ended with 7') })
})

it('R-APR-2 R-APR-4 what is broken off because the daemon ends is nobody’s fault, and goes on where it was', async () => {
  let end = new AbortController()
  const testPlace: TestPlace = {
    async run() {
      if (end.signal.aborted) return { where: 'here', tests: [], problem: undefined, notes: [] }
      end.abort()
      throw new AgencyError('ENVIRONMENT', 'its sandbox went away under its tests')
    },
    preview: async () => undefined,
    clear: async () => {},
  }
  const { parts, add, find, all, repository } = await stage({}, { testPlace })
  const tested = await add('testing')
  const merged = await add('merging', { sandbox: tested.id })
  // The merged tree is another than what was tested.
  await git(repository, 'checkout', '--quiet', 'main')
  await writeFile(join(repository, 'y.txt'), 'y\n')
  await commit(repository, 'Add y')
  await git(repository, 'checkout', '--quiet', 'elsewhere')
  const [gate, merger] = [new Gatekeeper(parts), new Merger(parts)]
  const ended = new Map<string, readonly string[]>()
  for (const [made, worker] of [[tested, gate] as const, [merged, merger] as const]) {
    const passed: string[] = []
    parts.board.onChange(({ id, state }) => id === made.id && passed.push(state))
    end = new AbortController()
    worker.tick(await all(), end.signal)
    await until(() => end.signal.aborted, { timeoutMs: 10_000 })
    // The daemon after it.
    await until(
      async () => {
        worker.tick(await all(), signal)
        return ['waiting', 'merged', 'returned', 'held'].includes((await find(made)).state)
      },
      { timeoutMs: 10_000 },
    )
    ended.set(made.id, passed)
  }
  expect([...ended.values()]).toEqual([['waiting'], ['merging', 'merged']])
})
