/** Which keys do what on the approvals screen, and which of them are worth telling just now. */
import type { Key } from '../../../kernel/keys.ts'
import type { KeyHint } from '../../layout.ts'
import { motionOf, nameOf } from '../../motions.ts'
import type { Step } from '../../panel.ts'
import { moveSelection } from '../../scroll.ts'
import { askKey } from './asking.ts'
import { leave, mergeAgain, targetsOf, tell, undo, wishDecision } from './deciding.ts'
import { shortId, waits } from './documents.ts'
import { open, openedKey } from './opened.ts'
import { currentOf, type Effect, fitted, listHeight, type State, shownOf, type TABS } from './state.ts'

type Moved = Step<State, Effect>

export function pressKey(state: State, key: Key): Moved {
  if (state.ask) return askKey(state, state.ask, key)
  // An Enter from before the screen was there comes as a newline.
  const name = nameOf(key) === 'newline' ? 'enter' : nameOf(key)
  const { slipped, ...rest } = state
  return slipped === undefined ? act(state, name) : actInPlaceOf(slipped, { ...rest, slipped: undefined }, name)
}

/** What is in its place has not been chosen by anybody: the first key that would decide about that one only says so. */
function actInPlaceOf(slipped: string, state: State, name: string): Moved {
  if (!DECIDES.has(name) || state.opened || state.marked.size > 0) return act(state, name)
  const now = currentOf(state)
  const next = now ? `${name === ' ' ? 'space' : name} again is for ${shortId(now)}` : 'nothing is chosen'
  return just(tell(state, `${slipped.slice(-8)} has left the list, and nothing was decided: ${next}`, 'warn'))
}

function act(state: State, name: string): Moved {
  const everywhere = Object.hasOwn(EVERYWHERE, name) ? EVERYWHERE[name] : undefined
  if (everywhere) return everywhere(state)
  if (state.opened) return openedKey(state, state.opened, name)
  const onList = Object.hasOwn(ON_LIST, name) ? ON_LIST[name] : undefined
  if (onList) return onList(state)
  const motion = motionOf(name)
  if (motion === undefined) return just(state)
  return just({ ...state, list: moveSelection(state.list, motion, shownOf(state).length, listHeight(state)) })
}

const DECIDES: ReadonlySet<string> = new Set(['a', 'r', 'c', 'm', ' '])

const EVERYWHERE: Readonly<Record<string, (state: State) => Moved>> = {
  a: state => wishDecision(state, 'approve'),
  r: state => wishDecision(state, 'reject'),
  c: state => wishDecision(state, 'request-changes'),
  m: mergeAgain,
  u: state => just(undo(state)),
  d: state => {
    const current = currentOf(state)
    if (!current?.change) return just(tell(state, 'a report has no diff', 'warn'))
    return { state, effects: [{ do: 'page', id: current.id, scope: state.opened?.view.scope ?? 'whole' }] }
  },
  t: state => openAt(state, 'tests'),
  v: state => {
    const current = currentOf(state)
    if (!current) return just(state)
    return { state: tell(state, 'the demo is asked for …', 'accent'), effects: [{ do: 'show-demo', id: current.id }] }
  },
  '?': state => just({ ...state, ask: { what: 'help' } }),
  'ctrl-l': state => ({ state, effects: [{ do: 'repaint' }] }),
  'ctrl-c': leave,
}

const ON_LIST: Readonly<Record<string, (state: State) => Moved>> = {
  q: leave,
  escape: state => just(fitted({ ...state, filter: '', marked: state.filter === '' ? new Set() : state.marked })),
  enter: state => openAt(state, 'summary'),
  right: state => openAt(state, 'summary'),
  l: state => openAt(state, 'summary'),
  tab: state => openAt(state, 'summary'),
  '/': state => just({ ...state, ask: { what: 'filter' } }),
  ' ': state => {
    const current = currentOf(state)
    if (!current) return just(state)
    const marked = new Set(state.marked)
    if (!marked.delete(current.id)) marked.add(current.id)
    const list = moveSelection(state.list, 'down', shownOf(state).length, listHeight(state))
    return just({ ...state, marked, list })
  },
  '*': state => {
    const all = shownOf(state).map(({ id }) => id)
    return just({ ...state, marked: all.every(id => state.marked.has(id)) ? new Set() : new Set(all) })
  },
}

function openAt(state: State, tab: (typeof TABS)[number]): Moved {
  const current = currentOf(state)
  return current ? open(state, current, tab) : just(state)
}

function just(state: State): Moved {
  return { state, effects: [] }
}

const DECIDING: readonly KeyHint[] = [
  ['a', 'approve'],
  ['r', 'reject'],
  ['c', 'changes'],
]

const MERGING: KeyHint = ['m', 'merge again']

/** Those that would do something: what is under way or over is decided about no more. */
function decidingKeys(state: State): readonly KeyHint[] {
  const targets = targetsOf(state)
  const keys = [
    ...(targets.some(({ state: now }) => now === 'held') ? [MERGING] : []),
    ...(targets.some(waits) ? DECIDING : []),
  ]
  return state.marked.size > 0 ? keys.map(([key, what]): KeyHint => [key, `${what} ${targets.length}`]) : keys
}

export function keyHints(state: State): readonly KeyHint[] {
  const back: KeyHint = ['u', 'undo']
  const undoing = state.pending.length > 0 ? [back] : []
  const { opened } = state
  const deciding = decidingKeys(state)
  if (opened?.tab === 'diff')
    return [
      ...undoing,
      ['j/k', 'scroll'],
      ['[ ]', 'file'],
      ['f', opened.view.isInTree ? 'to the diff' : 'files'],
      ...deciding,
      ['s', 'side by side'],
      ['z', 'fold'],
      ['d', 'pager'],
      ['tab', 'next'],
      ['q', 'back'],
      ['?', 'help'],
    ]
  if (opened)
    return [
      ...undoing,
      ['tab', 'next'],
      ...deciding,
      ['j/k', 'scroll'],
      ['d', 'pager'],
      ['v', 'demo'],
      ['J/K', 'others'],
      ['q', 'back'],
      ['?', 'help'],
    ]
  if (shownOf(state).length === 0)
    return [
      ['/', 'filter'],
      ['q', 'leave'],
      ['?', 'help'],
    ]
  return [
    ...undoing,
    ['enter', 'open'],
    ...deciding,
    ['space', 'mark'],
    ['/', 'filter'],
    ['d', 'diff'],
    ['t', 'tests'],
    ['v', 'demo'],
    ['q', 'leave'],
    ['?', 'help'],
  ]
}
