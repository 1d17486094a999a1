/** The keys of the monitor: those of the moment for the foot of the screen, and all of them for its help. */
import type { KeyHint } from '../../layout.ts'
import { isPaused } from './acts.ts'
import { chosenRow } from './lists.ts'
import type { State } from './state.ts'

export function keysOf(state: State): readonly KeyHint[] {
  const place = state.places.at(-1)!
  const back: KeyHint = state.places.length > 1 ? ['esc', 'back'] : ['q', 'quit']
  const help: KeyHint = ['?', 'help']
  if (place.at === 'agent') return [...actKeys(state, place.address), back, help]
  if (place.at !== 'lists') return [['j/k', 'move'], back, help]
  const row = chosenRow(state.data, place)
  const open: readonly KeyHint[] = row?.opens ? [['enter', 'open']] : []
  const acts = row?.target === undefined ? [] : actKeys(state, row.target)
  const merge: readonly KeyHint[] = row?.held === undefined ? [] : [['m', 'merge again']]
  return [...open, ...merge, ...acts, ['tab', 'next list'], ['/', 'filter'], back, help]
}

function actKeys({ data }: State, target: string): readonly KeyHint[] {
  return [
    ['a', 'attach'],
    ['p', isPaused(data, target) ? 'resume' : 'pause'],
    ['n', 'nudge'],
    ['R', 'restart'],
  ]
}

export const HELP: readonly (readonly [group: string, keys: readonly KeyHint[]])[] = [
  [
    'move',
    [
      ['j k ↓ ↑', 'one row'],
      ['ctrl-d ctrl-u', 'half a screen'],
      ['g G', 'first, last'],
      ['tab shift-tab, 1 to 5', 'another list'],
      ['enter', 'into an agency, agent, task, message, approval'],
      ['A', 'all approvals, on their screen'],
      ['esc', 'back, and out of a filter'],
    ],
  ],
  [
    'act on the chosen agency or agent',
    [
      ['a', 'attach: its window in tmux'],
      ['p', 'pause: nothing more is handed over; and resume'],
      ['n', 'nudge: ask what it is doing'],
      ['R', 'restart its program'],
      ['m', 'of an approval that is held: merge again'],
    ],
  ],
  [
    'the screen',
    [
      ['/', 'only rows that hold these words'],
      ['r', 'ask for everything again'],
      ['ctrl-l', 'paint it anew'],
      ['q', 'back; at home: quit'],
    ],
  ],
]
