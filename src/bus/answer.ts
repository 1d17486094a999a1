/** Waits for the answer to a message: of whoever was asked, or of the person. */
import type { Clock } from '../kernel/clock.ts'
import type { Id } from '../kernel/ids.ts'
import type { Message } from '../model/message.ts'
import { type Address, HUMAN } from '../model/names.ts'
import type { Store } from '../storage/store.ts'
import type { Ledger } from './ledger.ts'

export interface AnswerParts {
  readonly store: Store
  readonly ledger: Ledger
  readonly clock: Clock
}

/** The first answer to a message, or undefined when the signal aborts before one comes. Who has it this way has read it. */
export async function awaitAnswer(
  parts: AnswerParts,
  caller: Address,
  message: Id,
  signal: AbortSignal,
): Promise<Message | undefined> {
  const answer = await firstAnswer(parts, message, signal)
  const found = answer && (await parts.store.find(answer.id))
  const own = found?.deliveries.filter(delivery => delivery.to === caller) ?? []
  for (const { id } of own)
    await parts.ledger.move(id, {
      event: 'confirm',
      at: parts.clock.now(),
      door: 'inbox',
      evidence: 'printed by agency ask',
    })
  return answer
}

async function firstAnswer(parts: AnswerParts, message: Id, signal: AbortSignal): Promise<Message | undefined> {
  const { store, ledger } = parts
  // Whoever was asked answers, or the person; words of others are messages, and no answers.
  const asked = new Set<Address>([HUMAN, ...((await store.find(message))?.deliveries ?? []).map(({ to }) => to)])
  let wake: () => void = () => {}
  const stop = ledger.onEvent(event => {
    if (event.kind === 'accepted' && event.accepted.message.replyTo === message) wake()
  })
  const giveUp = () => wake()
  signal.addEventListener('abort', giveUp)
  try {
    while (!signal.aborted) {
      const news = new Promise<void>(resolve => {
        wake = resolve
      })
      const replies = await store.replies(message)
      const first = replies.find(reply => asked.has(reply.from))
      if (first) return first
      await news
    }
    return undefined
  } finally {
    stop()
    signal.removeEventListener('abort', giveUp)
  }
}
