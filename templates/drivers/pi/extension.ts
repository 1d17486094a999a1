/**
 * Agency's extension in pi: takes prompts out of the folder $AGENCY_PROMPTS, and tells in $AGENCY_EVENTS what pi does.
 * pi loads it by -e; without those variables it does nothing. It imports nothing of Agency's or pi's.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** What of pi's extension API is used here. */
export interface Pi {
  on(event: string, handler: (event: PiEvent, context: PiContext) => void): void
  sendUserMessage(text: string, options: { readonly deliverAs: 'steer' | 'followUp' }): void
}

export interface PiEvent {
  readonly message?: PiMessage
  readonly messages?: readonly PiMessage[]
}

interface PiMessage {
  readonly role: string
  readonly content?: string | readonly { readonly type: string; readonly text?: string }[]
  readonly stopReason?: string
  readonly errorMessage?: string
}

export interface PiContext {
  readonly model?: { readonly provider: string } | undefined
  readonly modelRegistry: { hasConfiguredAuth(model: object): boolean }
  readonly sessionManager: { getSessionFile(): string | undefined }
  isIdle(): boolean
  abort(): void
}

/**
 * Names of prompts that were handed on, for as long as this pi lives: another extension of it, after /reload, hands none on again.
 * Behind a wall the folder is there to be read alone, so that the file stays.
 */
const TAKEN = Symbol.for('agency.taken')

/** A missed notification of the file system costs at most this long. */
const LOOK_AGAIN_MS = 1_000
/** After an error pi tries again by itself, after 2, 4 and 8 seconds: only then is its turn over. */
const RETRY_MS = 10_000
const NO_MODEL = 'it has no model: log in with /login in its pane, or choose one with /model'

// biome-ignore lint/style/noDefaultExport: pi runs the default export
export default function agency(pi: Pi): void {
  const { AGENCY_PROMPTS: prompts, AGENCY_EVENTS: events } = process.env
  if (prompts && events) new Extension(pi, prompts, events).listen()
}

class Extension {
  /** Prompts that pi has, and that its file does not hold yet. */
  #unwritten: string[] = []
  readonly #taken = takenBefore()
  #stop: () => void = () => undefined
  #retry: NodeJS.Timeout | undefined
  #told = 0

  constructor(
    private readonly pi: Pi,
    private readonly prompts: string,
    private readonly events: string,
  ) {}

  listen(): void {
    const { pi } = this
    pi.on('session_start', (_, context) => {
      this.#begin(context)
      const session = context.sessionManager.getSessionFile()
      this.#tell('session_start', { session, ...(hasModel(context) ? {} : { needs: NO_MODEL }) })
    })
    pi.on('session_shutdown', () => this.#stop())
    pi.on('model_select', (_, context) => {
      if (context.isIdle() && hasModel(context)) this.#tell('model_select', {})
    })
    pi.on('agent_start', () => {
      clearTimeout(this.#retry)
      this.#tell('agent_start', {})
    })
    pi.on('agent_end', event => this.#end(event.messages?.findLast(({ role }) => role === 'assistant')))
    pi.on('message_end', ({ message }, context) => {
      if (message?.role === 'user') this.#unwritten.push(wordsOf(message))
      // pi writes a message down after it has told of it.
      setImmediate(() => this.#confirm(context))
    })
  }

  #begin(context: PiContext): void {
    this.#stop()
    // What an earlier start has left was meant for that one: it is sent again, and marked.
    for (const name of names(dirname(this.prompts)))
      if (join(dirname(this.prompts), name) !== this.prompts) remove(join(dirname(this.prompts), name))
    mkdirSync(this.prompts, { recursive: true, mode: 0o700 })
    const take = () => this.#take(context)
    const watcher = watch(this.prompts, take)
    watcher.on('error', () => undefined)
    let timer = setTimeout(function again() {
      take()
      timer = setTimeout(again, LOOK_AGAIN_MS)
    }, 0)
    this.#stop = () => {
      watcher.close()
      clearTimeout(timer)
      clearTimeout(this.#retry)
    }
  }

  /** Hands on what lies in the folder, oldest first. */
  #take(context: PiContext): void {
    const found = names(this.prompts).filter(name => name.endsWith('.json') && !name.startsWith('.'))
    for (const name of found.filter(name => !this.#taken.has(join(this.prompts, name))).sort()) {
      const file = join(this.prompts, name)
      const prompt = readPrompt(file)
      if (prompt?.interrupts && !context.isIdle()) {
        // At the end of the broken turn it is looked at again.
        context.abort()
        return
      }
      this.#taken.add(file)
      if (prompt) this.pi.sendUserMessage(prompt.text, { deliverAs: 'followUp' })
      remove(file)
    }
  }

  /** The daemon believes that pi has a prompt when a pi that is killed now would still know it. */
  #confirm(context: PiContext): void {
    const session = context.sessionManager.getSessionFile()
    if (session !== undefined && !existsSync(session)) return
    for (const prompt of this.#unwritten.splice(0)) this.#tell('prompt', { prompt })
  }

  #end(last: PiMessage | undefined): void {
    if (last?.stopReason === 'error') {
      this.#tell('agent_failed', { error: last.errorMessage ?? '' })
      this.#retry = setTimeout(() => this.#tell('agent_end', {}), RETRY_MS)
    } else this.#tell('agent_end', {})
  }

  /** One file for each event, renamed into the folder; their times are their order, and a clock of milliseconds has to be helped. */
  #tell(event: string, payload: unknown): void {
    this.#told = Math.max(Date.now(), this.#told + 1)
    const name = `${event}.${process.pid}.${this.#told}`
    const temporary = join(this.events, `.${name}.tmp`)
    try {
      writeFileSync(temporary, JSON.stringify({ event, payload }), { mode: 0o600 })
      utimesSync(temporary, this.#told / 1000, this.#told / 1000)
      renameSync(temporary, join(this.events, `${name}.json`))
    } catch {
      // pi must not suffer from a folder that is gone.
    }
  }
}

/** Without one pi drops what it is given. */
function hasModel({ model, modelRegistry }: PiContext): boolean {
  return model !== undefined && model.provider !== 'unknown' && modelRegistry.hasConfiguredAuth(model)
}

function takenBefore(): Set<string> {
  const shared = globalThis as { [TAKEN]?: Set<string> }
  shared[TAKEN] ??= new Set()
  return shared[TAKEN]
}

/** Where it may. */
function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // Behind a wall.
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Undefined when it is gone, or no prompt. */
function readPrompt(file: string): { text: string; interrupts: boolean } | undefined {
  try {
    const { text, interrupts } = JSON.parse(readFileSync(file, 'utf8'))
    return typeof text === 'string' ? { text, interrupts: interrupts === true } : undefined
  } catch {
    return undefined
  }
}

function wordsOf({ content }: PiMessage): string {
  if (typeof content === 'string') return content
  return (content ?? []).map(part => (part.type === 'text' ? (part.text ?? '') : '')).join('\n')
}
