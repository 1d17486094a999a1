/** A coordinator's report that says `submit: true` hands in the branch that it names. Each is heard once. */
import { AgencyError } from '../kernel/errors.ts'
import { isObject, type JsonObject, parseJson } from '../kernel/json.ts'
import { SYSTEM } from '../model/names.ts'
import type { Unit } from '../model/unit.ts'
import type { HandedIn, HandIn } from './handIn.ts'
import type { SubmissionParts } from './parts.ts'

const MARK = 'submissions'
const BATCH = 500

export class Hearing {
  #after: number | undefined

  constructor(
    private readonly parts: SubmissionParts,
    private readonly handIn: HandIn,
  ) {}

  async tick(): Promise<void> {
    const { store } = this.parts
    let after = this.#after ?? Number((await store.marked(MARK)) ?? 0)
    for (;;) {
      const units = await store.units({ after, type: 'message' }, BATCH)
      for (const unit of units) {
        const wish = this.#wish(unit)
        if (wish) await this.#take(unit, wish)
        after = unit.seq
        // Heard again after a crash it is the same one, by its message; so it is written down where it led to something only.
        if (wish) await store.mark(MARK, String(after))
      }
      this.#after = after
      if (units.length < BATCH) return
    }
  }

  async #take({ id, agent }: Unit, wish: HandedIn): Promise<void> {
    const { store, publish } = this.parts
    if ((await store.submissions({ cause: id }, 1)).length > 0) return
    try {
      await this.handIn.submit(agent, wish, { cause: id })
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      const body = `Your report was not handed in: ${error.message}${error.hint ? `. Try: ${error.hint}` : ''}`
      await publish(SYSTEM, { to: agent, type: 'NOTE', body, replyTo: id, idempotencyKey: `submission:refused:${id}` })
    }
  }

  #wish({ agent, metadata, payload }: Unit): HandedIn | undefined {
    const { messageType, spokenBy } = metadata
    if ((messageType !== 'COMPLETE' && messageType !== 'results') || spokenBy === SYSTEM) return undefined
    if (!this.parts.roster.isCoordinator(agent)) return undefined
    const said = readJson(payload ?? '')
    if (said?.['submit'] !== true) return undefined
    const text = (name: string) => (typeof said[name] === 'string' ? said[name] : undefined)
    const measures = Array.isArray(said['measures']) ? said['measures'].map(String).slice(0, 20) : undefined
    const summary = text('summary') ?? text('report')
    return { branch: text('branch'), title: text('title') ?? text('task'), summary, demo: text('demo'), measures }
  }
}

/** The whole of it, or its last line behind words: `COMPLETE lead: TASK-1: done` and then `{"submit": true, …}`. */
function readJson(text: string): JsonObject | undefined {
  for (const part of [text, text.trimEnd().split('\n').at(-1) ?? '', /\{[^{}]*\}\s*$/.exec(text)?.[0] ?? '']) {
    const parsed = part.trim().startsWith('{') ? parseJson(part) : undefined
    if (parsed?.ok && isObject(parsed.value)) return parsed.value as JsonObject
  }
  return undefined
}
