import { describe, expect, it } from 'vitest'
import type { Key, KeyName } from '../../src/kernel/keys.ts'
import { textOf } from '../../src/rehearsal/composer.ts'
import { reduce } from '../../src/rehearsal/reducer.ts'
import { type Effect, type Event, initialState, moodOf, type State } from '../../src/rehearsal/state.ts'

const key = (name: KeyName): Event => ({ on: 'key', key: { kind: 'key', name } })
const press = (key: Key): Event => ({ on: 'key', key })
const type = (text: string): Event[] => [...text].map(char => press({ kind: 'char', char }))
const paste = (text: string): Event => press({ kind: 'paste', text })
const permission = { id: 1, kind: 'permission', question: 'Sure?', selected: 'yes' } as const

/** Plays events one second apart, unless a number among them moves the clock by that many milliseconds instead. */
function play(...script: (Event | Event[] | number)[]): { state: State; effects: Effect[] } {
  let state = initialState({ name: 'a', pasteWindowMs: 100 })
  const effects: Effect[] = []
  let now = 0
  for (const item of script.flat()) {
    if (typeof item === 'number') {
      now += item - 1000
      continue
    }
    now += 1000
    const [next, done] = reduce(state, item, now)
    state = next
    effects.push(...done)
  }
  return { state, effects }
}

const logged = (effects: Effect[]) =>
  effects.flatMap(effect => (effect.do === 'log' ? [[effect.kind, effect.text]] : []))
const hooks = (effects: Effect[]) => effects.flatMap(effect => (effect.do === 'hook' ? [effect.event] : []))

describe('the composer of the rehearsal agent', () => {
  it('inserts an Enter that comes within the paste window, and submits one that comes after it', () => {
    const early = play(paste('a'), 99, key('enter'))
    expect([textOf(early.state.composer), early.effects]).toEqual(['a\n', []])
    const late = play(paste('a'), 100, key('enter'))
    expect(logged(late.effects)).toEqual([['prompt', 'a']])
  })

  it('submits nothing when there is nothing but space', () => {
    expect(play(type('  '), key('enter')).effects).toEqual([])
  })

  it('edits at the cursor, line by line', () => {
    const { state } = play(
      type('ac'),
      key('left'),
      type('b'),
      key('newline'),
      key('end'),
      type('d'),
      key('up'),
      key('home'),
      key('delete'),
    )
    expect(textOf(state.composer)).toBe('b\ncd')
    expect(textOf(play(type('ab'), key('newline'), type('cd'), key('ctrl-u')).state.composer)).toBe('ab\n')
  })

  it('removes a chip as one piece, and numbers the next one anew', () => {
    const long = 'x'.repeat(801)
    const { state } = play(paste(long), key('backspace'), paste('y\n'.repeat(8)))
    expect(state.composer.cells).toEqual([{ number: 2, text: 'y\n'.repeat(8) }])
  })
})

describe('turns', () => {
  it('takes queued prompts one by one, each with its own Stop', () => {
    const queue = [type('a'), key('enter'), type('b'), key('enter'), type('c'), key('enter')]
    const { state, effects } = play(...queue, { on: 'turn-ended', turn: 1 }, { on: 'turn-ended', turn: 2 })
    expect(logged(effects)).toEqual([
      ['prompt', 'a'],
      ['queued', 'b'],
      ['queued', 'c'],
    ])
    expect(hooks(effects)).toEqual([...Array(3).fill('UserPromptSubmit'), 'Stop', 'Stop'])
    expect(state.turn?.id).toBe(3)
    expect(state.queue).toEqual([])
  })

  it('ignores the end of a turn that was interrupted', () => {
    const { state, effects } = play(...[type('a'), key('enter'), key('escape')], ...[type('b'), key('enter')], {
      on: 'turn-ended',
      turn: 1,
    })
    expect(moodOf(state)).toBe('busy')
    expect(hooks(effects)).not.toContain('Stop')
  })

  it('loses a prompt that is to be dropped, without a trace', () => {
    const { state, effects } = play(type('a'), { on: 'key', key: { kind: 'key', name: 'enter' }, isDropped: true })
    expect([effects, state.composer.cells]).toEqual([[], []])
  })

  it('hands commands to nobody but the shell and itself', () => {
    const { effects } = play(type(' !ls'), key('enter'), type('/clear'), key('enter'), type('/quit'), key('enter'))
    expect(effects.map(effect => effect.do)).toEqual(['log', 'shell', 'log', 'log', 'quit'])
    expect(logged(effects).map(([kind]) => kind)).toEqual(['bang', 'slash', 'slash'])
  })
})

describe('a dialog', () => {
  const ask: Event = { on: 'ask', dialog: permission }

  it('takes keys and pastes away from the composer, which is there again afterwards', () => {
    const { state, effects } = play(type('half'), ask, paste('a message'), type('x'), key('enter'))
    expect(logged(effects)).toEqual([
      ['swallowed', 'a message'],
      ['swallowed', 'x'],
      ['approved', 'Sure?'],
    ])
    expect(textOf(state.composer)).toBe('half')
  })

  it.each([
    ['approved', [key('enter')]],
    ['denied', [key('down'), key('enter')]],
    ['approved', [key('down'), key('up'), key('enter')]],
    ['approved', type('1')],
    ['denied', type('2')],
    ['approved', type('y')],
    ['denied', type('n')],
    ['denied', [key('escape')]],
  ])('is %s by %j', (kind, keys) => {
    expect(logged(play(ask, keys).effects)).toEqual([[kind, 'Sure?']])
  })

  it('waits behind one that is open already', () => {
    const second: Event = { on: 'ask', dialog: { ...permission, id: 2, question: 'Really?' } }
    const { effects } = play(ask, second, key('enter'), key('escape'))
    expect(logged(effects)).toEqual([
      ['approved', 'Sure?'],
      ['denied', 'Really?'],
    ])
  })
})
