import { render } from 'ink-testing-library'
import { describe, expect, it } from 'vitest'
import { widthOf } from '../../../../src/model/width.ts'
import { parseDiff } from '../../../../src/tui/diff/parse.ts'
import { begin, type Event, type State } from '../../../../src/tui/panels/approvals/state.ts'
import { step } from '../../../../src/tui/panels/approvals/step.ts'
import { ApprovalsView } from '../../../../src/tui/panels/approvals/view.tsx'
import { aSubmission, longDiff, NOW } from './samples.ts'

const ESCAPES = /\u001b\[[0-9;]*m/g

function frame(size: State['size'], ...events: readonly (Event | string)[]): string {
  let state = begin(size, NOW)
  for (const each of events) {
    const key = { kind: 'char', char: String(each) } as const
    const enter = { kind: 'key', name: 'enter' } as const
    const event: Event = typeof each === 'string' ? { on: 'key', key: each === 'enter' ? enter : key, at: NOW } : each
    state = step(state, event).state
  }
  const { lastFrame, unmount } = render(<ApprovalsView state={state} />)
  // Where CI is set, ink writes another frame when it ends.
  const frame = lastFrame() ?? ''
  unmount()
  return frame.replace(ESCAPES, '')
}

const SMALL = { columns: 60, rows: 15 }
const MIDDLE = { columns: 100, rows: 30 }
const hostile = aSubmission(2, {
  ...{ title: '\u001b[2J\u202eevil 日本語', summary: '\u001b]0;x\u0007', risks: ['touches \u001b[31mci'] },
  ...{ counts: undefined, coverage: undefined, coverageBefore: undefined, change: undefined },
})
const queue: Event = { on: 'queue', submissions: [aSubmission(1), hostile] }
const id = aSubmission(1).id

describe('the approvals screen', () => {
  it('R-APR-3 says what to do where nothing waits, and what is asked before', () => {
    expect(frame(SMALL)).toContain('the daemon is asked')
    const empty = frame(SMALL, { on: 'queue', submissions: [] })
    expect(empty).toContain('Nothing waits for you.')
    expect(empty).toContain('agency submit')
    expect(empty).toContain('? help')
  })

  it('shows a dash for what is not known, and everything of agents as harmless text', () => {
    const shown = frame(MIDDLE, queue, 'j')
    expect(shown).toMatch(/waiting +CodeAgency +Users can change.* 14 ✓ +91 % \+0\.5/)
    expect(shown).toMatch(/�\[2J�evil 日本語 .* – +– .* –/)
    expect(shown).toContain('risk: touches �[31mci')
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  it('R-APR-3 blames no missing checks for a report, for which nothing is run', () => {
    const report: Event = { on: 'queue', submissions: [aSubmission(1, { change: undefined, tests: [], checks: [] })] }
    expect(frame(MIDDLE, report, 'enter', '3')).toContain('it is a report: nothing is run for it')
  })

  it('says that the daemon is gone, and what to type', () => {
    expect(frame(MIDDLE, queue, { on: 'lost', why: 'nobody answers', at: NOW })).toMatch(
      /no daemon for 0 s[\s\S]*nobody answers: it is tried again +agency daemon start/,
    )
  })

  it('counts down what was decided, tells what was refused, and asks before it is left', () => {
    expect(frame(SMALL, queue, 'a')).toContain('approve in 5 s · u')
    expect(frame(SMALL, queue, 'a', 'q')).toContain('A decision has not taken effect. enter now')
    const refused = frame(MIDDLE, queue, { on: 'refused', id, why: 'another commit', at: NOW })
    expect(refused).toMatch(/not decided[\s\S]*not decided: another commit/)
    expect(frame(MIDDLE, queue, { on: 'no-editor', kind: 'reject', ids: [id] }, 'n')).toMatch(
      /Why is it rejected\?[\s\S]*│ n/,
    )
    expect(frame(SMALL, queue, '?')).toMatch(/approve[\s\S]*any key goes on/)
  })

  it('fits each page and size exactly, and shows nothing past the edge', () => {
    const diff: Event = {
      ...{ on: 'diff', id, scope: 'whole' },
      diff: { value: { files: parseDiff(longDiff(1_000)), isCut: false } },
    }
    for (const size of [SMALL, MIDDLE, { columns: 250, rows: 80 }, { columns: 20, rows: 5 }])
      for (const tab of ['', '1', '2', '3', '4', '5', '6']) {
        const shown = frame(size, queue, ...(tab === '' ? [] : ['enter', tab, diff])).split('\n')
        expect(shown.length, `page ${tab} of ${size.columns}×${size.rows}`).toBeLessThanOrEqual(size.rows)
        for (const row of shown) expect(widthOf(row)).toBeLessThanOrEqual(size.columns)
      }
    for (let columns = 76; columns <= 110; columns++)
      expect(frame({ columns, rows: 15 }, queue).split('\n')[1], `the head in ${columns} columns`).not.toContain('…')
    const wide = frame({ columns: 250, rows: 80 }, queue, 'enter', '2', diff)
    expect(wide).toMatch(/▾ src\/ .*│▾ src\/part0\/module0\.ts {2}\+125 -125/)
    expect(wide).toMatch(/ - export const value1 .*│ .* \+ export const value2 /)
  })
})
