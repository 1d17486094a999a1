/** How Anthropic refuses, with the headers by which Claude Code tells a usage limit from a busy moment. */
import { type Failure, retryHeaders, type Wire } from './wire.ts'

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

export function errorType(status: number): string {
  return TYPES[status] ?? 'api_error'
}

export const anthropicRefusal: Wire['refuse'] = failure => ({
  headers: { ...retryHeaders(failure), ...limitHeaders(failure), ...finalHeaders(failure) },
  body: { type: 'error', error: { type: errorType(failure.status), message: failure.message } },
})

/** A subscription's limit: the program shows the time and does not try again by itself. */
function limitHeaders({ status, resetAt }: Failure): Record<string, string> {
  if (status !== 429 || !resetAt) return {}
  const reset = String(Math.ceil(resetAt.getTime() / 1000))
  return {
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': reset,
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    'anthropic-ratelimit-unified-5h-status': 'rejected',
    'anthropic-ratelimit-unified-5h-reset': reset,
    'anthropic-ratelimit-unified-5h-utilization': '1.0',
    'anthropic-ratelimit-unified-overage-status': 'rejected',
    'anthropic-ratelimit-unified-overage-disabled-reason': 'org_level_disabled',
  }
}

/** Without it the program tries for minutes what cannot succeed. */
function finalHeaders({ status, resetAt }: Failure): Record<string, string> {
  return status === 401 || status === 403 || resetAt ? { 'x-should-retry': 'false' } : {}
}
