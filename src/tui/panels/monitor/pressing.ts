/** What a key does, by what is open: a question, a filter, the help, or the place where one is. Pure. */
import type { Key } from '../../../kernel/keys.ts'
import { oneLine } from '../../../model/sanitize.ts'
import { FRAME_ROWS } from '../../layout.ts'
import { motionOf, nameOf } from '../../motions.ts'
import type { Step } from '../../panel.ts'
import { moveWindow } from '../../scroll.ts'
import { actFor, questionFor } from './acts.ts'
import { arrange, heightsOf } from './arrange.ts'
import { agencyOf, PARTS } from './data.ts'
import { chosenRow, focused, moved, withList } from './lists.ts'
import { LIST_NAMES, type Lists, type Place, placeAt, type StoryPlace, type Target } from './places.ts'
import { storyLines } from './rows/story.ts'
import { type Effect, fitted, just, placeEffects, type State } from './state.ts'

type Stepped = Step<State, Effect>

export function pressed(before: State, key: Key): Stepped {
  const name = nameOf(key)
  const state = before.notice ? { ...before, notice: undefined } : before
  if (name === 'ctrl-c') return { state, effects: [{ do: 'close' }] }
  if (name === 'ctrl-l') return { state, effects: [{ do: 'repaint' }] }
  if (state.question) return answered(state, name)
  if (state.isFiltering) return typed(state, key)
  if (state.hasHelp) return just({ ...state, hasHelp: false })
  if (name === '?') return just({ ...state, hasHelp: true })
  if (name === 'q' && state.places.length === 1) return { state, effects: [{ do: 'close' }] }
  if (name === 'A') return { state, effects: [{ do: 'open-approvals', id: undefined }] }
  if (name === 'r') return { state, effects: [{ do: 'fetch', parts: PARTS }, ...placeEffects(state)] }
  if (['q', 'escape', 'left', 'h'].includes(name)) return left(state, name)
  const place = state.places.at(-1)!
  if (place.at === 'lists') return inLists(state, place, name)
  if (place.at === 'agent') return acted(state, place.address, name)
  return just(inStory(state, place, name))
}

function answered(state: State, name: string): Stepped {
  const { act, target } = state.question!
  const after = { ...state, question: undefined }
  return name === 'y' || name === 'enter' ? { state: after, effects: [{ do: 'act', act, target }] } : just(after)
}

/** Each letter narrows the list at once. */
function typed(state: State, key: Key): Stepped {
  const place = state.places.at(-1)!
  const name = nameOf(key)
  if (place.at !== 'lists' || name === 'enter') return just({ ...state, isFiltering: false })
  if (name === 'escape') return just(filtered({ ...state, isFiltering: false }, place, ''))
  const { filter } = place.lists[place.focus]
  if (name === 'backspace') return just(filtered(state, place, [...filter].slice(0, -1).join('')))
  if (name === 'ctrl-u') return just(filtered(state, place, ''))
  const added = key.kind === 'char' ? key.char : key.kind === 'paste' ? oneLine(key.text, 60) : ''
  return just(filtered(state, place, filter + added))
}

function filtered(state: State, place: Lists, filter: string): State {
  return fitted(replaced(state, withList(place, place.focus, { filter })))
}

/** Out of a filter, then out of the place. Esc at home stays there: it is pressed once too often easily. */
function left(state: State, name: string): Stepped {
  const place = state.places.at(-1)!
  if (name === 'escape' && place.at === 'lists' && place.lists[place.focus].filter !== '')
    return just(filtered(state, place, ''))
  if (state.places.length === 1) return just(state)
  const after = { ...state, places: state.places.slice(0, -1) }
  return { state: fitted(after), effects: placeEffects(after) }
}

function inLists(state: State, place: Lists, name: string): Stepped {
  const at = LIST_NAMES.indexOf(place.focus)
  const count = LIST_NAMES.length
  const motion = motionOf(name)
  const chosen = chosenRow(state.data, place)
  if (motion)
    return just(replaced(state, moved(state.data, place, motion, heightsOf(arrange(state.data, place, state.size)))))
  if (name === 'tab') return just(turned(state, place, (at + 1) % count))
  if (name === 'shift-tab') return just(turned(state, place, (at + count - 1) % count))
  if (/^[1-5]$/.test(name)) return just(turned(state, place, Number(name) - 1))
  if (name === '/') return just({ ...state, isFiltering: true })
  if (name === 'm' && chosen?.held !== undefined) return { state, effects: [{ do: 'merge-again', id: chosen.held }] }
  if ((name === 'enter' || name === 'right' || name === 'l') && chosen?.opens) return opened(state, chosen.opens)
  return chosen?.target === undefined ? just(state) : acted(state, chosen.target, name)
}

function turned(state: State, place: Lists, to: number): State {
  return fitted(replaced(state, focused(place, LIST_NAMES[to]!)))
}

function opened(state: State, target: Target): Stepped {
  if (target.to === 'approval') return { state, effects: [{ do: 'open-approvals', id: target.id }] }
  const after = fitted({ ...state, places: [...state.places, placeAt(target)] })
  return { state: after, effects: placeEffects(after) }
}

function acted(state: State, target: string, name: string): Stepped {
  if (name === 'a') {
    const { session } = agencyOf(state.data, target) ?? {}
    if (session !== undefined) return { state, effects: [{ do: 'attach', target }] }
    return just({ ...state, notice: { text: `${target} has no tmux session: agency up`, isBad: true } })
  }
  const act = actFor(name, state.data, target)
  if (act === undefined) return just(state)
  const question = questionFor(act, target)
  return question ? just({ ...state, question }) : { state, effects: [{ do: 'act', act, target }] }
}

function inStory(state: State, place: StoryPlace, name: string): State {
  const motion = motionOf(name)
  if (!motion) return state
  const { columns, rows } = state.size
  const count = storyLines(place, columns)?.length ?? 0
  return replaced(state, { ...place, top: moveWindow(place.top, motion, count, rows - FRAME_ROWS) })
}

function replaced(state: State, place: Place): State {
  return { ...state, places: [...state.places.slice(0, -1), place] }
}
