import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Connection } from '../../../src/storage/sqlite/connection.ts'
import { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import { message } from '../store.suite.ts'
import { openThroughWorker, temporaryFolder } from './setup.ts'

function filled(): string {
  const file = join(temporaryFolder(), 'agency.db')
  const engine = new SqliteEngine(file)
  for (let count = 0; count < 200; count++) engine.store.accept(message(), [{ to: 'Code/a', kind: 'direct' }])
  engine.close()
  return file
}

async function expectRefused(file: string, code: string): Promise<void> {
  const before = readFileSync(file)
  expect(() => new SqliteEngine(file)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(file), hint: expect.any(String) }),
  )
  await expect(openThroughWorker(file)).rejects.toMatchObject({ code, hint: expect.any(String) })
  expect(readFileSync(file).equals(before)).toBe(true)
}

describe('opening a store', () => {
  it('R-LOG-6 syncs every commit, in WAL mode, on a file that only its owner reads', () => {
    const file = filled()
    chmodSync(file, 0o644)
    const engine = new SqliteEngine(file)
    const pragma = (name: string) => engine.connection.value(`pragma ${name}`)
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys')]).toEqual(['wal', 2, 1])
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600)
    engine.close()
  })

  it('refuses a store of a newer version, and leaves it as it is', async () => {
    const file = filled()
    const connection = new Connection(file, {})
    connection.execute('insert into migrations (id, is_breaking, applied_at) values (999, 1, 0)')
    connection.close()
    await expectRefused(file, 'NEWER_STORE')
  })

  it('takes a store with newer steps that do not break', () => {
    const file = filled()
    const connection = new Connection(file, {})
    connection.execute('insert into migrations (id, is_breaking, applied_at) values (999, 0, 0)')
    connection.close()
    new SqliteEngine(file).close()
  })

  it.each([
    ['that is no database', (bytes: Buffer) => bytes.fill('no database at all ')],
    ['with an overwritten page', (bytes: Buffer) => bytes.fill(0xa5, 4096 * 6, 4096 * 7)],
    ['that was cut', (bytes: Buffer) => bytes.subarray(0, 4096 * 5 + 100)],
    ['with a broken header', (bytes: Buffer) => bytes.fill(0, 0, 16)],
  ])('R-LOG-6 refuses a file %s, and leaves it as it is', async (_, damage) => {
    const file = filled()
    writeFileSync(file, damage(readFileSync(file)))
    await expectRefused(file, 'STORE_DAMAGED')
  })

  it('refuses the database of another program', async () => {
    const file = join(temporaryFolder(), 'other.db')
    const connection = new Connection(file, {})
    connection.execute('create table photos (name text)')
    connection.close()
    await expectRefused(file, 'STORE_DAMAGED')
  })

  it('says when the folder is not there', () => {
    const file = join(temporaryFolder(), 'nowhere', 'agency.db')
    expect(() => new SqliteEngine(file)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('nowhere') }),
    )
  })
})
