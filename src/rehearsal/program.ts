/** Puts the parts together: input → reducer → effects, and a screen that is drawn again when something changed. */
import { sleep } from '../kernel/abort.ts'
import { Actor } from './actor.ts'
import { runShell } from './child.ts'
import { Display } from './display.ts'
import { Hooks } from './hooks.ts'
import { Input } from './input.ts'
import { Mischief } from './mischief.ts'
import type { Options } from './options.ts'
import type { Playbook } from './playbook.ts'
import { Questions } from './questions.ts'
import { ReceivedLog } from './received.ts'
import { reduce, wouldSubmit } from './reducer.ts'
import { Session } from './session.ts'
import { type Effect, type Entry, type Event, initialState, type KeyEvent, type State } from './state.ts'
import { welcome } from './welcome.ts'

const FAREWELL_MS = 2000
const BANG_TIMEOUT_MS = 60_000

export class Program {
  readonly #options: Options
  readonly #exit: (code: number) => void
  readonly #log: ReceivedLog
  readonly #hooks: Hooks
  readonly #mischief: Mischief
  readonly #session: Session
  readonly #questions = new Questions(event => this.#dispatch(event))
  readonly #actor: Actor
  readonly #display: Display
  readonly #input: Input
  #state: State
  #turn = new AbortController()
  #isHung = false
  #isEnding = false

  constructor(options: Options, playbook: Playbook, exit: (code: number) => void) {
    const { sessionId, sessionPath, pasteWindowMs } = options
    const [agency, agent] = options.identity.includes('/') ? options.identity.split('/') : ['', options.identity]
    const name = options.name ?? playbook.name ?? (agent || 'rehearsal')
    this.#options = options
    this.#exit = exit
    this.#mischief = new Mischief(options.misbehave, options.statePath)
    this.#session = options.isResumed ? Session.resume(sessionPath, sessionId) : Session.start(sessionPath)
    this.#log = new ReceivedLog(options.logPath)
    this.#hooks = new Hooks({
      command: options.hook,
      common: { session_id: sessionId, transcript_path: sessionPath ?? '', cwd: process.cwd() },
      isSilent: () => this.#mischief.has('no-hooks'),
      onFeedback: text => this.#dispatch({ on: 'submit', text, isFeedback: true }),
    })
    const history = [...welcome(options, name), ...this.#session.history.slice(-300)]
    this.#state = initialState({ name, pasteWindowMs, history })
    this.#actor = new Actor(playbook.rules, {
      name,
      agency: agency ?? '',
      session: this.#session,
      mischief: this.#mischief,
      show: (kind, text) => this.#show({ kind, text }),
      ask: question => this.#questions.ask('permission', question),
      logFailure: text => this.#log.write('failed', text),
    })
    this.#display = new Display({
      state: () => this.#state,
      isRestless: () => this.#mischief.has('redraw'),
      hasTitle: () => !this.#mischief.has('no-title'),
    })
    this.#input = new Input(this.#mischief, event => this.#onKey(event))
  }

  async start(): Promise<void> {
    if (this.#mischief.take('exit-at-start')) return this.#exit(1)
    await sleep(this.#mischief.milliseconds('slow-start'))
    process.stdin.setRawMode(true)
    process.stdin.on('data', bytes => this.#input.feed(bytes))
    // The pane was closed: there is nobody to write to, but the hook is still told.
    for (const event of ['end', 'error']) process.stdin.on(event, () => this.end(0))
    process.stdout.on('error', () => this.end(0))
    this.#display.open()
    if (this.#mischief.has('dialog-at-start') && !(await this.#questions.ask('trust', process.cwd())))
      return this.end(1)
    this.#ready()
  }

  /** Leaves the terminal as it was found, tells the hook, and exits. */
  async end(code: number): Promise<void> {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#turn.abort()
    this.#log.write('end', '')
    this.#display.close()
    const reason = code === 0 ? 'exit' : 'other'
    await Promise.race([this.#hooks.tell('SessionEnd', { reason }), sleep(FAREWELL_MS)])
    this.#exit(code)
  }

  #ready(): void {
    const { sessionId, isResumed, prompt, role } = this.#options
    const source = isResumed ? 'resume' : 'startup'
    this.#log.write('start', sessionId, { source, ...(role ? { role } : {}) })
    void this.#hooks.tell('SessionStart', { source })
    if (prompt) this.#dispatch({ on: 'submit', text: prompt })
  }

  #onKey(event: KeyEvent): void {
    if (this.#isHung) return
    const isDropped = wouldSubmit(this.#state, event, Date.now()) && this.#mischief.take('drop-prompt')
    this.#dispatch(isDropped ? { ...event, isDropped } : event)
    if (event.key.kind !== 'paste') return
    if (this.#mischief.take('crash-after-paste')) this.#crash()
    else if (this.#mischief.take('dialog-before-enter')) void this.#questions.ask('permission', 'Run the migration?')
  }

  #dispatch(event: Event): void {
    if (this.#isEnding) return
    const [state, effects] = reduce(this.#state, event, Date.now())
    this.#state = state
    for (const effect of effects) this.#perform(effect)
    this.#display.refresh()
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'log':
        this.#log.write(effect.kind, effect.text)
        break
      case 'hook':
        void this.#hooks.tell(effect.event, effect.payload)
        break
      case 'turn':
        void this.#takeTurn(effect.turn, effect.text)
        break
      case 'interrupt':
        this.#turn.abort()
        break
      case 'shell':
        void this.#runBang(effect.command)
        break
      case 'answer':
        this.#questions.answer(effect.dialog, effect.isApproved)
        break
      case 'quit':
        void this.end(0)
    }
  }

  async #takeTurn(turn: number, text: string): Promise<void> {
    this.#session.keep({ entry: { kind: 'user', text } })
    if (this.#mustCrash(text)) this.#crash()
    else if (this.#mischief.matches('hang-on', text)) this.#hang()
    else {
      this.#turn = new AbortController()
      await this.#actor.handle(text, this.#turn.signal)
      this.#dispatch({ on: 'turn-ended', turn })
    }
  }

  #mustCrash(text: string): boolean {
    if (this.#mischief.matches('crash-on', text)) return true
    return this.#mischief.matches('crash-once-on', text) && this.#mischief.take('crash-once-on')
  }

  async #runBang(command: string): Promise<void> {
    const { output } = await runShell(command, { timeoutMs: BANG_TIMEOUT_MS })
    this.#show({ kind: 'output', text: output || '(no output)' })
  }

  #show(entry: Entry): void {
    this.#session.keep({ entry })
    this.#dispatch({ on: 'entry', entry })
  }

  #hang(): void {
    this.#isHung = true
    process.stdin.pause()
    setImmediate(() => this.#display.freeze())
    // The one way to stay alive with nothing to do and nothing to read.
    setInterval(() => {}, 2 ** 30)
  }

  /** As a real crash: the terminal is left as it is, so the dead program's composer still stands on the screen. */
  #crash(): void {
    this.#display.abandon()
    process.stderr.write('\r\nfatal: this agent was told to crash\r\n')
    this.#exit(1)
  }
}
