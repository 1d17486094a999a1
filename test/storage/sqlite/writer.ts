/** A process that accepts messages in a loop, or holds ownership, until it is killed; it prints what was acknowledged. */
import { writeSync } from 'node:fs'
import { newId } from '../../../src/kernel/ids.ts'
import { openStore } from '../../../src/storage/engines.ts'
import { holdOwnership } from '../../../src/storage/sqlite/guard.ts'

const [what, file, workerFile] = process.argv.slice(2) as [string, string, string]

if (what === 'own') {
  holdOwnership(file)
  writeSync(1, 'owned\n')
  setTimeout(() => {}, 60_000)
} else {
  let onLost: (error: { code: string }) => void = () => {}
  const lost = new Promise<{ code: string }>(resolve => {
    onLost = resolve
  })
  const store = await openStore({ engine: 'sqlite', file, workerFile, onLost })
  await Promise.all(Array.from({ length: 4 }, write))
  writeSync(1, `lost ${(await lost).code}\n`)
  process.exit(0)

  async function write(): Promise<void> {
    for (;;) {
      const id = newId()
      const words = {
        id,
        thread: id,
        from: 'Code/lead',
        to: 'Code/a',
        type: 'NOTE',
        body: 'x'.repeat(200),
        priority: 1,
      } as const
      const nothing = {
        spokenBy: undefined,
        payload: undefined,
        label: undefined,
        expiresAt: undefined,
        replyTo: undefined,
        whileBusy: 'wait' as const,
      }
      try {
        await store.accept({ ...words, ...nothing, at: Date.now(), idempotencyKey: undefined, ackWanted: false }, [
          { to: 'Code/a', kind: 'direct' },
        ])
      } catch (error) {
        writeSync(1, `failed ${(error as { code?: string }).code}\n`)
        return
      }
      writeSync(1, `${id}\n`)
    }
  }
}
