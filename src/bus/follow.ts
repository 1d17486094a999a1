/** Messages as they come: those listed, and then each new one. Nothing is missed: the order of acceptance is the cursor. */
import type { ListedMessage, MessageFilter, Store } from '../storage/store.ts'
import type { Ledger } from './ledger.ts'

const PAGE = 500

export async function* followMessages(
  { store, ledger }: { readonly store: Store; readonly ledger: Ledger },
  filter: MessageFilter,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<ListedMessage> {
  let after = filter.after ?? 0
  let news = await store.messages(filter, limit)
  for (;;) {
    const heard = nextMessage(ledger, signal)
    try {
      for (const message of news) {
        yield message
        after = message.seq
      }
      news = await store.messages({ ...filter, after }, PAGE)
      if (news.length === 0) await heard.promise
    } finally {
      heard.stop()
    }
    if (signal.aborted) return
  }
}

/** `promise` resolves with the next message, when the signal aborts, or by `stop`; nothing that listens stays behind. */
function nextMessage(ledger: Ledger, signal: AbortSignal): { promise: Promise<void>; stop: () => void } {
  let stop = () => {}
  const promise = new Promise<void>(resolve => {
    const off = ledger.onEvent(event => {
      if (event.kind === 'accepted') stop()
    })
    stop = () => {
      off()
      signal.removeEventListener('abort', stop)
      resolve()
    }
    signal.addEventListener('abort', stop)
  })
  return { promise, stop }
}
