/** What script agents say: JSON lines in the file `out` of their run folder, read from where the last reading ended. */
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AgencyError } from '../kernel/errors.ts'
import { parseJson } from '../kernel/json.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import type { Log } from '../kernel/log.ts'
import { rotateWhenLarge } from '../kernel/rotate.ts'
import type { AgentRecord } from '../model/agent.ts'
import { PRIORITY_NAMES, replyType } from '../model/message.ts'
import type { Ledger } from './ledger.ts'
import { showInPane } from './paneView.ts'
import type { Draft } from './publish.ts'

const CHUNK_BYTES = 256 * 1024
const MAX_LINE_BYTES = 20 * 1024 * 1024
/** What is read of one agent before the others have their turn. */
const TURN_BYTES = 1024 * 1024

const id = z.string().max(40)
/** One line of output. Anything else is words for the pane. */
const outputSchema = z.union([
  z.object({ confirm: id }),
  z.object({ ack: id }),
  z.object({ nak: id, delay: z.number().min(0).max(86_400).optional() }),
  z.object({ reply: id, body: z.string().optional(), payload: z.unknown().optional(), type: z.string().optional() }),
  z.object({
    send: z.string(),
    body: z.string().optional(),
    payload: z.unknown().optional(),
    type: z.string().optional(),
    priority: z.enum(PRIORITY_NAMES).optional(),
  }),
])
type Output = z.infer<typeof outputSchema>

export interface ScriptOutputParts {
  readonly ledger: Ledger
  readonly log: Log
  readonly runFolder: (address: string) => string
  readonly publish: (caller: string, draft: Draft) => Promise<unknown>
  readonly settle: (
    caller: string,
    idOrShort: string,
    how: { event: 'confirm' | 'ack' } | { event: 'nak'; delayMs: number },
  ) => Promise<unknown>
}

export class ScriptOutput {
  readonly #offsets = new Map<string, number>()
  readonly #readings = new KeyedLock()
  /** How much has to be read at once to find the end of a long line. */
  readonly #unended = new Map<string, number>()

  constructor(private readonly parts: ScriptOutputParts) {}

  /**
   * Takes in what is new, up to a bound. One reading at a time for each agent; a call while one runs makes it look once more.
   * True when there is more: a script that floods must not keep the others waiting.
   */
  async read(agent: AgentRecord): Promise<boolean> {
    return this.#readings.run(agent.address, () => this.#readNew(agent, TURN_BYTES))
  }

  /**
   * Between two runs of the program: an output that is large and read is put aside, and the next run begins a fresh one. What a
   * left-over of the run before still writes, or the rest of its line, is read where it now lies, until the next is put there.
   */
  async putAside(agent: AgentRecord, maxBytes: number): Promise<void> {
    const { log, runFolder } = this.parts
    await this.#readings
      .run(agent.address, async () => {
        await this.#readNew(agent, Number.POSITIVE_INFINITY)
        await rotateWhenLarge(join(runFolder(agent.address), 'out'), { maxBytes, kept: 1 })
      })
      .catch(error => log.warn({ err: error, agent: agent.address }, 'its output could not be put aside'))
  }

  async #readNew(agent: AgentRecord, atMost: number): Promise<boolean> {
    let hasMore = false
    for (const name of ['out.1', 'out']) hasMore = (await this.#readFile(agent, name, atMost)) || hasMore
    return hasMore
  }

  async #readFile(agent: AgentRecord, name: string, atMost: number): Promise<boolean> {
    const { ledger, runFolder } = this.parts
    const run = runFolder(agent.address)
    const found = await stat(join(run, name)).catch(() => undefined)
    if (!found) return false
    // Of this very file: one that was made anew begins at its start, and its lines are no repetitions.
    const source = `out:${agent.address}:${found.ino}:${Math.round(found.birthtimeMs)}`
    let offset = this.#offsets.get(source) ?? Number((await ledger.store.marked(source)) ?? 0)
    // The file was begun anew by hand: from its start.
    if (found.size < offset) offset = 0
    if (found.size === offset) return false
    const size = Math.min(found.size, offset + Math.max(atMost, this.#unended.get(source) ?? 0))
    const begin = offset
    const file = await open(join(run, name), 'r')
    try {
      let rest = Buffer.alloc(0)
      for (let position = offset; position < size; ) {
        const { bytesRead, buffer } = await file.read(
          Buffer.alloc(Math.min(CHUNK_BYTES, size - position)),
          0,
          undefined,
          position,
        )
        if (bytesRead === 0) break
        position += bytesRead
        rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
        const shown: string[] = []
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
          const text = rest.subarray(0, end).toString('utf8')
          shown.push(...(await this.#take(agent, text, `${source}:${offset}`)))
          rest = rest.subarray(end + 1)
          offset += end + 1
        }
        await showInPane(run, ...shown)
        // Dropped as far as it goes, or no later line would ever be read; what is left of it is words for the pane.
        if (rest.length > MAX_LINE_BYTES) {
          this.parts.log.warn({ agent: agent.address, bytes: rest.length }, 'a line of a script agent is too long')
          offset += rest.length
          rest = Buffer.alloc(0)
        }
      }
    } finally {
      await file.close()
    }
    this.#offsets.set(source, offset)
    // A line that is longer than a turn is read whole in a longer one.
    if (offset === begin) this.#unended.set(source, 2 * (size - begin))
    else this.#unended.delete(source)
    await ledger.store.mark(source, String(offset))
    return found.size > size
  }

  /** Returns what the pane is to show of it. */
  async #take(agent: AgentRecord, text: string, place: string): Promise<readonly string[]> {
    if (text.trim() === '') return []
    const parsed = text.trimStart().startsWith('{') ? parseJson(text) : undefined
    const output = parsed?.ok ? outputSchema.safeParse(parsed.value) : undefined
    if (!output?.success) return [text]
    const said = `← ${describe(output.data)}`
    try {
      await this.#act(agent.address, output.data, place)
      return [said]
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      // The script cannot be told by an exit code: its pane shows it, and the log keeps it.
      this.parts.log.warn(
        { agent: agent.address, code: error.code, err: error.message },
        'a line of a script agent was refused',
      )
      return [said, `error  ${error.message}   [${error.code}]`]
    }
  }

  /** The place of the line in the file is its idempotency key: a crash after the write repeats the line and adds nothing. */
  async #act(address: string, output: Output, idempotencyKey: string): Promise<void> {
    const { publish, settle, ledger } = this.parts
    if ('send' in output)
      await publish(address, {
        to: output.send,
        body: output.body,
        payload: output.payload,
        type: output.type,
        priority: output.priority,
        idempotencyKey,
      })
    else if ('reply' in output) {
      const found = await ledger.store.find(output.reply)
      if (!found) throw new AgencyError('NOT_FOUND', `there is no message ${output.reply} to reply to`)
      // An answer that comes after its message was given up (expired, buried) is an answer all the same.
      await settle(address, output.reply, { event: 'confirm' }).catch(error => {
        if (!(error instanceof AgencyError) || error.code !== 'CONFLICT') throw error
      })
      await publish(address, {
        to: found.message.from,
        body: output.body,
        payload: output.payload,
        type: output.type ?? (output.payload === undefined ? replyType(found.message.type) : undefined),
        replyTo: found.message.id,
        idempotencyKey,
      })
    } else if ('confirm' in output) await settle(address, output.confirm, { event: 'confirm' })
    else if ('ack' in output) await settle(address, output.ack, { event: 'ack' })
    else await settle(address, output.nak, { event: 'nak', delayMs: (output.delay ?? 0) * 1000 })
  }
}

function describe(output: Output): string {
  if ('send' in output) return `to ${output.send}: ${output.body ?? JSON.stringify(output.payload)}`
  if ('reply' in output) return `reply ${output.reply}: ${output.body ?? JSON.stringify(output.payload)}`
  return Object.entries(output)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(' ')
}
