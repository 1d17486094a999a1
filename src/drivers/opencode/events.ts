/** The stream of an opencode's events, opened again whenever it ends, until its signal aborts. */
import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { sleep } from '../../kernel/abort.ts'
import { isObject, parseJson } from '../../kernel/json.ts'
import { MAX_ANSWER_BYTES, type OpencodeClient } from './client.ts'

export interface OpencodeEvent {
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
}

export interface EventStream {
  readonly isOpen: boolean
  /** Resolves when the signal has aborted and nothing is read any more. */
  readonly done: Promise<void>
}

/** opencode sends a heartbeat every 10 seconds: after three without one the connection is dead. */
const SILENCE_MS = 30_000
const AGAIN_MS = 500

/** `opened` is called after each opening, before its first event: what happened while it was closed has to be asked for. */
export function followEvents(
  client: OpencodeClient,
  take: { readonly opened: () => Promise<void>; readonly event: (event: OpencodeEvent) => void },
  signal: AbortSignal,
): EventStream {
  let isOpen = false

  async function readOnce(): Promise<void> {
    const stream = await client.open('/event', SILENCE_MS)
    try {
      if (stream.statusCode !== 200) return
      const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
      endAtLongLine(stream)
      // Events that come while this asks are kept by the reader.
      const all = lines[Symbol.asyncIterator]()
      await take.opened()
      isOpen = true
      for await (const line of { [Symbol.asyncIterator]: () => all }) {
        const event = parse(line)
        if (event) take.event(event)
      }
    } finally {
      isOpen = false
      stream.destroy()
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await readOnce().catch(() => undefined)
      await sleep(AGAIN_MS, signal)
    }
  }

  return {
    get isOpen() {
      return isOpen
    },
    done: run(),
  }
}

/** The reader keeps a line until its end has come. */
function endAtLongLine(stream: IncomingMessage): void {
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(10)
    bytes = end < 0 ? bytes + chunk.length : chunk.length - end - 1
    if (bytes > MAX_ANSWER_BYTES) stream.destroy(new Error('an event has no end'))
  })
}

function parse(line: string): OpencodeEvent | undefined {
  if (!line.startsWith('data:')) return undefined
  const parsed = parseJson(line.slice('data:'.length))
  if (!parsed.ok || !isObject(parsed.value)) return undefined
  const { type, properties } = parsed.value
  return typeof type === 'string' ? { type, properties: isObject(properties) ? properties : {} } : undefined
}
