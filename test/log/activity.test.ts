import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { workspaceAt } from '../../src/config/workspace.ts'
import { ActivityLog } from '../../src/log/activity.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import { inThisThread } from '../storage/sqlite/setup.ts'
import { message } from '../storage/store.suite.ts'

it('R-LOG-8 after a crash the activity log is written on from where it ended, also when it has just been put aside', async () => {
  const root = await mkdtemp(join(tmpdir(), 'agency-activity-'))
  const workspace = workspaceAt(root)
  await using store = inThisThread(new SqliteEngine(join(root, 'agency.db')))
  const log = () => new ActivityLog({ workspace, store, log: { warn: () => undefined }, isThere: () => true })
  const file = join(workspace.agencies, 'Code', 'logs', 'activity.log')
  const lines = async (name: string) => (await readFile(name, 'utf8')).split('\n').filter(Boolean)
  try {
    await store.accept(message(), [{ to: 'Code/a', kind: 'direct' }])
    await log().tick()
    const before = await lines(file)
    expect(before).toHaveLength(2)
    // Written, and the daemon died before it had noted how far.
    await store.mark('activity', '0')
    await rename(file, `${file}.1`)
    await store.accept(message(), [{ to: 'Code/a', kind: 'direct' }])
    await log().tick()
    expect(await lines(`${file}.1`)).toEqual(before)
    expect((await lines(file)).map(line => / #(\d+) /.exec(line)?.[1])).toEqual(['3', '4'])
  } finally {
    await rm(root, { recursive: true })
  }
})
