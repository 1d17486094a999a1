/** Decides what the model does with a request: which rule acts, or which of its steps comes next. */
import { keep } from './bounded.ts'
import { type ModelRequest, newest } from './conversation.ts'
import { fillStep, groupsOf } from './fill.ts'
import type { Rule, Script, Step } from './script.ts'
import { isRefusal, messagesIn, placedTexts, retryKey } from './texts.ts'

export interface Plan {
  /** Places of the rules that act, counted from 0. Empty for the default answer and for further steps of a rule. */
  readonly rules: readonly number[]
  readonly steps: readonly Step[]
}

export interface Limit {
  readonly until: Date
  readonly step: Step
}

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
    const going = newest(request).flatMap(turn => (turn.by === 'tool' ? this.#after(turn) : []))
    const matched = this.#textsToAnswer(request).flatMap(message => this.#match(message) ?? [])
    const steps = [...going, ...matched.flatMap(match => match.steps)]
    return { rules: matched.map(match => match.index), steps: steps.length > 0 ? steps : [defaultAnswer(request)] }
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

  /** A command that the person did not allow ends its rule. */
  #after({ callId, text }: { readonly callId: string; readonly text: string }): readonly Step[] {
    return isRefusal(text) ? [] : (this.#afterCall.get(callId) ?? [])
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
    const due = open.flatMap(({ key, text }, index) => {
      const isLeftOver = this.#taken.get(key) === 'failed' && index < open.length - 1
      return messagesIn(text).map(message => ({ text: message, isLeftOver }))
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

function defaultAnswer(request: ModelRequest): Step {
  const nonce = NONCE.exec(placedTexts(request).at(-1)?.text ?? '')?.[1]
  return { say: nonce ? `ok ${nonce}` : 'ok' }
}
