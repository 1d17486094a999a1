/** Speaks to a warden over its socket: one request on a connection of its own. */
import { createConnection } from 'node:net'
import { until } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { RunEnd, WardenReply, WardenRequest, WardenStatus } from '../model/warden.ts'
import { readReply } from './replies.ts'

const MOST_LINE = 64_000_000
/** A warden that lives answers in milliseconds; one that was stopped, or whose terminal takes nothing, never does. */
const ANSWER_MS = 5_000

/**
 * Calls `take` with each reply; resolves at the end of them. Rejects when nobody listens, what is said is no reply, or its end
 * is late by all that the request may take. Aborted: hangs up, which ends what runs.
 */
export function ask(
  socket: string,
  request: WardenRequest,
  options: { take?: (reply: WardenReply) => void; signal?: AbortSignal } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket)
    const hangUp = () => connection.destroy()
    let text = ''
    let failure: Error | undefined
    const giveUp = (what: string) => {
      failure ??= new AgencyError('TIMED_OUT', `the warden of a sandbox ${what}: ${socket}`, {
        hint: 'agency sandbox list   and   agency sandbox destroy NAME',
      })
      connection.destroy()
    }
    const mostMs = longestMs(request)
    const timer = mostMs === undefined ? undefined : setTimeout(() => giveUp('does not answer'), mostMs)
    connection.setEncoding('utf8')
    connection.on('connect', () => connection.write(`${JSON.stringify(request)}\n`))
    connection.on('data', (chunk: string) => {
      text += chunk
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      // It is the code under test that may speak here: what never ends is not kept, and what is no reply ends it.
      for (const line of lines) {
        const reply = connection.destroyed ? undefined : readReply(line)
        if (reply) options.take?.(reply)
        else giveUp('says what no warden says')
      }
      if (text.length > MOST_LINE) connection.destroy()
    })
    connection.on('error', error => {
      failure ??= error
    })
    connection.on('close', () => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', hangUp)
      if (failure) reject(failure)
      else resolve()
    })
    connection.on('end', () => connection.end())
    if (options.signal?.aborted) hangUp()
    options.signal?.addEventListener('abort', hangUp, { once: true })
  })
}

/** Undefined: as long as it likes, for a command without an end of its own. */
function longestMs(request: WardenRequest): number | undefined {
  if (request.do !== 'run') return ANSWER_MS
  return request.timeoutMs > 0 ? request.timeoutMs + ANSWER_MS : undefined
}

/** Undefined when it does not answer. */
export async function statusOf(socket: string, signal?: AbortSignal): Promise<WardenStatus | undefined> {
  let status: WardenStatus | undefined
  const take = (reply: WardenReply) => {
    if ('status' in reply) status = reply.status
  }
  await ask(socket, { do: 'status' }, { take, ...(signal ? { signal } : {}) }).catch(() => undefined)
  return status
}

export function whenItAnswers(
  socket: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<WardenStatus | undefined> {
  return until(() => statusOf(socket, signal), { timeoutMs, everyMs: 30, ...(signal ? { signal } : {}) })
}

/** Its end; one without a status when the warden itself went away or the signal aborted. */
export async function runInside(
  socket: string,
  order: Omit<WardenRequest & { do: 'run' }, 'do'>,
  options: { out?: (chunk: Buffer) => void; signal?: AbortSignal } = {},
): Promise<RunEnd> {
  const begun = performance.now()
  let end: RunEnd | undefined
  const take = (reply: WardenReply) => {
    if ('out' in reply) options.out?.(Buffer.from(reply.out, 'base64'))
    if ('done' in reply) end = reply.done
  }
  await ask(socket, { do: 'run', ...order }, { take, ...(options.signal ? { signal: options.signal } : {}) })
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  if (options.signal?.aborted) return end ?? { ended: 'it was called off', seconds }
  return end ?? { ended: 'the sandbox went away meanwhile', seconds, isLost: true }
}
