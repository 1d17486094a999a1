/** An acceptance in the daemon's store, behind its worker thread, against a raw sync of the same disk. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/workspace.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { Message } from '../../src/model/message.ts'
import { openStore } from '../../src/storage/engines.ts'
import { factor, inTurns, ms, type Row } from './measure.ts'

const ROUNDS = 2_000
const recipients = [{ to: 'Code/python-agent', kind: 'direct' }] as const

export async function accept(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'agency-bench-'))
  const raw = openSync(join(folder, 'raw'), 'w')
  const block = Buffer.alloc(4096, 7)
  // A place that exists already: a growing file would be synced with its size.
  for (let index = 0; index < 256; index++) writeSync(raw, block)
  fdatasyncSync(raw)
  let index = 0
  const sync = () => {
    writeSync(raw, block, 0, block.length, (index++ % 256) * block.length)
    fdatasyncSync(raw)
  }
  try {
    await using store = await openStore({
      engine: 'sqlite',
      file: join(folder, 'agency.db'),
      workerFile: join(packageRoot, 'dist', 'sqlite-worker.js'),
      onLost: () => {},
    })
    for (let round = 0; round < 200; round++) await store.accept(message(), recipients)
    const [ours, disk] = await inTurns(ROUNDS, () => store.accept(message(), recipients), sync)
    return [
      {
        what: 'message accepted durably, p50',
        aim: '≤ 1.3 ×',
        measured: ms(ours.p50),
        yardstick: `fdatasync of 4 KB ${ms(disk.p50)}`,
        ratio: factor(ours.p50 / disk.p50),
      },
      {
        what: 'message accepted durably, p99',
        aim: '≤ 2 ×, ≤ 1 ms where the disk allows',
        measured: ms(ours.p99),
        yardstick: `fdatasync of 4 KB ${ms(disk.p99)}`,
        ratio: factor(ours.p99 / disk.p99),
      },
    ]
  } finally {
    closeSync(raw)
    rmSync(folder, { recursive: true, force: true })
  }
}

function message(): Message {
  const id = newId()
  return {
    id,
    thread: id,
    from: 'Code/lead',
    spokenBy: undefined,
    to: 'Code/python-agent',
    type: 'TASK',
    body: 'TASK-1: write the parser and tell the lead. '.repeat(4),
    payload: undefined,
    label: undefined,
    priority: 1,
    at: Date.now(),
    expiresAt: undefined,
    replyTo: undefined,
    idempotencyKey: undefined,
    ackWanted: false,
    whileBusy: 'wait',
  }
}
