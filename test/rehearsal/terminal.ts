/** The rehearsal agent in a real tmux on a private socket, driven as Agency drives agents. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { execa, execaSync } from 'execa'
import { afterAll } from 'vitest'
import { until } from '../../src/kernel/abort.ts'

let bundle: Promise<string> | undefined
let servers = 0
const open = new Set<TestTerminal>()
const bundles: string[] = []
// Also for a test file that ends without having disposed of what it opened.
function cleanUp(): void {
  for (const terminal of open) terminal.killNow()
  for (const folder of bundles.splice(0)) rmSync(folder, { recursive: true, force: true })
}
afterAll(cleanUp)
process.on('exit', cleanUp)

/** Bundled once for each test process, as `bin/build.js` does it. */
function bundled(): Promise<string> {
  bundle ??= (async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'agency-rehearsal-'))
    bundles.push(outdir)
    writeFileSync(join(outdir, 'package.json'), '{"type":"module"}')
    await build({
      entryPoints: { rehearsal: resolve(import.meta.dirname, '../../src/rehearsal/main.ts') },
      outdir,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
      logLevel: 'warning',
    })
    return join(outdir, 'rehearsal.js')
  })()
  return bundle
}

export interface Received {
  readonly at: number
  readonly kind: string
  readonly text: string
  readonly bytes: number
  readonly nonce?: string
  readonly redelivery?: true
  readonly fileBytes?: number
  readonly fileSha256?: string
}

export interface StartOptions {
  readonly playbook?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
  readonly rows?: number
  /** Made by `newFolder`, when files have to be there first. */
  readonly folder?: string
  readonly waitUntilReady?: boolean
}

const WAIT = { timeoutMs: 8000, everyMs: 20 }

export class TestTerminal implements AsyncDisposable {
  readonly folder: string
  readonly run: string
  readonly work: string
  #socket = ''

  private constructor(folder: string) {
    this.folder = folder
    this.run = join(folder, 'run')
    this.work = join(folder, 'work')
  }

  static async start(options: StartOptions = {}): Promise<TestTerminal> {
    const terminal = new TestTerminal(options.folder ?? TestTerminal.newFolder())
    await terminal.#launch(options)
    if (options.waitUntilReady !== false) await terminal.see(/ · ready$/m)
    return terminal
  }

  /** `run/` for the agent's own files and `work/` as its current folder. */
  static newFolder(): string {
    // The real path, because that is what a program says its current folder is.
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'agency-rehearsal-')))
    mkdirSync(join(folder, 'run'))
    mkdirSync(join(folder, 'work'))
    return folder
  }

  /** Ends the program however it is, and starts it again in the same folders. */
  async restart(options: StartOptions): Promise<void> {
    await this.tmux('kill-server')
    await this.#launch(options)
    await this.see(/ · ready$/m)
  }

  async #launch({ playbook, args = [], env = {}, columns = 100, rows = 30 }: StartOptions): Promise<void> {
    open.add(this)
    // A server that was just killed may still hold its socket, so each launch has its own.
    this.#socket = `agency-test-${process.pid}-${++servers}`
    if (playbook) writeFileSync(join(this.folder, 'playbook.yaml'), playbook)
    const given = playbook ? ['--playbook', join(this.folder, 'playbook.yaml')] : []
    const words = [process.execPath, await bundled(), '--name', 'js-agent', ...given, ...args].map(quoted)
    const all = { AGENCY_RUN: this.run, AGENCY_AGENT: 'CodeAgency/js-agent', ...env }
    const environment = Object.entries(all).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    // The exit code stays readable on the screen, and the pane never dies under a paste.
    const command = `${words.join(' ')}; echo "ended with $?"; exec sleep 600`
    const size = ['-x', String(columns), '-y', String(rows)]
    await this.tmux('new-session', '-d', '-s', 'a', ...size, '-c', this.work, ...environment, command)
    await this.tmux('set-option', '-g', 'window-size', 'manual')
  }

  async tmux(...args: string[]): Promise<string> {
    return (await this.#run(args)).stdout
  }

  /** Sockets are in the test's own folder, and go with it. */
  #run(args: readonly string[], input = '') {
    const env = { TMUX_TMPDIR: this.folder, TMUX: '' }
    return execa('tmux', ['-u', '-L', this.#socket, '-f', '/dev/null', ...args], { env, input })
  }

  screen(): Promise<string> {
    return this.tmux('capture-pane', '-p', '-t', 'a')
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.tmux('resize-window', '-t', 'a', '-x', String(columns), '-y', String(rows))
  }

  /** The same program with pipes instead of a terminal. */
  async runOutside(): Promise<{ exitCode: number | undefined; stderr: string }> {
    const { exitCode, stderr } = await execa(process.execPath, [await bundled()], { reject: false, input: '' })
    return { exitCode, stderr }
  }

  title(): Promise<string> {
    return this.tmux('display-message', '-p', '-t', 'a', '#{pane_title}')
  }

  async paste(text: string): Promise<void> {
    await this.#run(['load-buffer', '-b', 'b', '-'], text)
    await this.tmux('paste-buffer', '-p', '-r', '-d', '-b', 'b', '-t', 'a')
  }

  async keys(...keys: string[]): Promise<void> {
    await this.tmux('send-keys', '-t', 'a', ...keys)
  }

  /** A careful delivery: paste, see it in the composer, let the paste window pass, Enter. */
  async submit(text: string): Promise<void> {
    await this.paste(text)
    const tail = [...text.split('\n').at(-1)!].slice(-12).join('')
    await this.see(text.length > 800 ? /\[Pasted text #/ : tail)
    await this.pasteWindowOver()
    await this.keys('Enter')
  }

  async pasteWindowOver(ms = 130): Promise<void> {
    const end = performance.now() + ms
    await until(() => performance.now() >= end, WAIT)
  }

  async see(what: string | RegExp): Promise<string> {
    let last = ''
    const flat = (text: string) => text.replace(/\s/g, '')
    const isThere = () => (typeof what === 'string' ? flat(last).includes(flat(what)) : what.test(last))
    const found = await until(async () => {
      last = await this.screen()
      return isThere() && last
    }, WAIT)
    if (found === undefined) throw new Error(`never saw ${what} on this screen:\n${last}`)
    return found
  }

  received(): Received[] {
    return this.lines('received.jsonl') as Received[]
  }

  /** JSON lines of a file in the run folder; none while it does not exist. */
  lines(file: string): unknown[] {
    try {
      const lines = readFileSync(join(this.run, file), 'utf8').split('\n')
      return lines.filter(Boolean).map(line => JSON.parse(line) as unknown)
    } catch {
      return []
    }
  }

  async arrived(kind: string, count = 1): Promise<Received[]> {
    const found = await until(() => {
      const arrivals = this.received().filter(line => line.kind === kind)
      return arrivals.length >= count && arrivals
    }, WAIT)
    if (!found) throw new Error(`no ${count} × ${kind} in ${JSON.stringify(this.received())}\n${await this.screen()}`)
    return found
  }

  kinds(): string[] {
    return this.received().map(line => line.kind)
  }

  killNow(): void {
    execaSync('tmux', ['-L', this.#socket, 'kill-server'], { reject: false, env: { TMUX_TMPDIR: this.folder } })
    rmSync(this.folder, { recursive: true, force: true })
    open.delete(this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tmux('kill-server').catch(() => {})
    open.delete(this)
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

export async function eventually(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await until(probe, WAIT))) throw new Error(`did not happen: ${what}`)
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
