/** How each event changes what the monitor knows. Pure. */
import type { ChangeDocument } from '../../../cli/documents.ts'
import type { Step } from '../../panel.ts'
import { merged, PARTS, partsOf } from './data.ts'
import type { Place, StoryPlace } from './places.ts'
import { pressed } from './pressing.ts'
import { type Effect, type Event, fitted, just, placeEffects, type State } from './state.ts'

export function step(state: State, event: Event): Step<State, Effect> {
  switch (event.on) {
    case 'key':
      return pressed({ ...state, now: event.at }, event.key)
    case 'resize':
      return just(fitted({ ...state, size: event.size }))
    case 'clock':
      return { state: { ...state, now: event.at }, effects: [{ do: 'sample-host' }, ...lookAgain(state)] }
    case 'joined':
      return { state: { ...state, lost: undefined }, effects: [{ do: 'fetch', parts: PARTS }, ...placeEffects(state)] }
    case 'changed':
      return { state, effects: changeEffects(state, event.changes) }
    case 'lost':
      return just({ ...state, lost: event.why })
    case 'overview':
      return just(fitted({ ...state, lost: undefined, data: merged(state.data, event.overview) }))
    case 'host':
      return just({ ...state, host: event.host })
    case 'said':
      return just({ ...state, notice: { text: event.text, isBad: event.isBad } })
    default:
      return just(told(state, event))
  }
}

/** Programs that tell of nothing are looked at again; the rest is heard. */
function lookAgain({ data, lost }: State): readonly Effect[] {
  return lost === undefined && (data?.unheard ?? 0) > 0 ? [{ do: 'fetch', parts: ['agents'] }] : []
}

function changeEffects({ places }: State, changes: readonly ChangeDocument[]): readonly Effect[] {
  const parts = partsOf(changes.map(({ kind }) => kind))
  const place = places.at(-1)!
  const isStory = place.at === 'message' || place.at === 'task'
  const isTold =
    isStory && changes.some(({ kind, ids }) => kind === place.at && (ids.length === 0 || ids.includes(place.id)))
  return [
    ...(parts.length > 0 ? [{ do: 'fetch' as const, parts }] : []),
    ...(isTold ? [{ do: 'fetch-story' as const, what: place.at, id: place.id }] : []),
  ]
}

type Told = Extract<Event, { on: 'pane' | 'message' | 'task' | 'unknown' }>

/** An answer about a place, which one may have left meanwhile. */
function told(state: State, event: Told): State {
  const places = state.places.map((place): Place => {
    if (event.on === 'pane')
      return place.at === 'agent' && place.address === event.address ? { ...place, pane: event.pane } : place
    if ((place.at !== 'message' && place.at !== 'task') || place.id !== event.id) return place
    return withStory(place, event)
  })
  return { ...state, places }
}

function withStory(place: StoryPlace, event: Exclude<Told, { on: 'pane' }>): StoryPlace {
  if (event.on === 'unknown') return { ...place, why: event.why }
  const { why: _, ...rest } = place
  return event.on === 'message' ? { ...rest, message: event.message } : { ...rest, task: event.task }
}
