/** Puts the parts together: input → reducer → effects, and a screen that is drawn again when something changed. */
import { sleep } from '../kernel/abort.ts'
import { Actor } from './actor.ts'
import { type Ended, runShell } from './child.ts'
import { textOf } from './composer.ts'
import { Display } from './display.ts'
import { blockReason, Hooks } from './hooks.ts'
import { Input } from './input.ts'
import { Mischief } from './mischief.ts'
import type { Options } from './options.ts'
import type { Playbook } from './playbook.ts'
import { ReceivedLog } from './received.ts'
import { reduce } from './reducer.ts'
import { Session } from './session.ts'
import { type Dialog, type Effect, type Entry, type Event, initialState, type KeyEvent, type State } from './state.ts'
import { welcome } from './welcome.ts'

const FAREWELL_MS = 2000
// Claude Code drops the ninth in a row, so that a hook cannot keep it busy for ever.
const STOP_BLOCKS = 8

export class Program {
  readonly #options: Options
  readonly #log: ReceivedLog
  readonly #hooks: Hooks
  readonly #mischief: Mischief
  readonly #session: Session
  readonly #actor: Actor
  readonly #display: Display
  readonly #input: Input
  readonly #answers = new Map<number, (isApproved: boolean) => void>()
  readonly #exit: (code: number) => void
  #state: State
  #turn = new AbortController()
  #dialogs = 0
  #isHung = false
  #blocks = 0
  #isEnding = false

  constructor(options: Options, playbook: Playbook, exit: (code: number) => void) {
    const { sessionId, sessionPath } = options
    const [agency, agentName] = options.identity.includes('/') ? options.identity.split('/') : ['', options.identity]
    const name = options.name ?? playbook.name ?? (agentName || 'rehearsal')
    this.#options = options
    this.#exit = exit
    this.#mischief = new Mischief(options.misbehave, options.statePath)
    this.#session = options.isResumed ? Session.resume(sessionPath, sessionId) : Session.start(sessionPath)
    this.#log = new ReceivedLog(options.logPath)
    this.#hooks = new Hooks(options.hook, {
      session_id: sessionId,
      transcript_path: sessionPath ?? '',
      cwd: process.cwd(),
    })
    this.#state = initialState({ name, pasteWindowMs: options.pasteWindowMs })
    this.#actor = new Actor(playbook.rules, {
      name,
      agency: agency ?? '',
      session: this.#session,
      mischief: this.#mischief,
      show: (kind, text) => this.#show({ kind, text }),
      ask: question => this.#ask({ kind: 'permission', question, selected: 'yes' }),
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
    this.#state = {
      ...this.#state,
      history: [...welcome(this.#options, this.#state.name), ...this.#session.history.slice(-300)],
    }
    process.stdin.setRawMode(true)
    process.stdin.on('data', bytes => this.#input.feed(bytes))
    process.stdin.on('end', () => this.end(0))
    this.#display.open()
    if (this.#mischief.has('dialog-at-start') && !(await this.#trusts())) return this.end(1)
    this.#ready()
  }

  /** Leaves the terminal as it was found, tells the hook, and exits. */
  async end(code: number): Promise<void> {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#turn.abort()
    this.#log.write('end', '')
    this.#display.close()
    process.stdin.setRawMode(false)
    await Promise.race([this.#tell('SessionEnd', { reason: code === 0 ? 'exit' : 'other' }), sleep(FAREWELL_MS)])
    this.#exit(code)
  }

  #ready(): void {
    const { sessionId, isResumed, prompt, role } = this.#options
    const source = isResumed ? 'resume' : 'startup'
    this.#log.write('start', sessionId, { source, ...(role ? { role } : {}) })
    this.#tell('SessionStart', { source })
    if (prompt) this.#dispatch({ on: 'submit', text: prompt })
  }

  #onKey(event: KeyEvent): void {
    if (this.#isHung) return
    this.#dispatch(this.#maySubmit(event) && this.#mischief.take('drop-prompt') ? { ...event, isDropped: true } : event)
    if (event.key.kind !== 'paste') return
    if (this.#mischief.take('crash-after-paste')) this.#crash()
    else if (this.#mischief.take('dialog-before-enter'))
      void this.#ask({ kind: 'permission', question: 'Run the migration?', selected: 'yes' })
  }

  #maySubmit({ key, isJoined }: KeyEvent): boolean {
    const { dialogs, composer, pastedAt, pasteWindowMs } = this.#state
    const isEnter = key.kind === 'key' && key.name === 'enter' && !isJoined
    return isEnter && dialogs.length === 0 && textOf(composer).trim() !== '' && Date.now() - pastedAt >= pasteWindowMs
  }

  #dispatch(event: Event): void {
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
        void this.#tell(effect.event, effect.payload).then(ended => this.#hearHook(effect.event, ended))
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
        this.#answers.get(effect.dialog.id)?.(effect.isApproved)
        this.#answers.delete(effect.dialog.id)
        break
      case 'quit':
        void this.end(0)
    }
  }

  async #takeTurn(turn: number, text: string): Promise<void> {
    this.#session.keep({ entry: { kind: 'user', text } })
    if (this.#mischief.matches('crash-on', text) || this.#crashesOnce(text)) return this.#crash()
    if (this.#mischief.matches('hang-on', text)) return this.#hang()
    this.#turn = new AbortController()
    await this.#actor.handle(text, this.#turn.signal)
    this.#dispatch({ on: 'turn-ended', turn })
  }

  #crashesOnce(text: string): boolean {
    return this.#mischief.matches('crash-once-on', text) && this.#mischief.take('crash-once-on')
  }

  async #runBang(command: string): Promise<void> {
    const { output } = await runShell(command, { timeoutMs: 60_000 })
    this.#show({ kind: 'output', text: output || '(no output)' })
  }

  #show(entry: Entry): void {
    this.#session.keep({ entry })
    this.#dispatch({ on: 'entry', entry })
  }

  #trusts(): Promise<boolean> {
    // As Claude Code: Enter pressed blindly here chooses No, and the program is gone.
    return this.#ask({ kind: 'trust', question: process.cwd(), selected: 'no' })
  }

  #ask(dialog: Omit<Dialog, 'id'>): Promise<boolean> {
    const id = ++this.#dialogs
    return new Promise(resolve => {
      this.#answers.set(id, resolve)
      this.#dispatch({ on: 'ask', dialog: { ...dialog, id } })
    })
  }

  #tell(event: string, payload: Readonly<Record<string, string>>): Promise<Ended | undefined> {
    return this.#mischief.has('no-hooks') ? Promise.resolve(undefined) : this.#hooks.tell(event, payload)
  }

  /** As Claude Code: a Stop hook that answers `{"decision":"block","reason":…}` hands in the next message at the turn's end. */
  #hearHook(event: string, ended: Ended | undefined): void {
    if (event === 'UserPromptSubmit') this.#blocks = 0
    const reason = event === 'Stop' ? blockReason(ended?.stdout ?? '') : undefined
    if (reason === undefined || this.#isEnding || ++this.#blocks > STOP_BLOCKS) return
    this.#dispatch({ on: 'submit', text: reason, isFeedback: true })
  }

  #hang(): void {
    this.#isHung = true
    process.stdin.pause()
    setImmediate(() => this.#display.freeze())
    // Keeps the process alive with nothing to do.
    setInterval(() => {}, 2 ** 30)
  }

  #crash(): void {
    this.#display.close()
    process.stderr.write('fatal: out of playbook\r\n')
    this.#exit(1)
  }
}
