/** How the agent talks: it runs the `agency` program, and tries again when the daemon was away. */
import { sleep } from '../kernel/abort.ts'
import { backoffMs } from '../kernel/backoff.ts'
import { type Ended, runChild } from './child.ts'

// Exit codes of `agency` after which the same call may well succeed: 6 not delivered, 8 no daemon.
const WORTH_ANOTHER_TRY = new Set([6, 8])
const TRIES = 3
const CALL_TIMEOUT_MS = 60_000

export interface AgencyCall {
  readonly argv: readonly string[]
  readonly onRetry: (failed: Ended) => void
}

export async function callAgency(call: AgencyCall, signal: AbortSignal): Promise<Ended> {
  const bin = process.env.AGENCY_BIN
  if (!bin)
    return {
      status: 127,
      output: 'AGENCY_BIN is not set, so nobody was told',
      stdout: '',
      isTimedOut: false,
      isHungUp: false,
    }
  for (let attempt = 1; ; attempt++) {
    const ended = await runChild([bin, ...call.argv], { timeoutMs: CALL_TIMEOUT_MS }, signal)
    if (!WORTH_ANOTHER_TRY.has(ended.status) || attempt === TRIES || signal.aborted) return ended
    call.onRetry(ended)
    await sleep(backoffMs(attempt, { baseMs: 400, maxMs: 5000 }), signal)
  }
}
