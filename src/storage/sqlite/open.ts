/** Opens the store's file: looks before it touches, sets what durability needs and reads it back. */
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { AgencyError } from '../../kernel/errors.ts'
import { Connection } from './connection.ts'
import { damaged, toStoreError } from './failure.ts'
import { APPLICATION_ID, assertKnown, migrate } from './migrations.ts'

/** Earlier versions can lose a WAL that is reset while another connection checkpoints. */
const OLDEST_SQLITE = [3, 51, 3] as const

/** A look through every page costs about 1 s for each GB, 70 ms here: at the start only a store up to this size gets it, `check()` any. */
const LOOK_THROUGH_BYTES = 64 * 1024 * 1024

/**
 * A commit pays for a checkpoint (about 3 ms) only when the WAL has grown to this size without a pause, 1 in about 300:
 * otherwise the worker checkpoints when it is idle.
 */
const BACKSTOP_PAGES = 4_000
const WAL_PAGE_BYTES = 4_096 + 24

export function openConnection(file: string): Connection {
  try {
    if (existsSync(file)) inspect(file)
    else create(file)
    const connection = new Connection(file, { timeout: 5_000 })
    try {
      return prepare(connection, file)
    } catch (error) {
      connection.close()
      throw error
    }
  } catch (error) {
    throw toStoreError(error, file)
  }
}

/** Reads without a right to write, so that a damaged or newer store stays exactly as it is. */
function inspect(file: string): void {
  const { size } = statSync(file)
  if (size === 0) return
  const connection = new Connection(file, { readonly: true, timeout: 5_000 })
  try {
    if (connection.value('select count(*) from sqlite_schema') === 0) return
    if (connection.value('pragma application_id') !== APPLICATION_ID)
      throw damaged(file, 'it is a database of some other program')
    assertKnown(connection, file)
    if (size > LOOK_THROUGH_BYTES) return
    const found = connection.value('pragma quick_check(1)')
    if (found !== 'ok') throw damaged(file, String(found))
  } finally {
    connection.close()
  }
}

/** SQLite gives its side files the mode of the main one, so that one must exist with the right mode first. */
function create(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function prepare(connection: Connection, file: string): Connection {
  assertVersion(String(connection.value('select sqlite_version()')))
  setAndReadBack(connection, 'journal_mode', 'wal')
  // better-sqlite3 runs NORMAL in WAL mode unless told: a power cut then lost acknowledged rows in 531 of 749 images.
  setAndReadBack(connection, 'synchronous', 2)
  setAndReadBack(connection, 'foreign_keys', 1)
  setAndReadBack(connection, 'wal_autocheckpoint', BACKSTOP_PAGES)
  connection.execute('pragma temp_store = memory')
  migrate(connection, file)
  for (const name of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(name)) chmodSync(name, 0o600)
  reserveWal(`${file}-wal`)
  return connection
}

/**
 * Gives the WAL its full length at once: a sync that need not also record a new length takes half as long (0.13 ms an
 * acceptance, not 0.28). SQLite keeps no lock on this file and takes what lies behind its last frame for nothing.
 */
function reserveWal(wal: string): void {
  const chunk = Buffer.alloc(1024 * 1024)
  try {
    const handle = openSync(wal, 'r+')
    try {
      for (let end = statSync(wal).size; end < BACKSTOP_PAGES * WAL_PAGE_BYTES; end += chunk.length)
        writeSync(handle, chunk, 0, chunk.length, end)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch {
    // Only speed is lost: a full disk is reported by the first change that needs it.
  }
}

function setAndReadBack(connection: Connection, name: string, value: string | number): void {
  connection.execute(`pragma ${name} = ${value}`)
  const found = connection.value(`pragma ${name}`)
  if (found !== value)
    throw new AgencyError('ENVIRONMENT', `SQLite keeps ${name} at ${found} where the store needs ${value}`, {
      hint: 'put the workspace on a local disk: agency doctor',
    })
}

function assertVersion(version: string): void {
  const parts = version.split('.').map(Number)
  const difference = OLDEST_SQLITE.map((needed, index) => (parts[index] ?? 0) - needed).find(part => part !== 0) ?? 0
  if (difference < 0)
    throw new AgencyError('ENVIRONMENT', `SQLite ${version} is older than ${OLDEST_SQLITE.join('.')}`, {
      hint: 'npm rebuild better-sqlite3',
    })
}
