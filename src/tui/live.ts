/** The daemon behind a screen: what it is asked, what changes in it, and whether it is there at all. */

import type { Client } from '../cli/client.ts'
import type { ChangeDocument } from '../cli/documents.ts'
import { sleep } from '../kernel/abort.ts'
import { type AgencyError, toAgencyError } from '../kernel/errors.ts'

export interface LiveEvents {
  /** It is there, at first or again: everything may have changed. */
  readonly onJoined: () => void
  readonly onChanges: (changes: readonly ChangeDocument[]) => void
  /** It went away; it is tried again until it answers or the screen ends. */
  readonly onLost: (why: AgencyError) => void
}

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 2_000

/** Follows what changes until the signal aborts. Starts no daemon: one that was stopped on purpose stays so. */
export async function followChanges(
  open: () => Promise<Client>,
  kinds: readonly string[],
  events: LiveEvents,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = FIRST_RETRY_MS
  while (!signal.aborted) {
    try {
      const client = await open()
      await client.stream('GET', `/v1/changes?kinds=${kinds.join(',')}`, undefined, line => {
        if (signal.aborted) return
        waitMs = FIRST_RETRY_MS
        const { changes } = line as { changes: readonly ChangeDocument[] }
        if (changes.length === 0) events.onJoined()
        else events.onChanges(changes)
      })
      // It shuts down, or ended the request after a day of it: soon enough the next one tells which.
      await sleep(FIRST_RETRY_MS, signal)
    } catch (error) {
      if (signal.aborted) return
      events.onLost(toAgencyError(error))
      await sleep(waitMs, signal)
      waitMs = Math.min(LONGEST_RETRY_MS, waitMs * 2)
    }
  }
}
