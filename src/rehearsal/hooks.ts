/** Hook events told to whoever asked by `--hook`: one after the other, in order, never in the way of the screen. */
import { isObject, parseJson } from '../kernel/json.ts'
import { type Ended, runShell } from './child.ts'

const HOOK_TIMEOUT_MS = 10_000
// Claude Code drops the ninth in a row, so that a hook cannot keep it busy for ever.
const STOP_BLOCKS = 8

export interface HookOptions {
  readonly command: string | undefined
  /** What every payload has: session, folder. */
  readonly common: Readonly<Record<string, string>>
  /** Misbehaviour: a program that tells nothing. */
  readonly isSilent: () => boolean
  /** A Stop hook handed in the next message. */
  readonly onFeedback: (text: string) => void
}

export class Hooks {
  readonly #options: HookOptions
  #last: Promise<unknown> = Promise.resolve()
  #blocks = 0

  constructor(options: HookOptions) {
    this.#options = options
  }

  /** Resolves when this event was told. A hook that fails is passed over, as in real programs. */
  tell(event: string, payload: Readonly<Record<string, string>> = {}): Promise<void> {
    const { command, common, isSilent } = this.#options
    if (!command || isSilent()) return Promise.resolve()
    const input = JSON.stringify({ hook_event_name: event, ...common, ...payload })
    const told = this.#last
      // At the end of a turn it asks for more: the hook may answer with the next message.
      .then(() => runHook(`${command} ${event}${event === 'Stop' ? ' ask' : ''}`, input))
      .then(({ stdout }) => this.#hear(event, stdout))
    this.#last = told
    return told
  }

  /** As Claude Code: a Stop hook that answers `{"decision":"block","reason":…}` hands in the next message at the turn's end. */
  #hear(event: string, stdout: string): void {
    if (event === 'UserPromptSubmit') this.#blocks = 0
    const reason = event === 'Stop' ? blockReason(stdout) : undefined
    if (reason !== undefined && ++this.#blocks <= STOP_BLOCKS) this.#options.onFeedback(reason)
  }
}

/** A closed terminal hangs up twice, and the second can hit a child that has not yet a group of its own: that one is run again. */
async function runHook(command: string, input: string): Promise<Ended> {
  const run = () => runShell(command, { input, timeoutMs: HOOK_TIMEOUT_MS })
  const ended = await run()
  return ended.isHungUp ? run() : ended
}

/** The message that a Stop hook hands in, if its answer is one. */
function blockReason(stdout: string): string | undefined {
  const answer = parseJson(stdout)
  if (!answer.ok || !isObject(answer.value) || answer.value.decision !== 'block') return undefined
  return typeof answer.value.reason === 'string' ? answer.value.reason : undefined
}
