import { EventEmitter } from 'node:events'
import { render as renderInk } from 'ink'
import { render } from 'ink-testing-library'
import { afterEach, describe, expect, it } from 'vitest'
import { widthOf } from '../../../src/model/width.ts'
import { snapshot } from '../../../src/tui/panels/monitor/snapshot.ts'
import { MonitorView } from '../../../src/tui/panels/monitor/view.tsx'
import { Canvas, CanvasContext, TOKEN_COLUMNS } from '../../../src/tui/text/canvas.ts'
import { setColors } from '../../../src/tui/text/spans.ts'
import { agent, Sitting, world } from './world.ts'

afterEach(() => setColors(false))

const SIZES = [
  [60, 15],
  [80, 24],
  [140, 40],
  [250, 80],
] as const

const plain = (frame: string) => frame.replace(/\u001b\[[0-9;]*m/g, '')

function frameOf({ state }: Sitting): string[] {
  const { lastFrame, unmount } = render(<MonitorView state={state} />)
  const frame = plain(lastFrame() ?? '')
  unmount()
  return frame.split('\n')
}

/** The testing library's screen is a hundred columns wide: wider ones are painted as on a terminal. */
function painted(sitting: Sitting): string[] {
  return plain(raw(sitting)).split('\n')
}

function raw({ state }: Sitting): string {
  const canvas = new Canvas()
  let frame = ''
  const write = (text: string) => {
    if (text !== '') frame = canvas.fill(text)
  }
  const stdout = Object.assign(new EventEmitter(), {
    columns: TOKEN_COLUMNS,
    rows: state.size.rows,
    isTTY: true,
    write,
  })
  const screen = (
    <CanvasContext.Provider value={canvas}>
      <MonitorView state={state} />
    </CanvasContext.Provider>
  )
  const app = renderInk(screen, { stdout: stdout as unknown as NodeJS.WriteStream, debug: true, patchConsole: false })
  const shown = frame
  app.unmount()
  return shown
}

describe.each(SIZES)('R-APR-5 the monitor at %i×%i', (columns, rows) => {
  it('is as wide and as high as the screen and says where one is, how it stands, and what can be pressed', () => {
    const sitting = new Sitting({ columns, rows })
    for (const keys of [[], ['j', 'enter'], ['enter'], ['escape', '4', 'enter'], ['escape', '?']]) {
      sitting.press(...keys)
      const lines = painted(sitting)
      expect(lines.length).toBeLessThanOrEqual(rows)
      for (const line of lines) expect(widthOf(line.trimEnd())).toBeLessThanOrEqual(columns)
      expect(lines[0]).toMatch(/^ work.*● live/)
      expect(lines[rows - 1]).toMatch(/\? help|any key back/)
    }
  })

  it('names agents with their state, and what waits', () => {
    const text = painted(new Sitting({ columns, rows })).join('\n')
    expect(text).toMatch(/ ◆ lead +ready +60 s/)
    expect(text).toMatch(/js +waiting +60 s +2 q +may I run/)
    expect(text).toMatch(/1 to approve/)
  })

  it('lets nothing that an agent wrote move the cursor or leave its row', () => {
    const nasty = 'a\u001b[2J\u001b]0;x\u0007\r\n\u202e\u009b1m\u200b日本\ue000ab~aa'
    const sitting = new Sitting(
      { columns, rows },
      world({
        agencies: [
          {
            ...world().agencies![0]!,
            problem: nasty,
            agents: [agent('Code/lead', { state: 'dead', evidence: nasty, rule: nasty, tasks: [nasty] })],
          },
        ],
        messages: [{ ...world().messages![0]!, excerpt: nasty, from: nasty, type: nasty }],
        events: [{ ...world().events![0]!, who: nasty, what: nasty, why: nasty }],
        tasks: [{ ...world().tasks![0]!, title: nasty, label: nasty }],
        approvals: [{ ...world().approvals![0]!, title: nasty, author: nasty }],
      }),
    )
    const pane = { columns: 80, rows: 3, lines: [[{ text: nasty, color: nasty }], [{ text: nasty, weight: nasty }]] }
    for (const keys of [[], ['4'], ['5'], ['2'], ['1', 'j', 'enter']]) {
      sitting.press(...keys)
      sitting.hear({ on: 'pane', address: 'Code/lead', pane })
      sitting.hear({ on: 'said', text: nasty, isBad: true })
      const lines = painted(sitting)
      expect(lines.length).toBeLessThanOrEqual(rows)
      for (const line of lines) {
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/)
        expect(widthOf(line.trimEnd())).toBeLessThanOrEqual(columns)
      }
    }
  })
})

it('R-APR-5 R-ALL-3 an agent’s screen is shown in its colors, of which NO_COLOR leaves the weight', () => {
  const sitting = new Sitting({ columns: 80, rows: 24 })
  sitting.press('j', 'enter')
  const lines = [[{ text: 'a ' }, { text: 'red', weight: '1', color: '31' }]]
  sitting.hear({ on: 'pane', address: 'Code/lead', pane: { columns: 80, rows: 3, lines } })
  setColors(true)
  expect(raw(sitting)).toContain('a \u001b[1;31mred\u001b[0m ')
  setColors(false)
  expect(raw(sitting)).toContain('a \u001b[1mred\u001b[0m ')
})

it('R-APR-5 what goes around ink is what ink would have painted', () => {
  for (const [columns, rows] of [
    [60, 15],
    [99, 40],
  ] as const) {
    const sitting = new Sitting({ columns, rows })
    const trimmed = (lines: readonly string[]) => lines.map(line => line.trimEnd())
    for (const keys of [[], ['j', 'enter'], ['enter'], ['?']]) {
      sitting.press(...keys)
      expect(trimmed(painted(sitting))).toEqual(trimmed(frameOf(sitting)))
    }
  }
})

it('R-APR-5 a daemon that is lost, a question and a filter are said at the foot', () => {
  const sitting = new Sitting({ columns: 80, rows: 24 })
  const foot = () => painted(sitting)[23]
  sitting.press('j', 'R')
  expect(foot()).toMatch(/^ restart Code\/lead\? its work is cut short {2}y yes {2}n no/)
  sitting.press('n', '/', 'g', 'o')
  expect(foot()).toMatch(/^ \/go█/)
  sitting.press('enter')
  sitting.hear({ on: 'lost', why: 'no daemon runs for this workspace' })
  expect(foot()).toMatch(/no daemon runs for this workspace; it is tried again/)
  expect(painted(sitting)[0]).toMatch(/○ no daemon/)
})

it('R-APR-5 without a terminal everything is told once, as text and as one document', async () => {
  const client = { get: async () => world() } as unknown as Parameters<typeof snapshot>[0]
  const { text, data } = await snapshot(client)
  expect(text).toMatch(/^work {2}2 agencies/)
  for (const words of ['agents 5', 'tasks 2', 'approvals 1', 'messages 12', 'events 2', 'Login form'])
    expect(text).toContain(words)
  expect(data).toMatchObject({ workspace: '/home/me/work', host: { cores: expect.any(Number) } })
})
