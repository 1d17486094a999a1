/** Names of messages as opencode makes them: by their order it knows which of two is the later one. */
import { shortId } from '../../kernel/ids.ts'

/** 48 bits of time, in units of a 4096th of a millisecond. */
const TIME = 1n << 48n

/** A prompt must sort behind what is there already, or opencode takes it for one that was answered long ago. */
export function messageId(id: string, now = Date.now()): string {
  const time = (BigInt(now) * 4096n) % TIME
  return `msg_${time.toString(16).padStart(12, '0')}agency${shortId(id)}`
}
