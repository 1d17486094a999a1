/** What the screen shows for a state: history above, and below it busy line, queue, composer or dialog, and footer. */
import { oneLine } from '../model/sanitize.ts'
import { clip, printable, wrap } from '../model/width.ts'
import { composerRows } from './composer-view.ts'
import { wordsOf } from './dialog.ts'
import { type Frame, line, type Row, type Size, type Style } from './frame.ts'
import { type Entry, moodOf, QUIT_WINDOW_MS, type State } from './state.ts'

const TITLE = { ready: '✳ Ready', busy: '✻ Working', waiting: '✋ Action Required' } as const
// From this height on, an empty row between history and the block below it.
const ROOMY_ROWS = 14
const QUEUE_SHOWN = 5
const PROMPT_ROWS = 12
const TOOL_ROWS = 4
const OUTPUT_ROWS = 14

export function view(state: State, size: Size, now: number, clock = ''): Frame {
  const mood = moodOf(state)
  const footer = line(clip(`${state.name} · ${mood}${clock && ` · ${clock}`}`, size.columns), 'dim')
  const above = [...busyRows(state, size, now), ...queueRows(state, size)]
  const rule = line('─'.repeat(size.columns), 'dim')
  const body = state.dialogs.length > 0 ? dialogRows(state, size) : undefined
  const composer = body ? undefined : composerRows(state.composer, size, Math.max(1, size.rows - above.length - 3))
  const middle = body ?? composer!.rows
  // What is given up first on a small screen: rules, then the queue and the busy line, then the footer.
  const spare = size.rows - middle.length
  const kept = { footer: spare >= 1, above: spare >= 1 + above.length, rules: spare >= 3 + above.length }
  const isRoomy = size.rows >= ROOMY_ROWS && spare >= 4 + above.length && state.history.length > 0
  const top = [...(isRoomy ? [line('')] : []), ...(kept.above ? above : []), ...(kept.rules ? [rule] : [])]
  const bottom = [...(kept.rules ? [rule] : []), ...(kept.footer ? [footer] : [])]
  const shown = middle.slice(-size.rows)
  return {
    history: state.history.flatMap(entry => entryRows(entry, size.columns)),
    block: [...top, ...shown, ...bottom],
    cursor: composer && { row: top.length + composer.cursor.row, column: composer.cursor.column },
    epoch: state.epoch,
    title: TITLE[mood],
  }
}

function busyRows(state: State, size: Size, now: number): Row[] {
  if (state.turn && state.dialogs.length === 0) {
    const seconds = Math.max(0, Math.floor((now - state.turn.since) / 1000))
    const how = size.columns < 40 ? '' : ' · esc to interrupt'
    return [line(clip(`✻ Working… (${seconds}s${how})`, size.columns), 'yellow')]
  }
  if (now - state.quitArmedAt < QUIT_WINDOW_MS) return [line(clip('Press Ctrl-C again to exit', size.columns), 'dim')]
  return []
}

function queueRows(state: State, size: Size): Row[] {
  const shown = state.queue.slice(0, Math.max(1, Math.min(QUEUE_SHOWN, size.rows - 6)))
  const rows = shown.map(text =>
    line(clip(`⧗ queued: ${oneLine(text, Math.max(60, size.columns - 10))}`, size.columns), 'dim'),
  )
  const hidden = state.queue.length - shown.length
  return hidden > 0 ? [...rows, line(clip(`⧗ and ${hidden} more`, size.columns), 'dim')] : rows
}

function dialogRows(state: State, size: Size): Row[] {
  const dialog = state.dialogs[0]!
  const words = wordsOf(dialog)
  const option = (choice: 'yes' | 'no') =>
    dialog.selected === choice ? line(`❯ ${words[choice]}`, 'cyan') : line(`  ${words[choice]}`)
  const question = wrap(printable(dialog.question), size.columns - 2).slice(0, Math.max(0, size.rows - 6))
  return [
    line(clip(words.title, size.columns), 'bold'),
    ...question.map(text => line(`  ${text}`)),
    option('yes'),
    option('no'),
    line(clip('Enter to confirm · Esc to cancel', size.columns), 'dim'),
  ]
}

const MARK: Record<Entry['kind'], readonly [mark: string, markStyle: Style, style: Style]> = {
  banner: ['✳ ', 'green', 'bold'],
  user: ['> ', 'bold', 'bold'],
  agent: ['● ', 'green', 'plain'],
  tool: ['$ ', 'cyan', 'cyan'],
  output: ['  ', 'dim', 'dim'],
  notice: ['· ', 'dim', 'dim'],
  error: ['✗ ', 'red', 'red'],
}

// An entry never changes, so its rows are cut once for each width.
const wrapped = new WeakMap<Entry, { columns: number; rows: readonly Row[] }>()

function entryRows(entry: Entry, columns: number): readonly Row[] {
  const known = wrapped.get(entry)
  if (known?.columns === columns) return known.rows
  const rows = cutEntry(entry, columns)
  wrapped.set(entry, { columns, rows })
  return rows
}

function cutEntry(entry: Entry, columns: number): Row[] {
  const [mark, markStyle, style] = MARK[entry.kind]
  const texts = shorten(entry, wrap(printable(entry.text).trimEnd(), columns - 2))
  const rows = texts.map(
    (text, index): Row => [
      { text: index === 0 ? mark : '  ', style: markStyle },
      { text, style },
    ],
  )
  return entry.kind === 'user' || entry.kind === 'agent' ? [line(''), ...rows] : rows
}

/** A prompt shows its beginning, where the header is; the output of a command shows its end, where the verdict is. */
function shorten(entry: Entry, texts: string[]): string[] {
  if (entry.kind === 'user' && texts.length > PROMPT_ROWS)
    return [...texts.slice(0, PROMPT_ROWS - 1), `… +${texts.length - PROMPT_ROWS + 1} lines`]
  if (entry.kind === 'tool' && texts.length > TOOL_ROWS) return [...texts.slice(0, TOOL_ROWS - 1), '…']
  if (entry.kind === 'output' && texts.length > OUTPUT_ROWS)
    return [`… ${texts.length - OUTPUT_ROWS + 1} lines above`, ...texts.slice(1 - OUTPUT_ROWS)]
  return texts
}
