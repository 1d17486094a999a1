/** The process door: a script agent reads one JSON message a line from a pipe that its runner holds open. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { shortId } from '../../kernel/ids.ts'
import type { Delivery } from '../../model/delivery.ts'
import type { Message } from '../../model/message.ts'
import { writeMail } from '../mail.ts'
import { showInPane } from '../paneView.ts'
import type { Door, DoorParts } from './door.ts'

/** A write of at most PIPE_BUF bytes is whole or not at all, on Linux; longer bodies go as a file. */
const MAX_LINE_BYTES = 4_000
/** Lines a script may have before it has answered one. */
const WINDOW = 16
const UNKNOWN_AGAIN_MS = 60_000

export function processDoor(parts: DoorParts & { readonly runFolder: (address: string) => string }): Door {
  const { ledger, clock, workspace, settings, runFolder } = parts

  async function line(message: Message, delivery: Delivery): Promise<string> {
    const envelope = {
      id: message.id,
      from: message.from,
      to: delivery.to,
      type: message.type,
      ...(message.label ? { label: message.label } : {}),
      ...(message.replyTo ? { replyTo: message.replyTo } : {}),
      thread: message.thread,
      at: message.at,
      ...(delivery.isRedelivery ? { redelivery: true } : {}),
    }
    const whole = `${JSON.stringify({ ...envelope, body: message.body, ...(message.payload ? { payload: message.payload } : {}) })}\n`
    if (Buffer.byteLength(whole) <= MAX_LINE_BYTES) return whole
    return `${JSON.stringify({ ...envelope, bodyFile: await writeMail(workspace, message, delivery.to), bytes: Buffer.byteLength(message.body) })}\n`
  }

  return {
    obstacle: async agent => (agent.pid === undefined ? { reason: 'its program is not running' } : undefined),

    // What this start of the program has not answered counts, however long ago it was written: a script that hangs is not
    // given line after line.
    room: (agent, underWay) =>
      WINDOW -
      underWay.filter(({ state, instance }) =>
        state === 'unknown' ? instance === agent.instance : ['claimed', 'handing', 'handed'].includes(state),
      ).length,

    async handOver({ delivery, message }, agent) {
      const text = await line(message, delivery)
      const begun = await ledger.move(delivery.id, {
        event: 'begin',
        at: clock.now(),
        door: 'process',
        instance: agent.instance,
      })
      if (!begun) return
      const written = await writeLine(join(runFolder(agent.address), 'in'), text)
      if (written !== 'written') {
        await ledger.move(delivery.id, {
          event: 'release',
          at: clock.now(),
          evidence: `the pipe took nothing: ${written}`,
          notBefore: clock.now() + 200,
        })
        return
      }
      ledger.reach('line:after')
      await ledger.move(delivery.id, {
        event: 'hand',
        at: clock.now(),
        evidence: `line written to process ${agent.pid}`,
        dueAt: clock.now() + settings.delivery.confirmTimeout * 1000,
      })
      await showInPane(
        runFolder(agent.address),
        `→ [${message.from} · ${message.type} · ${shortId(message.id)}] ${message.body}`,
      )
    },

    async resolve({ delivery }, agent) {
      const at = clock.now()
      const hasEnded = delivery.instance !== agent.instance || agent.pid === undefined || agent.state === 'dead'
      if (hasEnded)
        await ledger.move(delivery.id, {
          event: 'retry',
          at,
          evidence: `start ${delivery.instance} of the program ended without an answer`,
        })
      // It has answered nothing yet, and may still.
      else if (delivery.state === 'unknown') await ledger.store.postpone(delivery.id, at + UNKNOWN_AGAIN_MS)
      // The line may or may not stand in the pipe, and a pipe cannot be looked into: the mark tells the script.
      else if (delivery.state === 'handing')
        await ledger.move(delivery.id, { event: 'retry', at, evidence: 'the hand-over was interrupted' })
      else await ledger.move(delivery.id, { event: 'lose', at, reason: 'the program has not answered in time' })
    },
  }
}

/** Without a reader, or with a full pipe, nothing is written. */
async function writeLine(pipe: string, text: string): Promise<'written' | 'no reader' | 'full'> {
  try {
    const file = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      await file.write(text)
      return 'written'
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EAGAIN') return 'full'
    if (code === 'ENXIO' || code === 'ENOENT' || code === 'EPIPE') return 'no reader'
    throw error
  }
}
