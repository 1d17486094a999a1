import { describe, expect, it } from 'vitest'
import type { Key, KeyName } from '../../../../src/kernel/keys.ts'
import { parseDiff } from '../../../../src/tui/diff/parse.ts'
import { treeOf } from '../../../../src/tui/panels/approvals/opened.ts'
import { begin, type Effect, type Event, type State, shownOf } from '../../../../src/tui/panels/approvals/state.ts'
import { step, wakeAt } from '../../../../src/tui/panels/approvals/step.ts'
import { aSubmission, longDiff, NOW } from './samples.ts'

const SIZE = { columns: 100, rows: 30 }
const NAMES: ReadonlySet<string> = new Set<KeyName>([
  'enter',
  'escape',
  'tab',
  'shift-tab',
  'ctrl-d',
  'backspace',
  'newline',
  'ctrl-c',
])

const keyOf = (text: string): Key =>
  NAMES.has(text) ? { kind: 'key', name: text as KeyName } : { kind: 'char', char: text }

/** A screen that is told one thing after the other; a string presses that key. */
class Told {
  state: State = begin(SIZE, NOW)
  effects: Effect[] = []
  at = NOW

  tell(...events: readonly (Event | string)[]): this {
    for (const each of events) {
      const event = typeof each === 'string' ? { on: 'key' as const, key: keyOf(each), at: this.at } : each
      const { state, effects } = step(this.state, event)
      this.state = state
      this.effects.push(...effects)
    }
    return this
  }

  after(ms: number): this {
    this.at += ms
    return this.tell({ on: 'clock', at: this.at })
  }

  take(kind: Effect['do']): readonly Effect[] {
    const taken = this.effects.filter(effect => effect.do === kind)
    this.effects = this.effects.filter(effect => effect.do !== kind)
    return taken
  }
}

const three = [aSubmission(1), aSubmission(2), aSubmission(3, { state: 'testing' })]
const told = (submissions = three) => new Told().tell({ on: 'queue', submissions })

it('R-APR-5 opened for one submission it shows that one, and leaving it leaves the screen', () => {
  const screen = new Told()
  screen.state = begin(SIZE, NOW, { id: three[1]!.id })
  screen.tell({ on: 'joined' }, { on: 'queue', submissions: three })
  expect(screen.take('fetch-story')).toEqual([{ do: 'fetch-story', id: three[1]!.id }])
  screen.tell('a', 'q')
  expect([screen.state.ask, screen.take('close')]).toEqual([{ what: 'leave' }, []])
  expect(screen.tell('u', 'escape').take('close')).toHaveLength(1)
})

describe('deciding', () => {
  it('R-APR-3 takes effect after five seconds, for what was seen, and not before', () => {
    const screen = told().tell('a').after(4_900)
    expect(screen.take('decide')).toEqual([])
    screen.after(200)
    expect(screen.take('decide')).toEqual([
      { do: 'decide', id: three[0]!.id, kind: 'approve', words: undefined, commit: 'c'.repeat(40) },
    ])
    expect(screen.after(60_000).take('decide')).toEqual([])
  })

  it('is taken back by u, and then nobody is ever told', () => {
    const screen = told().tell('a').after(2_000).tell('u').after(10_000)
    expect(screen.take('decide')).toEqual([])
    expect(screen.state.pending).toEqual([])
  })

  it('is for all that are marked, and never for what does not wait', () => {
    const screen = told().tell('*', 'a').after(6_000)
    expect(screen.take('decide').map(effect => 'id' in effect && effect.id)).toEqual([three[0]!.id, three[1]!.id])
    expect(told([three[2]!]).tell('a').state).toMatchObject({ pending: [], notice: { role: 'warn' } })
  })

  it('R-APR-4 merges again what is held, at once and without another yes', () => {
    const [held, other] = [aSubmission(1, { state: 'held' }), aSubmission(2)]
    const screen = told([held, other]).tell('*', 'm')
    expect(screen.take('merge-again')).toEqual([{ do: 'merge-again', id: held.id }])
    expect(screen.state).toMatchObject({ pending: [], marked: new Set() })
    screen.tell('g', 'm')
    expect(screen.take('merge-again')).toEqual([])
    screen.tell({ on: 'merges-again', submission: { ...held, state: 'approved' }, at: NOW })
    expect(screen.state.notice?.text).toMatch(/is merged again$/)
    expect(screen.state.followed).toEqual(new Set([held.id]))
    expect(told([other]).tell('m').state.notice).toMatchObject({ role: 'warn', text: expect.stringContaining('held') })
  })

  it('asks for words where it refuses: of the editor, or on the screen', () => {
    const screen = told().tell('r')
    expect(screen.take('ask-words')).toMatchObject([{ kind: 'reject', ids: [three[0]!.id] }])
    screen.tell({ on: 'no-editor', kind: 'reject', ids: [three[0]!.id] }, 'enter')
    expect(screen.state.ask).toMatchObject({ what: 'words' })
    screen.tell('n', 'o', 'newline', 'a', 'enter').after(5_001)
    expect(screen.take('decide')).toMatchObject([{ kind: 'reject', words: 'no\na' }])
    expect(
      told()
        .tell({ on: 'no-editor', kind: 'reject', ids: ['x'] }, 'n', 'escape')
        .after(9_000).effects,
    ).toEqual([])
  })

  it('that the daemon refuses is told in its place, and can be tried again', () => {
    const { id } = three[0]!
    const screen = told().tell('a').after(5_001)
    screen.tell({ on: 'refused', id, why: 'it is another commit', at: screen.at })
    expect(screen.state).toMatchObject({ refused: { [id]: 'it is another commit' }, notice: { role: 'bad' } })
    expect(screen.state.sending.size).toBe(0)
    expect(screen.tell('a').state.refused).toEqual({})
  })

  it('keeps the screen open until what was decided is told, or taken back', () => {
    const leaving = told().tell('a', 'q')
    expect(leaving.state.ask).toEqual({ what: 'leave' })
    expect(leaving.take('close')).toEqual([])
    leaving.tell('enter')
    expect(leaving.take('decide')).toHaveLength(1)
    expect(leaving.take('close')).toEqual([])
    leaving.tell({ on: 'decided', submission: { ...three[0]!, state: 'approved' }, at: leaving.at })
    expect(leaving.take('close')).toHaveLength(1)
    const staying = told().tell('a', 'q', 'u').after(9_000)
    expect(staying.take('decide')).toEqual([])
    expect(told().tell('q').take('close')).toHaveLength(1)
    const atOnce = told().tell('a', 'ctrl-c', 'ctrl-c')
    expect([atOnce.take('close').length, atOnce.take('decide')], 'nothing takes effect').toEqual([1, []])
  })

  it('is never pressed by pasted text', () => {
    const screen = told().tell({ on: 'key', key: { kind: 'paste', text: 'aaa' }, at: NOW })
    expect(screen.state.pending).toEqual([])
  })
})

describe('the list', () => {
  it('shows what waits first, and what the filter lets through', () => {
    const screen = told([three[2]!, three[0]!, three[1]!])
    expect(shownOf(screen.state).map(({ state }) => state)).toEqual(['waiting', 'waiting', 'testing'])
    screen.tell('/', 'p', 'a', 'r', 't', ' ', '2')
    expect(shownOf(screen.state).map(({ title }) => title)).toEqual(['Users can change their picture, part 2'])
    expect(shownOf(screen.tell('enter').state)).toHaveLength(1)
    expect(shownOf(screen.tell('escape').state)).toHaveLength(3)
  })

  it('keeps the choice on the same one while others come and go', () => {
    const screen = told().tell('j')
    screen.tell({ on: 'queue', submissions: [aSubmission(0), ...three] })
    expect(shownOf(screen.state)[screen.state.list.selected]!.id).toBe(three[1]!.id)
    expect(screen.take('ring')).toHaveLength(1)
  })

  it('R-APR-3 decides nothing about what has slipped into the place of one that left by itself', () => {
    const [first, second] = three as [(typeof three)[0], (typeof three)[0]]
    const screen = told().tell({ on: 'queue', submissions: three.slice(1) })
    expect(screen.take('fetch-end'), 'how it ended is told').toEqual([{ do: 'fetch-end', id: first.id }])
    screen.tell('a')
    expect([screen.state.pending, screen.state.notice?.text]).toEqual([
      [],
      `${first.id.slice(-8)} has left the list, and nothing was decided: a again is for ${second.id.slice(-8)}`,
    ])
    expect(screen.tell('a').state.pending).toMatchObject([{ ids: [second.id] }])
    const moved = told()
      .tell({ on: 'queue', submissions: three.slice(1) })
      .tell('j', 'k', 'a')
    expect(moved.state.pending, 'who has moved, has looked').toMatchObject([{ ids: [second.id] }])
    // What was decided here and is gone for that has not slipped away.
    const own = told().tell('a').after(6_000)
    own.tell({ on: 'decided', submission: aSubmission(1, { state: 'approved' }), at: own.at })
    own.tell({ on: 'queue', submissions: three.slice(1) }).tell('a')
    expect(own.state.pending).toMatchObject([{ ids: [second.id] }])
  })

  it('hears of the daemon: gone, back, and what changed', () => {
    const screen = told().tell({ on: 'lost', why: 'gone', at: NOW })
    expect(wakeAt(screen.state)).toBe(NOW + 1_000)
    expect(screen.tell({ on: 'joined' }).state.lost).toBeUndefined()
    expect(screen.take('fetch-queue')).toHaveLength(1)
    expect(wakeAt(screen.state)).toBe(NOW + 10_000)
  })
})

describe('one that is open', () => {
  const files = parseDiff(longDiff(2_000))
  const opened = () => {
    const screen = told().tell('enter', 'tab')
    const { id } = three[0]!
    return screen.tell({ on: 'diff', id, scope: 'whole', diff: { value: { files, isCut: false } } })
  }

  it('asks for a page when it is looked at, and once', () => {
    const screen = told().tell('enter')
    expect(screen.take('fetch-story')).toHaveLength(1)
    expect(screen.take('fetch-diff')).toEqual([])
    screen.tell('tab', 't', '2', '4')
    expect(screen.take('fetch-diff')).toEqual([{ do: 'fetch-diff', id: three[0]!.id, scope: 'whole' }])
    expect(screen.tell('q').state.opened).toBeUndefined()
  })

  it('goes from file to file, folds them, and never past the end', () => {
    const screen = opened().tell(']')
    expect(screen.state.opened?.view.top).toBe(502)
    expect(screen.tell('[').state.opened?.view.top).toBe(0)
    screen.tell('z', ']')
    expect(screen.state.opened?.view.top).toBe(1)
    expect(screen.tell('Z', 'Z', 'G').state.opened?.view.top).toBe(0)
    expect(opened().tell('G').state.opened?.view.top).toBe(4 * 502 - 27)
  })

  it('moves in the tree of files, and the diff follows', () => {
    const screen = opened().tell('f', 'j', 'j')
    expect(screen.state.opened?.view).toMatchObject({ isInTree: true, tree: { selected: 4 } })
    expect(screen.tell('q').state.opened?.view.isInTree).toBe(false)
    // It begins where the reader is.
    const { view } = opened().tell(']', 'f').state.opened!
    expect(treeOf({ files, isCut: false }, view)[view.tree.selected]?.file).toBe(1)
  })

  it('goes on to the next one without going back', () => {
    const screen = told().tell('enter', 'J')
    expect(screen.state.opened?.id).toBe(three[1]!.id)
    expect(screen.tell('q').state.list.selected).toBe(1)
  })
})
