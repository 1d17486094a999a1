/** Tokens that a program says it has used today, read from the file in which it writes its conversation down. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isObject, parseJson } from '../kernel/json.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import { dayOf } from '../model/agentLimits.ts'

interface Counted {
  readonly day: string
  /** Up to where the file was read: the end of a line. */
  offset: number
  tokens: number
  /** Answers are written down in several lines, each with the use of the whole. */
  last: string | undefined
}

const CHUNK_BYTES = 1024 * 1024

export class TokenCount {
  readonly #files = new Map<string, Counted>()
  readonly #reading = new KeyedLock()

  /** Only what has come since the last call is read. 0 when there is no such file. */
  today(file: string, day: string): Promise<number> {
    return this.#reading.run(file, () => this.#read(file, day))
  }

  async #read(file: string, day: string): Promise<number> {
    const known = this.#files.get(file)
    const counted: Counted = known?.day === day ? known : { day, offset: 0, tokens: 0, last: undefined }
    this.#files.set(file, counted)
    // The agent has named it: a pipe would be waited for.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
    if (!handle) return counted.tokens
    try {
      const found = await handle.stat()
      if (!found.isFile() || found.size === counted.offset) return counted.tokens
      for (;;) {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, counted.offset)
        const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1
        for (const line of buffer.subarray(0, end).toString('utf8').split('\n')) take(counted, line)
        // A line that fills the whole of it is a picture or the like, and tells of no use.
        counted.offset += end === 0 && bytesRead === CHUNK_BYTES ? bytesRead : end
        if (bytesRead < CHUNK_BYTES) return counted.tokens
      }
    } finally {
      await handle.close()
    }
  }
}

function take(counted: Counted, line: string): void {
  if (!line.includes('usage')) return
  const parsed = parseJson(line)
  const value = parsed.ok ? parsed.value : undefined
  if (!isObject(value) || typeof value.timestamp !== 'string') return
  const at = Date.parse(value.timestamp)
  if (Number.isNaN(at) || dayOf(at) !== counted.day) return
  const used = usedBy(value)
  if (!used || (used.id !== undefined && used.id === counted.last)) return
  counted.last = used.id
  counted.tokens += used.tokens
}

/** Claude Code: what an answer read anew and wrote. What came from the provider's cache is not counted. */
function usedBy({ message }: Readonly<Record<string, unknown>>) {
  if (!isObject(message) || !isObject(message.usage)) return undefined
  const { input_tokens, output_tokens, cache_creation_input_tokens } = message.usage
  const id = typeof message.id === 'string' ? message.id : undefined
  return { id, tokens: sum(input_tokens, output_tokens, cache_creation_input_tokens) }
}

function sum(...counts: readonly unknown[]): number {
  return counts.reduce<number>((total, count) => total + (typeof count === 'number' && count > 0 ? count : 0), 0)
}
