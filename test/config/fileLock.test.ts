import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tryLock, withEditLock } from '../../src/config/fileLock.ts'

it('R-ALL-3 a lock that another holds is waited for, and one that its folder refuses is an error at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agency-lock-'))
  try {
    const place = { folder, lockfilePath: join(folder, 'a.lock') }
    const release = await tryLock({ ...place, staleMs: 10_000 })
    expect(await tryLock({ ...place, staleMs: 10_000 })).toBeUndefined()
    const edited = withEditLock(place, async () => 'edited')
    await release?.()
    expect(await edited).toBe('edited')

    await writeFile(join(folder, 'file'), '')
    const refused = { folder, lockfilePath: join(folder, 'file', 'a.lock') }
    await expect(tryLock({ ...refused, staleMs: 10_000 })).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(withEditLock(refused, async () => 'edited')).rejects.toMatchObject({ code: 'ENOTDIR' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
