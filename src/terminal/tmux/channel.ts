/** One tmux control client over pipes: commands go in, their answers come back in order, and its end is noticed at once. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { sleep } from '../../kernel/abort.ts'
import { AgencyError } from '../../kernel/errors.ts'
import { type Block, ControlParser, type Notification } from './parse.ts'
import { type Command, commandLine } from './quote.ts'
import { refusal, serverGone } from './refusal.ts'

export interface ChannelOptions {
  /** Arguments of tmux, the last ones being the command that attaches the client. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Of the server, should this client be the one that starts it. */
  readonly umask?: number | undefined
  /** A server that answers nothing for this long counts as lost: a stopped one would hold its callers for ever. */
  readonly answerTimeoutMs: number
  readonly onNotification: (notification: Notification) => void
  /** Called once, with the text of `%exit`. Not called after `close`. */
  readonly onLost: (reason: string) => void
}

interface Request {
  readonly commands: readonly Command[]
  readonly lastLine: string
  readonly blocks: Block[]
  readonly resolve: (blocks: readonly Block[]) => void
  readonly reject: (error: AgencyError) => void
}

/** How long a server may take to let the client go before it is ended. */
const DETACH_MS = 1000

export class Channel implements AsyncDisposable {
  readonly #options: ChannelOptions
  readonly #client: ChildProcessWithoutNullStreams
  readonly #exited: Promise<void>
  readonly #parser = new ControlParser()
  readonly #requests: Request[] = []
  readonly #marker = `agency-${randomBytes(6).toString('hex')}`
  #opening: { resolve: () => void; reject: (error: AgencyError) => void } | undefined
  #state: 'opening' | 'open' | 'closing' | 'closed' = 'opening'
  #complaint = ''
  #counter = 0
  #deadline: NodeJS.Timeout | undefined

  private constructor(options: ChannelOptions) {
    this.#options = options
    // A process group of its own: Ctrl-C in the terminal that started us must not reach it.
    const [program, args] = withUmask(options)
    this.#client = spawn(program, args, { cwd: '/', detached: true, env: { ...options.env } })
    this.#client.stdout.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#client.stderr.on('data', (chunk: Buffer) => {
      this.#complaint += chunk
    })
    this.#client.stdin.on('error', () => this.#end('pipe closed'))
    this.#client.on('close', () => this.#end('client exited'))
    this.#exited = new Promise(resolve => {
      this.#client.on('exit', resolve)
      this.#client.on('error', error => {
        this.#end(error.message)
        resolve()
      })
    })
  }

  /** Resolves when tmux has attached the client. AgencyError('TMUX') with tmux's own words when it has not. */
  static async open(options: ChannelOptions, signal?: AbortSignal): Promise<Channel> {
    signal?.throwIfAborted()
    const channel = new Channel(options)
    const giveUp = () => channel.#end('given up')
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      await new Promise<void>((resolve, reject) => {
        channel.#opening = { resolve, reject }
        channel.#watch()
      })
      return channel
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Lines that one command printed. Several calls in a row travel together. */
  async run(command: Command): Promise<readonly string[]> {
    const [lines] = await this.runSequence([command])
    return lines ?? []
  }

  /** Commands that tmux runs in one go, nothing in between: lines of each, until the first refusal, which is thrown. */
  async runSequence(commands: readonly Command[]): Promise<readonly (readonly string[])[]> {
    const blocks = await this.#send(commands)
    const failed = blocks.findIndex(block => block.isError)
    if (failed >= 0) throw refusal(commands[failed] ?? commands.at(-1)!, blocks[failed]!.lines)
    return blocks.map(block => block.lines)
  }

  /** Detaches. The session that the client was attached to stays. */
  async close(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing'
      this.#client.stdin.end('detach-client\n')
      const patience = new AbortController()
      await Promise.race([this.#exited, sleep(DETACH_MS, patience.signal)])
      patience.abort()
    }
    this.#end('closed')
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #send(commands: readonly Command[]): Promise<readonly Block[]> {
    if (this.#state !== 'open') return Promise.reject(serverGone())
    // How many blocks a line gives depends on what fails and on what `if-shell` starts: a marked line of ours ends the answer.
    const lastLine = `${this.#marker}-${++this.#counter}`
    const text = `${commandLine(...commands)}\n${commandLine(['display-message', '-p', lastLine])}\n`
    return new Promise((resolve, reject) => {
      this.#requests.push({ commands, lastLine, blocks: [], resolve, reject })
      this.#client.stdin.write(text)
      if (this.#requests.length === 1) this.#watch()
    })
  }

  #read(chunk: Buffer): void {
    for (const event of this.#parser.feed(chunk)) {
      if (event.type === 'block') this.#take(event)
      else if (event.name === 'exit') this.#end(event.text)
      else this.#options.onNotification(event)
    }
  }

  #take(block: Block): void {
    if (!block.isAnswer) {
      if (this.#state === 'opening') this.#attached(block)
      return
    }
    const request = this.#requests[0]
    if (!request) return
    if (block.lines.length !== 1 || block.lines[0] !== request.lastLine) {
      request.blocks.push(block)
      return
    }
    this.#requests.shift()
    this.#watch()
    request.resolve(request.blocks)
  }

  #attached(block: Block): void {
    if (block.isError) {
      this.#end(block.lines.join(' '))
      return
    }
    this.#state = 'open'
    this.#watch()
    this.#opening?.resolve()
  }

  #watch(): void {
    clearTimeout(this.#deadline)
    const isWaiting = this.#state === 'opening' || this.#requests.length > 0
    if (isWaiting) this.#deadline = setTimeout(() => this.#end('no answer'), this.#options.answerTimeoutMs)
  }

  #end(reason: string): void {
    if (this.#state === 'closed') return
    const was = this.#state
    this.#state = 'closed'
    clearTimeout(this.#deadline)
    this.#client.kill('SIGKILL')
    this.#client.stdout.destroy()
    const words = this.#complaint.trim() || reason
    this.#opening?.reject(
      new AgencyError('TMUX', `tmux did not start: ${words}`, {
        hint: 'tmux new-session -d   (does it start by hand?)',
      }),
    )
    for (const request of this.#requests.splice(0)) request.reject(serverGone())
    if (was === 'open') this.#options.onLost(reason)
  }
}

/** A server hands its mask on to every pane, the person's own sessions among them. */
function withUmask({ args, umask }: ChannelOptions): [program: string, args: readonly string[]] {
  if (umask === undefined) return ['tmux', args]
  return ['/bin/sh', ['-c', 'umask "$0" && exec tmux "$@"', umask.toString(8), ...args]]
}
