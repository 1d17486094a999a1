/** An acceptance in the daemon's store, behind its worker thread, against a raw sync of the same disk. */
import { newId } from '../../src/kernel/ids.ts'
import type { Message } from '../../src/model/message.ts'
import { withDisk } from './disk.ts'
import { factor, inTurns, ms, type Row } from './measure.ts'

const ROUNDS = 2_000
const recipients = [{ to: 'Code/python-agent', kind: 'direct' }] as const

export function accept(): Promise<readonly Row[]> {
  return withDisk(async ({ store, sync }) => {
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
  })
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
