import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { workspaceAt } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { eventsFolder, makeRunFolder, runFolder } from '../../src/supervisor/runFolder.ts'
import { RunWatch } from '../../src/supervisor/runWatch.ts'

it('R-AGY-4 a run folder that was removed and made again is heard as before', async () => {
  const root = await mkdtemp(join(tmpdir(), 'agency-watch-'))
  const workspace = workspaceAt(root)
  const runs = new RunWatch(workspace)
  try {
    const heard: string[] = []
    runs.onChange((_address, change) => heard.push(change))
    const run = runFolder(workspace, 'Duo/a')
    await makeRunFolder(run)
    await runs.watch('Duo/a')
    await rm(run, { recursive: true })
    await until(() => heard.length > 0, { timeoutMs: 2000 })
    await runs.watch('Duo/a')
    expect(existsSync(run), 'it makes none itself').toBe(false)
    await makeRunFolder(run)
    await runs.watch('Duo/a')
    heard.length = 0
    await writeFile(join(eventsFolder(run), 'Stop.json'), '{}')
    expect(await until(() => heard.includes('events'), { timeoutMs: 2000 })).toBe(true)
  } finally {
    runs.close()
    await rm(root, { recursive: true, force: true })
  }
})
