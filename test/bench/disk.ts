/** The yardstick of what is written durably: one sync of the same disk; and a store of its own beside it. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/workspace.ts'
import { openStore } from '../../src/storage/engines.ts'
import type { Store } from '../../src/storage/store.ts'

const BLOCKS = 256

export interface Disk {
  readonly folder: string
  readonly store: Store
  /** Writes 4 KB and waits until they are there. */
  readonly sync: () => void
}

/** A file of its own in `folder`, at its full length already: a growing file would be synced with its size. */
export function openRaw(folder: string): Disposable & { readonly sync: () => void } {
  const raw = openSync(join(folder, 'raw'), 'w')
  const block = Buffer.alloc(4096, 7)
  for (let index = 0; index < BLOCKS; index++) writeSync(raw, block)
  fdatasyncSync(raw)
  let index = 0
  return {
    sync: () => {
      writeSync(raw, block, 0, block.length, (index++ % BLOCKS) * block.length)
      fdatasyncSync(raw)
    },
    [Symbol.dispose]: () => closeSync(raw),
  }
}

/** Runs `work` with a new store in a temporary folder, which is gone afterwards. */
export async function withDisk<T>(work: (disk: Disk) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'agency-bench-'))
  try {
    using raw = openRaw(folder)
    const workerFile = join(packageRoot, 'dist', 'sqlite-worker.js')
    await using store = await openStore({
      engine: 'sqlite',
      file: join(folder, 'agency.db'),
      workerFile,
      onLost: () => {},
    })
    return await work({ folder, store, sync: raw.sync })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
