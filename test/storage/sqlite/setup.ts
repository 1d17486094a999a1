/** Real stores in temporary folders, in this thread and behind the worker. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { fromDocument } from '../../../src/kernel/errors.ts'
import { openStore } from '../../../src/storage/engines.ts'
import type { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import { proxyStore } from '../../../src/storage/sqlite/protocol.ts'
import type { Store } from '../../../src/storage/store.ts'
import { bundle } from '../bundle.ts'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agency-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function inThisThread(engine: SqliteEngine): Store {
  return proxyStore(
    async call => {
      const [outcome] = engine.batch([call])
      if ('error' in outcome!) throw fromDocument(outcome.error)
      return outcome!.value
    },
    async () => engine.close(),
  )
}

let workerFile: Promise<string> | undefined

export async function openThroughWorker(file: string): Promise<Store> {
  workerFile ??= bundle('src/storage/sqlite/worker.ts', 'sqlite-worker')
  return openStore({ engine: 'sqlite', file, workerFile: await workerFile, onLost: () => {} })
}
