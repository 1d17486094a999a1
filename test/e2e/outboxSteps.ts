/** What tests of the outbox do again and again: put a file there, and wait until it was taken. */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import type { Workbench } from './workbench.ts'

/** As any program would: written beside the outbox, renamed into it. */
export async function drop(bench: Workbench, name: string, content: unknown): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  await mkdir(bench.file('registry', 'outbox', 'tmp'), { recursive: true })
  await mkdir(bench.file('registry', 'outbox', 'new'), { recursive: true })
  await writeFile(bench.file('registry', 'outbox', 'tmp', name), text)
  await rename(bench.file('registry', 'outbox', 'tmp', name), bench.file('registry', 'outbox', 'new', name))
}

export async function whenTaken(bench: Workbench): Promise<void> {
  const isEmpty = await until(async () => (await readdir(bench.file('registry', 'outbox', 'new'))).length === 0, {
    timeoutMs: 10_000,
  })
  expect(isEmpty, 'the outbox is taken in').toBe(true)
}
