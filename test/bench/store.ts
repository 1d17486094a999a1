/** Measures an acceptance against a raw sync of the same disk in the same run, in this thread and behind the worker. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import type { Message } from '../../src/model/message.ts'
import { openStore } from '../../src/storage/engines.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import { bundle } from '../storage/bundle.ts'

const ROUNDS = 2_000
const recipients = [{ to: 'Code/python-agent', kind: 'direct' }] as const
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'agency-bench-'))

function message(): Message {
  const id = newId()
  const words = { id, thread: id, from: 'Code/lead', to: 'Code/python-agent', type: 'TASK', priority: 1 } as const
  const nothing = {
    spokenBy: undefined,
    payload: undefined,
    label: undefined,
    expiresAt: undefined,
    replyTo: undefined,
  }
  const body = 'TASK-1: write the parser and tell the lead. '.repeat(4)
  return { ...words, ...nothing, body, at: Date.now(), idempotencyKey: undefined, ackWanted: false }
}

async function measure(name: string, once: () => unknown, rounds = ROUNDS): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await once()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const at = (part: number) => times[Math.floor(times.length * part)]!.toFixed(3)
  process.stdout.write(`${name.padEnd(36)} p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)} ms\n`)
}

async function measureDisk(kilobytes: number): Promise<void> {
  const file = openSync(join(folder, 'raw'), 'w')
  const block = Buffer.alloc(kilobytes * 1024, 7)
  for (let index = 0; index < 256; index++) writeSync(file, block)
  fdatasyncSync(file)
  let index = 0
  await measure(`raw write and fdatasync, ${kilobytes} KB`, () => {
    writeSync(file, block, 0, block.length, (index++ % 256) * block.length)
    fdatasyncSync(file)
  })
  closeSync(file)
}

await measureDisk(4)
await measureDisk(52)
const engine = new SqliteEngine(join(folder, 'thread.db'))
await measure('accept, in this thread', () => engine.accept(message(), recipients))
engine.close()

await measureDisk(4)
const workerFile = await bundle('src/storage/sqlite/worker.ts', 'bench-worker')
const store = await openStore({ engine: 'sqlite', file: join(folder, 'worker.db'), workerFile, log: silentLog() })
await measure('accept, behind the worker', () => store.accept(message(), recipients))
const burst = () => Promise.all(Array.from({ length: 64 }, () => store.accept(message(), recipients)))
await measure('64 accepts at once', burst, 100)
await measure('a read, behind the worker', () => store.marked('nothing'))
await store[Symbol.asyncDispose]()
rmSync(folder, { recursive: true, force: true })
