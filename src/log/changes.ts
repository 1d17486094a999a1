/** What changes, told while it does: screens hear of it here, and then ask for what they show. Nothing of it is kept. */
import { sleep, Wakeup } from '../kernel/abort.ts'

export const CHANGE_KINDS = ['agency', 'agent', 'message', 'task', 'submission', 'lock'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** `ids` of what changed: addresses of agents, ids of the rest; empty when it is too much to name, or has no name. */
export interface Change {
  readonly kind: ChangeKind
  readonly ids: readonly string[]
}

/** Calls back with each change and returns the end of it. */
type Source = (heard: (kind: ChangeKind, id: string) => void) => () => void

/** A thousand messages in a second are twenty looks at them. */
const REST_MS = 50
const MOST_IDS = 500
/** Of a timer; nothing else ends the wait than news or the signal. */
const LONGEST_MS = 2_000_000_000

export class Changes {
  constructor(private readonly sources: readonly Source[]) {}

  /** Begins with an empty list: from there on nothing is missed. Then what changed since the list before, until the signal aborts. */
  async *follow(kinds: readonly ChangeKind[], signal: AbortSignal): AsyncGenerator<readonly Change[]> {
    const news = new Wakeup()
    const heard = new Map<ChangeKind, Set<string>>()
    const stops = this.sources.map(listen =>
      listen((kind, id) => {
        if (!kinds.includes(kind)) return
        const ids = heard.get(kind) ?? new Set()
        // One more than are told says that there are more.
        if (id !== '' && ids.size <= MOST_IDS) ids.add(id)
        heard.set(kind, ids)
        news.wake()
      }),
    )
    try {
      yield []
      while (!signal.aborted) {
        await news.wait(LONGEST_MS, signal)
        if (signal.aborted) return
        const changes = [...heard].map(([kind, ids]) => ({ kind, ids: ids.size > MOST_IDS ? [] : [...ids] }))
        heard.clear()
        if (changes.length > 0) yield changes
        await sleep(REST_MS, signal)
      }
    } finally {
      for (const stop of stops) stop()
    }
  }
}
