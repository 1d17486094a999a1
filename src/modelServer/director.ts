/** Decides what the model does with a request: which rule acts, or which of its steps comes next. */
import { createHash } from 'node:crypto'
import { isContext } from './context.ts'
import { type ModelRequest, newest, type Turn } from './conversation.ts'
import { fillStep, groupsOf } from './fill.ts'
import type { Rule, Script, Step } from './script.ts'

export interface Plan {
  /** Places of the rules that act, counted from 0. Empty for the default answer and for further steps of a rule. */
  readonly rules: readonly number[]
  readonly steps: readonly Step[]
}

export interface Limit {
  readonly until: Date
  readonly step: Step
}

/** A long rehearsal must not grow without end. */
const MOST_KEPT = 10_000
/** The short id in the header of a message: `[from → to · TYPE · 1a2b3c4d]`. */
const NONCE = /· ([0-9a-f]{8})[\] ]/

export class Director {
  #script: Script
  #used = new Map<Rule, number>()
  /** Steps that follow a tool's result, by the id of the call. */
  readonly #afterCall = new Map<string, readonly Step[]>()
  /** Steps that follow a failure, by what the program will say again. */
  readonly #afterFailure = new Map<string, { readonly steps: readonly Step[]; readonly limit?: Limit }>()
  /** Texts that were taken up, by their place in the conversation, and whether that failed. */
  readonly #taken = new Map<string, 'answered' | 'failed'>()

  constructor(script: Script) {
    this.#script = script
  }

  get script(): Script {
    return this.#script
  }

  /** Rules that are under way go on; the counts begin again. */
  replace(script: Script): void {
    this.#script = script
    this.#used = new Map()
  }

  plan(request: ModelRequest): Plan {
    const again = this.#takeAgain(request)
    if (again) return { rules: [], steps: again }
    const turns = newest(request)
    const going = turns.flatMap(turn => (turn.by === 'tool' ? (this.#afterCall.get(turn.callId) ?? []) : []))
    const matched = this.#textsToAnswer(request)
      .flatMap(messagesIn)
      .flatMap(message => this.#match(message) ?? [])
    const steps = [...going, ...matched.flatMap(match => match.steps)]
    return { rules: matched.map(match => match.index), steps: steps.length > 0 ? steps : [defaultAnswer(turns)] }
  }

  keepForResult(callId: string, rest: readonly Step[]): void {
    keep(this.#afterCall, callId, rest)
  }

  /**
   * After a failure the program says the same again: then the next step is due, or the rule from its beginning. A usage limit
   * fails in the same way until it ends.
   */
  keepForRetry(request: ModelRequest, steps: readonly Step[], limit?: Limit): void {
    for (const { key } of placedTexts(request)) keep(this.#taken, key, 'failed')
    if (steps.length > 0 || limit) keep(this.#afterFailure, retryKey(request), { steps, limit })
  }

  #takeAgain(request: ModelRequest): readonly Step[] | undefined {
    const key = retryKey(request)
    const { steps = [], limit } = this.#afterFailure.get(key) ?? {}
    if (limit && limit.until.getTime() > Date.now()) return [limit.step, ...steps]
    this.#afterFailure.delete(key)
    return steps.length > 0 ? steps : undefined
  }

  /**
   * Several texts may wait at once. One that stands there from an interrupted turn was answered; one whose answer failed was not.
   * A lone repetition is answered again.
   */
  #textsToAnswer(request: ModelRequest): readonly Text[] {
    const texts = placedTexts(request)
    const open = texts.filter(({ key }) => this.#taken.get(key) !== 'answered')
    const due = open.map(({ key, text }, index) => {
      return { text, isLeftOver: this.#taken.get(key) === 'failed' && index < open.length - 1 }
    })
    for (const { key } of texts) keep(this.#taken, key, 'answered')
    if (due.length > 0 || newest(request).some(turn => turn.by === 'tool')) return due
    return texts.slice(-1).map(({ text }) => ({ text, isLeftOver: false }))
  }

  #match({ text, isLeftOver }: Text): { index: number; steps: readonly Step[] } | undefined {
    for (const [index, rule] of this.#script.rules.entries()) {
      const used = this.#used.get(rule) ?? 0
      if (rule.times !== undefined && used >= rule.times) continue
      const found = new RegExp(rule.match, 's').exec(text)
      if (!found) continue
      if (isLeftOver && rule.do.some(step => step.fail ?? step.cut)) return undefined
      this.#used.set(rule, used + 1)
      const groups = groupsOf(found)
      return { index, steps: rule.do.map(step => fillStep(step, groups)) }
    }
    return undefined
  }
}

interface Text {
  readonly text: string
  /** Its answer failed before, and something newer was said: it must not make that fail too. */
  readonly isLeftOver: boolean
}

/** Some programs make one text of all that was queued. A header at the beginning of a line opens a message. */
function messagesIn({ text, isLeftOver }: Text): readonly Text[] {
  return text.split(/\n+(?=\[[\w/-]+ → [\w/-]+ · [\w-]+ · [0-9a-f]{8})/).map(message => ({ text: message, isLeftOver }))
}

/** What was said since the model last spoke, each with a key of its place. Programs add blanks at the end when they send it again. */
function placedTexts(request: ModelRequest): readonly { readonly text: string; readonly key: string }[] {
  const turns = newest(request)
  const wanted = new Set(spoken(turns))
  const users = (list: readonly Turn[]) => list.filter(turn => turn.by === 'user')
  const first = users(request.turns).length - users(turns).length
  return users(turns).flatMap(({ text }, index) =>
    wanted.has(text) ? [{ text, key: digest(`${request.api} ${first + index} ${text.trimEnd()}`) }] : [],
  )
}

/** What was said, without what the program adds by itself; all of it when there is nothing else. */
export function spoken(turns: readonly Turn[]): readonly string[] {
  const texts = turns.flatMap(turn => (turn.by === 'user' ? [turn.text] : []))
  const said = texts.filter(text => !isContext(text))
  return said.length > 0 || turns.some(turn => turn.by === 'tool') ? said : texts
}

function defaultAnswer(turns: readonly Turn[]): Step {
  const nonce = NONCE.exec(spoken(turns).at(-1) ?? '')?.[1]
  return { say: nonce ? `ok ${nonce}` : 'ok' }
}

function retryKey(request: ModelRequest): string {
  const last = newest(request).findLast(turn => turn.by === 'tool' || (turn.by === 'user' && !isContext(turn.text)))
  return digest(`${request.api} ${JSON.stringify(last ?? '')}`)
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64')
}

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > MOST_KEPT && !oldest.done) map.delete(oldest.value)
}
