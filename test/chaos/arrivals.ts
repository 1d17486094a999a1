/** Judges delivery by the receiver: what a rehearsal agent wrote down when it arrived, never what the sender believes. */
import { parseHeader } from '../../src/model/header.ts'

export interface Arrival {
  readonly kind: string
  readonly text: string
}

/** What became a prompt or was queued as one. Anything else (a swallowed key, an approval) is no arrival. */
export function promptsOf(log: readonly Arrival[]): readonly Arrival[] {
  return log.filter(({ kind }) => kind === 'prompt' || kind === 'queued')
}

/** Lines of complaint; none when every message arrived whole, and whatever arrived again said so. */
export function complaints(log: readonly Arrival[], sent: readonly { id: string; body: string }[]): readonly string[] {
  const found: string[] = []
  const seen = new Map<string, number>()
  for (const { text } of promptsOf(log)) {
    const parsed = parseHeader(text)
    const message = sent.find(({ id }) => id.slice(-8) === parsed?.header.nonce)
    if (!parsed || !message) {
      found.push(`arrived, and nobody sent it: ${text}`)
      continue
    }
    const times = (seen.get(message.id) ?? 0) + 1
    seen.set(message.id, times)
    if (parsed.body !== message.body) found.push(`arrived otherwise than sent: ${text}`)
    if (times > 1 && parsed.header.redelivery === undefined) found.push(`arrived ${times} times, unmarked: ${text}`)
  }
  for (const { id, body } of sent) if (!seen.has(id)) found.push(`never arrived: ${body}`)
  return found
}
