/** A tmux server of a test's own, which goes with the test whatever happens. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { silentLog } from '../../src/kernel/log.ts'
import type { Terminal } from '../../src/terminal/terminal.ts'
import { createTmux, type TmuxOptions } from '../../src/terminal/tmux/tmux.ts'

let counter = 0

export interface PrivateTmux {
  readonly terminal: Terminal
  readonly socketName: string
  /** A folder of the test, removed afterwards. */
  readonly folder: string
  /** Another Terminal on the same server, as a second daemon would have. */
  another(options?: Partial<TmuxOptions>): Terminal
  /** Runs the tmux command as the person would, on the private server. */
  cli(...args: string[]): Promise<string>
}

export async function privateTmux(options: { conf?: string; answerTimeoutMs?: number } = {}): Promise<PrivateTmux> {
  const socketName = `agency-test-${process.pid}-${++counter}`
  const folder = await mkdtemp(join(tmpdir(), 'agency-tmux-'))
  const configFile = options.conf === undefined ? '/dev/null' : join(folder, 'tmux.conf')
  if (options.conf !== undefined) await writeFile(configFile, options.conf)
  const cli = async (...args: string[]) => {
    const { TMUX: _, ...env } = process.env
    return (await promisify(execFile)('tmux', ['-L', socketName, '-f', configFile, ...args], { env })).stdout
  }
  const opened: Terminal[] = []
  const another = (more: Partial<TmuxOptions> = {}) => {
    const { answerTimeoutMs } = options
    const base = { socketName, configFile, keeper: 'test', tmpDir: join(folder, 'paste'), log: silentLog() }
    const terminal = createTmux({ ...base, ...(answerTimeoutMs ? { answerTimeoutMs } : {}), ...more })
    opened.push(terminal)
    return terminal
  }
  onTestFinished(async () => {
    await Promise.all(opened.map(terminal => terminal[Symbol.asyncDispose]()))
    const path = await cli('display-message', '-p', '#{socket_path}').catch(() => '')
    await cli('kill-server').catch(() => {})
    const uid = process.getuid?.() ?? 0
    const socket = path.trim() || join(process.env['TMUX_TMPDIR'] ?? '/tmp', `tmux-${uid}`, socketName)
    await rm(socket, { force: true })
    await rm(folder, { recursive: true, force: true })
  })
  return { terminal: another(), socketName, folder, another, cli }
}

/** Argv of a pane that shows nothing and stays. */
export const QUIET = ['sh', '-c', 'stty raw -echo; exec cat >/dev/null'] as const
