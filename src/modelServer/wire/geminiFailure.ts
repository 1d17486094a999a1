/** How Gemini refuses: Google's error form, whose details say whether a quota is of the day or of the minute. */
import { type Failure, retryHeaders, type Wire } from './wire.ts'

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  529: 'UNAVAILABLE',
}
const RPC = 'type.googleapis.com/google.rpc'

export const geminiRefusal: Wire['refuse'] = failure => {
  const { status: code, message } = failure
  const status = STATUSES[code] ?? 'UNKNOWN'
  return { headers: retryHeaders(failure), body: { error: { code, message, status, details: details(failure) } } }
}

/** A quota of the day ends the turn; one of the minute lets the program wait a whole minute, so it is named only with a time. */
function details(failure: Failure): readonly object[] {
  const { 'retry-after': seconds } = retryHeaders(failure)
  if (failure.status !== 429 || seconds === undefined) return []
  const period = failure.resetAt ? 'PerDay' : 'PerMinute'
  const quotaId = `GenerateRequests${period}PerProjectPerModel-FreeTier`
  return [
    { '@type': `${RPC}.QuotaFailure`, violations: [{ quotaMetric: 'requests', quotaId }] },
    { '@type': `${RPC}.RetryInfo`, retryDelay: `${seconds}s` },
  ]
}
