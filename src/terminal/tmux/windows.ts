/** Windows of ours: made, ordered and named as asked, whatever the person's tmux.conf says. */
import { stat } from 'node:fs/promises'
import { AgencyError } from '../../kernel/errors.ts'
import type { PaneId, SessionId, WindowId, WindowSpec } from '../terminal.ts'
import { planMoves } from './arrange.ts'
import type { Channel } from './channel.ts'
import { type Command, literal } from './quote.ts'

/** Adds a window and gives its pane. On failure nothing stays behind. */
export async function addWindow(
  channel: Channel,
  sessionId: SessionId,
  { spec, afterIndex }: { spec: WindowSpec; afterIndex?: number | undefined },
): Promise<PaneId> {
  await Promise.all([requireSizes(channel), requireFolder(spec)])
  if (afterIndex === -1) return openWindow(channel, spec, `${sessionId}:0`, ['-b', '-t', `${sessionId}:0`])
  const [after, place] = afterIndex === undefined ? ['{end}', '{end}'] : [`${afterIndex}`, `${afterIndex + 1}`]
  return openWindow(channel, spec, `${sessionId}:${place}`, ['-a', '-t', `${sessionId}:${after}`])
}

export async function openWindow(
  channel: Channel,
  spec: WindowSpec,
  target: string,
  position: Command,
): Promise<PaneId> {
  const where = position.length > 0 ? position : ['-t', target]
  const [[pane] = []] = await channel.runSequence([
    ['new-window', '-d', '-P', '-F', '#{pane_id}', ...where, ...windowArgs(spec)],
    // In one go with its birth: nothing that the program prints can rename it, and it cannot stay as a dead pane.
    ...['automatic-rename', 'allow-rename', 'remain-on-exit'].map(name => [
      'set-option',
      '-w',
      '-t',
      target,
      name,
      'off',
    ]),
  ])
  try {
    await channel.run(['set-option', '-p', '-t', pane!, '@agency', spec.owner])
  } catch (error) {
    throw closedAtOnce(spec, error)
  }
  return pane as PaneId
}

function windowArgs({ name, cwd, env = {}, argv = [] }: WindowSpec): string[] {
  const variables = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`])
  return ['-n', literal(name), '-c', literal(cwd), ...variables, ...(argv.length > 0 ? ['--', ...direct(argv)] : [])]
}

/** tmux hands a single word to the person's shell and runs several as they are. */
function direct(argv: readonly string[]): readonly string[] {
  return argv.length === 1 ? ['/bin/sh', '-c', 'exec "$0"', ...argv] : argv
}

/** Brings windows to the given places and restores their names. Windows that are gone are passed over. */
export async function arrangeWindows(
  channel: Channel,
  sessionId: SessionId,
  windows: readonly { id: WindowId; name: string }[],
): Promise<void> {
  const present = (await listWindows(channel, sessionId)).map(window => ({ ...window }))
  const named = windows.filter(({ id }) => present.some(window => window.id === id))
  const moves = planMoves(
    present,
    windows.map(({ id }) => id),
  )
  const shown = present.find(window => window.isActive)
  const within = (id: WindowId) => `${sessionId}:${id}`
  await channel.runSequence([
    ['set-option', '-t', `${sessionId}:`, 'renumber-windows', 'off'],
    ...moves.map(move =>
      move.type === 'swap'
        ? ['swap-window', '-d', '-s', within(move.a), '-t', within(move.b)]
        : ['move-window', '-d', '-s', within(move.window), '-t', `${sessionId}:${move.index}`],
    ),
    ...named.map(({ id, name }) => ['rename-window', '-t', within(id), '--', literal(name)]),
    // The person keeps looking at the window they looked at, wherever it is now.
    ...(moves.length > 0 && shown ? [['select-window', '-t', within(shown.id)]] : []),
  ])
}

interface ListedWindow {
  readonly id: WindowId
  readonly index: number
  readonly isActive: boolean
}

export async function listWindows(channel: Channel, session: SessionId): Promise<ListedWindow[]> {
  const lines = await channel.run([
    'list-windows',
    '-t',
    session,
    '-F',
    '#{window_id} #{window_index} #{window_active}',
  ])
  return lines.map(line => {
    const [id, index, active] = line.split(' ')
    return { id: id as WindowId, index: Number(index), isActive: active === '1' }
  })
}

export async function killWindow(channel: Channel, window: WindowId): Promise<void> {
  await channel.run(['kill-window', '-t', window]).catch(ignoreMissing)
}

export function ignoreMissing(error: unknown): void {
  if (!(error instanceof AgencyError) || error.code !== 'NOT_FOUND') throw error
}

/** `window-size manual` as the global setting crashes tmux 3.3a when any window is made, so nobody has it for long. */
export async function requireSizes(channel: Channel): Promise<void> {
  const [value] = await channel.run(['show-options', '-gwv', 'window-size'])
  if (value !== 'manual') return
  const hint = 'tmux set-option -gw window-size latest'
  throw new AgencyError('ENVIRONMENT', 'a new window would crash tmux: its global window-size is manual', { hint })
}

export async function requireFolder({ name, cwd }: WindowSpec): Promise<void> {
  // tmux would start the program in the home folder and say nothing.
  const isFolder = await stat(cwd).then(
    entry => entry.isDirectory(),
    () => false,
  )
  if (!isFolder)
    throw new AgencyError('NOT_FOUND', `window ${name}: there is no folder ${cwd}`, { hint: `mkdir -p '${cwd}'` })
}

export function closedAtOnce(spec: WindowSpec, cause?: unknown): AgencyError {
  const hint = spec.argv?.length ? `run it by hand in ${spec.cwd}: ${spec.argv[0]}` : 'start your shell by hand'
  return new AgencyError('TMUX', `window ${spec.name} closed as soon as it was made`, { hint, cause })
}
