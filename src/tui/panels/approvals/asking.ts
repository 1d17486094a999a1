/** While the screen asks something: a filter, words for a refusal, whether to leave. */
import type { Key } from '../../../kernel/keys.ts'
import { nameOf } from '../../motions.ts'
import type { Step } from '../../panel.ts'
import { AT_TOP } from '../../scroll.ts'
import { decide, flushAndLeave, leave, tell, undo } from './deciding.ts'
import { type Ask, type Effect, fitted, type State } from './state.ts'

type Moved = Step<State, Effect>
const MOST_WORDS = 100_000

export function askKey(state: State, ask: Ask, key: Key): Moved {
  if (ask.what === 'filter') return filterKey(state, key)
  if (ask.what === 'words') return wordsKey(state, ask, key)
  const name = nameOf(key)
  if (ask.what === 'help') return name === '' ? just(state) : just({ ...state, ask: undefined })
  if (name === 'enter' || name === 'y') return flushAndLeave(state)
  if (name === 'u') return just({ ...undoAll(state), ask: undefined })
  // Whoever wants out at once has decided nothing.
  if (name === 'ctrl-c') return leave({ ...undoAll(state), ask: undefined })
  return just(name === '' ? state : { ...state, ask: undefined })
}

function filterKey(state: State, key: Key): Moved {
  const name = nameOf(key)
  if (name === 'escape' || name === 'ctrl-c') return just(narrowed({ ...state, ask: undefined }, ''))
  if (name === 'enter' || name === 'down') return just({ ...state, ask: undefined })
  return just(narrowed(state, edited(state.filter, key).replaceAll('\n', ' ')))
}

function narrowed(state: State, filter: string): State {
  return filter === state.filter ? state : fitted({ ...state, filter, list: AT_TOP })
}

function wordsKey(state: State, ask: Extract<Ask, { what: 'words' }>, key: Key): Moved {
  const name = nameOf(key)
  if (name === 'escape' || name === 'ctrl-c') return just(tell({ ...state, ask: undefined }, 'not decided', 'warn'))
  if (name === 'enter') {
    const words = ask.text.trim()
    if (words === '') return just(tell(state, 'it needs words: they go to whoever made it', 'warn'))
    return just(decide({ ...state, ask: undefined }, { kind: ask.kind, ids: ask.ids, words }))
  }
  const text = edited(ask.text, key)
  return just({ ...state, ask: { ...ask, text: text.slice(0, MOST_WORDS) }, notice: undefined })
}

function edited(text: string, key: Key): string {
  if (key.kind === 'char') return text + key.char
  if (key.kind === 'paste') return text + key.text
  if (key.name === 'backspace') return [...text].slice(0, -1).join('')
  if (key.name === 'newline') return `${text}\n`
  if (key.name === 'ctrl-u') return ''
  if (key.name === 'ctrl-w') return text.replace(/\S*\s*$/, '')
  return text
}

function undoAll(state: State): State {
  let left = state
  while (left.pending.length > 0) left = undo(left)
  return left
}

function just(state: State): Moved {
  return { state, effects: [] }
}
