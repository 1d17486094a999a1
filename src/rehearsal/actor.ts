/** Takes one prompt at a time and acts on it by the playbook: the agent's "thinking". */
import { sleep } from '../kernel/abort.ts'
import { act } from './actions.ts'
import { type Message, readMessage } from './message.ts'
import type { Rule, Step } from './playbook.ts'
import { matchRule } from './rules.ts'
import { isTrue } from './template.ts'
import { RuleEnded, type Turn, type World } from './turn.ts'
import { scopeOf } from './turn-scope.ts'

export class Actor {
  readonly #rules: readonly Rule[]
  readonly #world: World

  constructor(rules: readonly Rule[], world: World) {
    this.#rules = rules
    this.#world = world
  }

  /** One turn. Ends early and without a word when the signal aborts. */
  async handle(text: string, signal: AbortSignal): Promise<void> {
    const minimum = sleep(this.#world.mischief.milliseconds('busy-for'), signal)
    const message = readMessage(text)
    const turn: Turn = { world: this.#world, message, groups: {}, run: { status: 0, output: '' }, signal }
    try {
      await this.#act(turn)
      if (message.id && !signal.aborted) this.#world.session.keep({ handled: message.id })
    } catch (error) {
      if (!(error instanceof RuleEnded) && !signal.aborted) this.#world.show('error', (error as Error).message)
    }
    await minimum
  }

  async #act(turn: Turn): Promise<void> {
    const { message, world } = turn
    if (message.problem) return world.show('error', message.problem)
    if (message.isRedelivery && world.session.handled.has(message.id))
      return world.show('agent', `${message.id} was delivered again; it is done already.`)
    const match = matchRule(this.#rules, message, world.session.used)
    if (!match) return actByDefault(turn)
    world.session.keep({ once: match.index })
    await runSteps(match.rule.do, { ...turn, groups: match.groups })
  }
}

async function runSteps(steps: readonly Step[], turn: Turn): Promise<void> {
  for (const step of steps) {
    if (turn.signal.aborted) return
    if (step.if === undefined) await act(step, turn)
    else await runSteps((isTrue(step.if, await scopeOf(turn, step.if)) ? step.then : step.else) ?? [], turn)
  }
}

async function actByDefault(turn: Turn): Promise<void> {
  const { message, world } = turn
  world.show('agent', acknowledgement(message))
  if (message.type.toUpperCase() === 'QUESTION' && message.id)
    await act({ reply: `ANSWER from ${world.name}: this is a rehearsal, decide as you think best.` }, turn)
}

function acknowledgement(message: Message): string {
  return message.id
    ? `Received ${message.type} ${message.id} from ${message.from}.`
    : 'Received. My playbook has no rule for this.'
}
