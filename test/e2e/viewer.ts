/** A person at a terminal: a shell in a pane of the workbench's private tmux server, keys typed into it, and what is seen there. */
import { execa } from 'execa'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import type { Workbench } from './workbench.ts'

export interface ViewerSize {
  readonly columns: number
  readonly rows: number
}

export class Viewer {
  private constructor(
    private readonly bench: Workbench,
    private readonly pane: string,
  ) {}

  /** `agency` is there as a command. */
  static async open(
    bench: Workbench,
    { columns, rows }: ViewerSize,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Viewer> {
    const name = `viewer-${Math.random().toString(36).slice(2, 8)}`
    const settings = Object.entries({ ...env, ENV: '' }).flatMap(([key, value]) => ['-e', `${key}=${value}`])
    const shape = ['-x', String(columns), '-y', String(rows), '-c', bench.root, '-P', '-F', '#{pane_id}']
    const pane = (await bench.tmux('new-session', '-d', '-s', name, ...shape, ...settings, '/bin/sh')).trim()
    const viewer = new Viewer(bench, pane)
    await viewer.sees(/^[#$%]/m)
    await viewer.type(`PS1='$ '; agency() { ${process.execPath} ${packageRoot}/bin/agency.js "$@"; }; clear`)
    return viewer
  }

  /** Words, and Enter behind them. */
  async type(words: string): Promise<void> {
    await this.bench.tmux('send-keys', '-t', this.pane, '-l', words)
    await this.press('Enter')
  }

  /** Keys by tmux's names for them, one after the other. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.bench.tmux('send-keys', '-t', this.pane, ...keys)
  }

  async resize({ columns, rows }: ViewerSize): Promise<void> {
    await this.bench.tmux('resize-window', '-t', this.pane, '-x', String(columns), '-y', String(rows))
  }

  async screen(): Promise<string> {
    return this.bench.tmux('capture-pane', '-p', '-t', this.pane)
  }

  /** Waits until it is to be seen; returns the whole screen. */
  async sees(what: RegExp, timeoutMs = 15_000): Promise<string> {
    let last = ''
    const found = await until(
      async () => {
        last = await this.screen()
        return what.test(last)
      },
      { timeoutMs, everyMs: 50 },
    )
    if (found) return last
    throw new Error(`${what} is not to be seen:\n${last}`)
  }

  /** Process of the command that runs in the shell, which may itself be the child of one. */
  async runningPid(): Promise<number> {
    let pid = (await this.bench.tmux('display-message', '-p', '-t', this.pane, '#{pane_pid}')).trim()
    for (;;) {
      const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', pid], { reject: false })
      const child = stdout.trim().split('\n').at(-1)?.trim()
      if (!child) return Number(pid)
      pid = child
    }
  }

  get target(): string {
    return this.pane
  }

  async isAlternate(): Promise<boolean> {
    return (await this.bench.tmux('display-message', '-p', '-t', this.pane, '#{alternate_on}')).trim() === '1'
  }
}
