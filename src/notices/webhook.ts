/** A webhook: one POST for each notice, signed over its time and its body, answered within a bounded time. */
import { createHmac } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { withDeadline } from '../kernel/abort.ts'
import { readText } from '../kernel/plainFile.ts'
import type { NoticeParts, Telling, Told, Way } from './parts.ts'

const MOST_ITEMS = 100

export type WebhookParts = Pick<NoticeParts, 'workspace' | 'settings' | 'clock' | 'env'>

/** Undefined when none is configured. */
export function webhookWay(parts: WebhookParts): Way | undefined {
  const { url } = parts.settings.notices.webhook
  if (url === undefined) return undefined
  return {
    name: 'webhook',
    isHeldInQuiet: true,
    isRetried: true,
    async check() {
      const secret = await readSecret(parts)
      return { isThere: secret.ok, detail: secret.ok ? placeOf(url) : secret.why }
    },
    async tell(telling, signal) {
      const secret = await readSecret(parts)
      return secret.ok
        ? post(parts, { url, secret: secret.value }, telling, signal)
        : { outcome: 'failed', detail: secret.why }
    },
  }
}

/** A path or query may be a secret itself, as with some chat services: it is never shown. */
function placeOf(url: string): string {
  return new URL(url).origin
}

type Secret = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly why: string }

/** Read anew each time, so that it can be changed. */
async function readSecret({ settings, workspace, env }: WebhookParts): Promise<Secret> {
  const { secretFile, secretEnv } = settings.notices.webhook
  if (secretFile !== undefined) {
    const path = resolve(workspace.root, secretFile)
    const value = await readText(path).catch(() => undefined)
    if (value === undefined) return { ok: false, why: `the file of its secret cannot be read: ${path}` }
    return value.trim() === '' ? { ok: false, why: `${path} is empty` } : { ok: true, value: value.trim() }
  }
  if (secretEnv === undefined)
    return { ok: false, why: 'it has no secret: agency config notices.webhook.secretFile registry/webhook-secret' }
  const value = env[secretEnv]?.trim()
  return value ? { ok: true, value } : { ok: false, why: `${secretEnv} is not set where the daemon was started` }
}

/** What the receiver computes too: over the time, a dot, and the body as it came. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

async function post(
  { workspace, settings, clock }: WebhookParts,
  { url, secret }: { url: string; secret: string },
  telling: Telling,
  signal: AbortSignal,
): Promise<Told> {
  const { timeout } = settings.notices.webhook
  const body = JSON.stringify(documentOf(telling, basename(workspace.root)))
  const timestamp = String(Math.floor(clock.now() / 1000))
  const headers = {
    'content-type': 'application/json',
    'x-agency-id': telling.id,
    'x-agency-timestamp': timestamp,
    'x-agency-signature': signatureOf(secret, timestamp, body),
  }
  try {
    const status = await withDeadline(timeout * 1000, [signal], async deadline => {
      // Never on to another place: what is signed is for this one.
      const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: deadline })
      await answer.body?.cancel()
      return answer.status
    })
    const isTaken = status >= 200 && status < 300
    return { outcome: isTaken ? 'sent' : 'failed', detail: `${placeOf(url)} answered ${status}` }
  } catch (error) {
    return { outcome: 'failed', detail: `${placeOf(url)}: ${whyOf(error, timeout)}` }
  }
}

function whyOf(error: unknown, timeout: number): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string } }
  return name === 'AbortError' ? `no answer within ${timeout} s` : (cause?.code ?? message)
}

function documentOf({ id, at, title, isUrgent, isSummary, items }: Telling, workspace: string) {
  const shown = items.slice(0, MOST_ITEMS).map(({ id, at, kind, about, text, next }) => ({
    ...{ id, at: new Date(at).toISOString(), kind, about, text, next },
  }))
  const time = new Date(at).toISOString()
  return {
    version: 1,
    id,
    at: time,
    workspace,
    title,
    urgent: isUrgent,
    summary: isSummary,
    count: items.length,
    items: shown,
  }
}
