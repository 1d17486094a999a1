import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { Workbench } from './workbench.ts'

const DEADLINE = { timeoutMs: 10_000, everyMs: 50 }

it('R-AGY-2 R-BUS-5 what cannot be watched does not end the daemon', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Code', '--agents', 'a'])
  const pid = await bench.daemonPid()
  // Links that lead to themselves: whoever follows one is told ELOOP.
  await symlink('loop', bench.file('agencies', 'loop'))
  await symlink('agency.json', bench.file('agencies', 'Code', 'context', 'x.md'))
  await symlink('loop.json', bench.file('registry', 'outbox', 'new', 'loop.json'))
  await mkdir(bench.file('agencies', 'later'))
  await writeFile(bench.file('agencies', 'later', 'notes.md'), 'x')
  for (let looks = 0; looks < 8; looks++) expect(await bench.daemonPid()).toBe(pid)
  expect(await until(async () => (await readdir(bench.file('registry', 'outbox', 'new'))).length === 0, DEADLINE)).toBe(
    true,
  )
  expect(await readdir(bench.file('registry', 'outbox', 'rejected'))).toEqual(['loop.json', 'loop.json.original'])
  await bench.ok(['daemon', 'restart'])
  const next = await bench.daemonPid()
  for (let looks = 0; looks < 8; looks++) expect(await bench.daemonPid()).toBe(next)
}, 60_000)
