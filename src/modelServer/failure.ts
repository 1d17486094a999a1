/** Makes a script's `fail` into what a provider would say. */
import type { Limit } from './director.ts'
import type { Fail } from './script.ts'
import type { Failure } from './wire/wire.ts'

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Invalid API key',
  429: 'This request would exceed your rate limit. Please try again later.',
  500: 'Internal server error',
  529: 'Overloaded',
}

export function failureOf(fail: Fail, now: Date): Failure {
  const resetAt = resetTime(fail, now)
  const limit =
    resetAt && fail.status === 429 ? `You have hit your usage limit. It resets at ${clock(resetAt)}.` : undefined
  return {
    status: fail.status,
    message: fail.message ?? limit ?? MESSAGES[fail.status] ?? `Error ${fail.status}`,
    ...(fail.retryAfter === undefined ? {} : { retryAfter: fail.retryAfter }),
    ...(resetAt ? { resetAt } : {}),
  }
}

/** The same usage limit told again, at whatever time. */
export function limitOf(failure: Failure): Limit | undefined {
  const { status, message, resetAt: until } = failure
  return until && { until, step: { fail: { status, message, resetAt: until.toISOString() } } }
}

function clock(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}

function resetTime({ resetAt, resetIn }: Fail, now: Date): Date | undefined {
  if (resetAt !== undefined) return new Date(resetAt)
  return resetIn === undefined ? undefined : new Date(now.getTime() + resetIn * 1000)
}
