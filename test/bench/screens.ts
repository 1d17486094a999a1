/** From a key to the frame on the terminal: the approvals screen with five hundred waiting, and with a diff of fifty thousand lines. */
import { EventEmitter } from 'node:events'
import { render, Text } from 'ink'
import { createElement } from 'react'
import { loadHighlighter } from '../../src/tui/diff/highlight.ts'
import { DiffParser, diffLines } from '../../src/tui/diff/parse.ts'
import type { Hands, Panel } from '../../src/tui/panel.ts'
import { begin, type Effect, type Event, type State } from '../../src/tui/panels/approvals/state.ts'
import { step, wakeAt } from '../../src/tui/panels/approvals/step.ts'
import { ApprovalsView } from '../../src/tui/panels/approvals/view.tsx'
import { runScreen } from '../../src/tui/screen.tsx'
import { setColors } from '../../src/tui/text/spans.ts'
import { aSubmission, longDiff } from '../tui/panels/approvals/samples.ts'
import { factor, ms, type Row, spread, times } from './measure.ts'

const WAITING = 500
const DIFF_LINES = 50_000
/** Few enough that none of them comes to the end, where a key changes nothing. */
const KEYS = 160
const AIM = '≤ 50 ms a key'

/** A terminal in memory. */
class Terminal extends EventEmitter {
  readonly isTTY = true
  #wrote: () => void = () => {}

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    super()
  }

  setRawMode(): void {}
  resume(): void {}
  pause(): void {}

  write(): boolean {
    this.#wrote()
    return true
  }

  /** Resolves when the frame that answers the key is written. */
  press(key: string): Promise<void> {
    const frame = new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`no frame for ${JSON.stringify(key)} at ${this.columns}×${this.rows}`)),
        10_000,
      )
      this.#wrote = () => {
        clearTimeout(late)
        resolve()
      }
    })
    this.emit('data', Buffer.from(key))
    return frame
  }
}

export async function screens(): Promise<readonly Row[]> {
  setColors(true)
  await loadHighlighter()
  const rows: Row[] = []
  const list = await keyTimes(100, 30, ['j', '\x04', 'k', '\x15'])
  const [small, large] = [await plainFrame(100, 30), await plainFrame(250, 80)]
  rows.push(row(`key → frame, ${WAITING} waiting, 100×30`, list, small))
  for (const [columns, height, yardstick] of [
    [100, 30, small],
    [250, 80, large],
  ] as const) {
    const diff = await keyTimes(columns, height, ['\x04', 'j', '\x04', ']'], '\r2')
    rows.push(
      row(`key → frame, a diff of ${DIFF_LINES.toLocaleString('en')} lines, ${columns}×${height}`, diff, yardstick),
    )
  }
  const text = longDiff(DIFF_LINES)
  const reading = spread(await times(5, () => parsed(text)))
  rows.push({
    what: `a diff of ${DIFF_LINES.toLocaleString('en')} lines taken apart`,
    aim: '≤ 250 ms',
    measured: ms(reading.p50),
  })
  return rows
}

function row(what: string, found: readonly number[], yardstick: number): Row {
  const { p50, p99 } = spread(found)
  return {
    what: `${what}, p99`,
    aim: AIM,
    measured: `${ms(p99)} (p50 ${ms(p50)})`,
    yardstick: `ink, plain rows ${ms(yardstick)}`,
    ratio: factor(p50 / yardstick),
  }
}

function parsed(text: string) {
  const parser = new DiffParser()
  for (const line of diffLines(text)) parser.take(line)
  return parser.files
}

/** Keys in turns on the screen that `first` has opened. */
async function keyTimes(columns: number, rows: number, keys: readonly string[], first = ''): Promise<number[]> {
  const terminal = new Terminal(columns, rows)
  const files = first === '' ? [] : parsed(longDiff(DIFF_LINES))
  let hands: Hands<Event> | undefined
  const panel: Panel<State, Event, Effect> = {
    ...{ begin, step, wakeAt, View: ApprovalsView },
    start: given => {
      hands = given
      given.dispatch({ on: 'queue', submissions: Array.from({ length: WAITING }, (_, index) => aSubmission(index)) })
    },
    perform: (effect, { dispatch, close }) => {
      if (effect.do === 'fetch-diff')
        dispatch({ on: 'diff', id: effect.id, scope: effect.scope, diff: { value: { files, isCut: false } } })
      if (effect.do === 'close') close(0)
    },
  }
  const screen = runScreen(panel, terminal as unknown as NodeJS.ReadStream, terminal as unknown as NodeJS.WriteStream)
  screen.catch(error => process.stderr.write(`${error}\n`))
  for (const key of first) await terminal.press(key)
  const found = await times(KEYS, round => terminal.press(keys[round % keys.length]!))
  hands?.close(0)
  await screen
  return found
}

/** What ink itself takes for as many rows without color: nothing of ours. */
async function plainFrame(columns: number, rows: number): Promise<number> {
  const terminal = new Terminal(columns, rows)
  const node = (round: number) =>
    Array.from({ length: rows }, (_, index) =>
      createElement(Text, { key: index, wrap: 'truncate' }, `${round} ${index} `.padEnd(columns, 'abcdefgh ')),
    )
  const stdout = terminal as unknown as NodeJS.WriteStream
  const app = render(node(0), { stdout, debug: true, patchConsole: false, exitOnCtrlC: false })
  const { p50 } = spread(await times(100, round => app.rerender(node(round + 1))))
  app.unmount()
  return p50
}
