/** How OpenAI refuses. Codex reads a usage limit and its end from the body; others show the message. */
import type { Failure, Wire } from './wire.ts'

interface OpenaiError {
  readonly message: string
  readonly type: string
  readonly code: string
}

const TYPES: Readonly<Record<number, { type: string; code: string }>> = {
  400: { type: 'invalid_request_error', code: 'invalid_request' },
  401: { type: 'invalid_request_error', code: 'invalid_api_key' },
  403: { type: 'invalid_request_error', code: 'permission_denied' },
  404: { type: 'invalid_request_error', code: 'not_found' },
  429: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  503: { type: 'server_error', code: 'server_is_overloaded' },
  529: { type: 'server_error', code: 'server_is_overloaded' },
}

export function openaiError({ status, message, resetAt }: Failure): OpenaiError {
  if (status === 429 && resetAt) return { message, type: 'usage_limit_reached', code: 'usage_limit_reached' }
  return { message, ...(TYPES[status] ?? { type: 'server_error', code: 'server_error' }) }
}

export const openaiRefusal: Wire['refuse'] = failure => {
  const error = openaiError(failure)
  if (failure.status !== 429 || !failure.resetAt)
    return { headers: retryHeader(failure), body: { error: { ...error, param: null } } }
  const resets_at = Math.ceil(failure.resetAt.getTime() / 1000)
  const resets_in_seconds = Math.max(0, Math.ceil((failure.resetAt.getTime() - Date.now()) / 1000))
  // The provider's headers on how much is used are left out: Codex would open a dialog that offers a cheaper model.
  return {
    headers: { ...retryHeader(failure), 'x-should-retry': 'false' },
    body: { error: { ...error, param: null, plan_type: 'plus', resets_at, resets_in_seconds } },
  }
}

/** Only as the script says it: until the end of a limit a client would wait for hours, showing nothing. */
function retryHeader({ retryAfter }: Failure): Record<string, string> {
  return retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }
}
