/** Hook events told to whoever asked by `--hook`: one after the other, in order, never in the way of the screen. */
import { isObject, parseJson } from '../kernel/json.ts'
import { type Ended, runShell } from './child.ts'

const HOOK_TIMEOUT_MS = 10_000

export class Hooks {
  readonly #command: string | undefined
  readonly #common: Readonly<Record<string, string>>
  #last: Promise<unknown> = Promise.resolve()

  constructor(command: string | undefined, common: Readonly<Record<string, string>>) {
    this.#command = command
    this.#common = common
  }

  /** Resolves when this event was told. A hook that fails is passed over, as in real programs. */
  tell(event: string, payload: Readonly<Record<string, string>> = {}): Promise<Ended | undefined> {
    const command = this.#command
    if (!command) return Promise.resolve(undefined)
    const input = JSON.stringify({ hook_event_name: event, ...this.#common, ...payload })
    const told = this.#last.then(() => runShell(`${command} ${event}`, { input, timeoutMs: HOOK_TIMEOUT_MS }))
    this.#last = told
    return told
  }
}

/** The message that a Stop hook hands in, if its answer is one. */
export function blockReason(stdout: string): string | undefined {
  const answer = parseJson(stdout)
  if (!answer.ok || !isObject(answer.value) || answer.value.decision !== 'block') return undefined
  return typeof answer.value.reason === 'string' ? answer.value.reason : undefined
}
