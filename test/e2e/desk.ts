/** A person at a terminal: a second private tmux server with one window, in which they type and we see what they see. */
import { execa } from 'execa'
import { until } from '../../src/kernel/abort.ts'
import { endServer, type Workbench } from './workbench.ts'

export interface Desk extends AsyncDisposable {
  /** Begins the window with this command of the shell. */
  open(command: string, size?: { columns: number; rows: number }): Promise<void>
  resize(columns: number, rows: number): Promise<void>
  press(...keys: readonly string[]): Promise<void>
  screen(): Promise<string>
  /** Waits until the screen shows it; throws with the screen when it does not. */
  sees(words: RegExp, timeoutMs?: number): Promise<string>
  hasRung(): Promise<boolean>
}

export function openDesk(bench: Workbench): Desk {
  const socket = `${bench.socket}-desk`
  const tmux = async (...args: readonly string[]) => {
    const options = { env: bench.environment(), extendEnv: false, cwd: bench.root }
    return (await execa('tmux', ['-L', socket, '-f', '/dev/null', ...args], options)).stdout
  }
  const screen = () => tmux('capture-pane', '-p', '-t', 'desk')
  return {
    async open(command, { columns, rows } = { columns: 110, rows: 24 }) {
      await tmux('new-session', '-d', '-s', 'desk', '-x', `${columns}`, '-y', `${rows}`, command)
    },
    async resize(columns, rows) {
      await tmux('resize-window', '-t', 'desk', '-x', `${columns}`, '-y', `${rows}`)
    },
    async press(...keys) {
      // Each by itself: Esc and a letter in one go are Alt and that letter.
      for (const key of keys) {
        await tmux('send-keys', '-t', 'desk', key)
        if (key === 'Escape') await until(() => false, { timeoutMs: 100 })
      }
    },
    screen,
    async sees(words, timeoutMs = 15_000) {
      let last = ''
      const isSeen = async () => {
        last = await screen()
        return words.test(last)
      }
      if (await until(isSeen, { timeoutMs, everyMs: 50 })) return last
      throw new Error(`the screen does not show ${words}:\n${last}`)
    },
    hasRung: async () => (await tmux('list-windows', '-F', '#{window_bell_flag}')) === '1',
    [Symbol.asyncDispose]: () => endServer(socket),
  }
}
