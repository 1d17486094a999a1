/** A workspace of a test's own: temporary folder, private tmux server, the real command line; gone at the end whatever happens. */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import '../reaper.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** The JSON document on stdout, when --json was asked for. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  readonly json: any
}

export interface RunOptions {
  readonly input?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly timeoutMs?: number
}

const bin = join(packageRoot, 'bin', 'agency.js')
let made = 0

export class Workbench implements AsyncDisposable {
  private constructor(
    readonly root: string,
    readonly socket: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** `settings`: extra lines of agency.yaml. `env`: for every command, and so for the daemon that the first one starts. */
  static async open(
    options: { settings?: string; env?: Readonly<Record<string, string>>; driver?: string } = {},
  ): Promise<Workbench> {
    const root = await realpath(await mkdtemp(join(tmpdir(), `agency-test-${process.pid}-`)))
    const bench = new Workbench(root, `agency-test-${process.pid}-${++made}`, options.env ?? {})
    await bench.ok(['init', root, '--driver', options.driver ?? 'rehearsal'])
    if (options.settings)
      await writeFile(
        join(root, 'agency.yaml'),
        `${await readFile(join(root, 'agency.yaml'), 'utf8')}\n${options.settings}\n`,
      )
    return bench
  }

  environment(extra: Readonly<Record<string, string | undefined>> = {}): Record<string, string | undefined> {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(AGENCY_|TMUX)/.test(key)))
    return {
      ...clean,
      AGENCY_TMUX_SOCKET: this.socket,
      AGENCY_TMUX_CONFIG: '/dev/null',
      NO_COLOR: '1',
      // What a person's own shell does at its start (a second of work, or waiting for a lock) is no part of any test.
      SHELL: '/bin/sh',
      ...this.settings,
      ...extra,
    }
  }

  /** Runs one command in this workspace and returns how it ended, whatever that is. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const result = await execa(process.execPath, [bin, ...args], {
      cwd: options.cwd ?? this.root,
      env: this.environment(options.env),
      extendEnv: false,
      reject: false,
      timeout: options.timeoutMs ?? 30_000,
      ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    })
    const isJson = args.includes('--json')
    return {
      code: result.exitCode ?? -1,
      stdout: result.stdout,
      stderr: result.stderr,
      json: isJson && result.stdout.trim() !== '' ? parse(result.stdout) : undefined,
    }
  }

  /** Runs a command that must succeed; returns its JSON document. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  async ok(args: readonly string[], options: RunOptions = {}): Promise<any> {
    const ran = await this.run([...args, '--json'], options)
    if (ran.code !== 0) throw new Error(`agency ${args.join(' ')} ended with ${ran.code}: ${ran.stdout} ${ran.stderr}`)
    return ran.json
  }

  async tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await execa('tmux', ['-L', this.socket, ...args], { env: this.environment(), extendEnv: false })
    return stdout
  }

  file(...parts: readonly string[]): string {
    return join(this.root, ...parts)
  }

  async text(...parts: readonly string[]): Promise<string> {
    return readFile(this.file(...parts), 'utf8')
  }

  /** What a rehearsal agent truly received, in order. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  async received(address: string): Promise<any[]> {
    const text = await readFile(this.file('registry', 'run', address, 'received.jsonl'), 'utf8').catch(() => '')
    return text.split('\n').filter(Boolean).map(parse)
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  async agent(address: string): Promise<any> {
    const { agencies } = await this.ok(['status'])
    // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
    return agencies.flatMap((agency: any) => agency.agents).find((agent: any) => agent.address === address)
  }

  /** Waits until the agent is in one of these states. */
  async whenAgent(address: string, ...states: readonly string[]): Promise<void> {
    let last = ''
    const found = await until(
      async () => {
        last = (await this.agent(address))?.state
        return states.includes(last)
      },
      { timeoutMs: 15_000, everyMs: 100 },
    )
    if (!found) throw new Error(`${address} is ${last}, and not ${states.join(' or ')}`)
  }

  /** Waits for a delivery of the message to reach a state; returns the trace. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  async whenDelivery(message: string, to: string, ...states: readonly string[]): Promise<any> {
    // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
    let trace: any
    const found = await until(
      async () => {
        trace = await this.ok(['trace', message])
        return trace.deliveries.some(
          (delivery: { to: string; state: string }) => delivery.to === to && states.includes(delivery.state),
        )
      },
      { timeoutMs: 20_000, everyMs: 100 },
    )
    if (!found) throw new Error(`no delivery to ${to} is ${states.join(' or ')}: ${JSON.stringify(trace, null, 1)}`)
    return trace
  }

  async daemonPid(): Promise<number> {
    return (await this.ok(['daemon'])).pid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const down = await this.run(['down'], { env: { AGENCY_CRASH_AT: undefined } }).catch(() => undefined)
    if (process.env.AGENCY_TEST_KEEP) return
    await endServer(this.socket)
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 })
    if (down && down.code !== 0) throw new Error(`agency down ended with ${down.code}: ${down.stderr}`)
  }
}

/** Ends a private tmux server of a test, and takes its socket's file away. */
export async function endServer(socket: string): Promise<void> {
  await execa('tmux', ['-L', socket, 'kill-server'], { reject: false })
  await rm(join(process.env.TMUX_TMPDIR ?? '/tmp', `tmux-${process.getuid?.() ?? 0}`, socket), { force: true })
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}
