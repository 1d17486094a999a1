/** What the monitor knows, and where somebody is in it. Pure: what is to be done outside comes back as effects. */
import type { ChangeDocument, TaskStoryDocument, TraceDocument } from '../../../cli/documents.ts'
import type { ScreenEvent, Step } from '../../panel.ts'
import type { Size } from '../../stage.ts'
import type { Act, Question } from './acts.ts'
import { arrange, heightsOf } from './arrange.ts'
import type { Data, OverviewDocument, Part } from './data.ts'
import type { Host } from './host.ts'
import { settled } from './lists.ts'
import { listsOf, type PaneDocument, type Place } from './places.ts'

export interface State {
  readonly size: Size
  readonly now: number
  /** Undefined until the daemon answered for the first time. */
  readonly data: Data | undefined
  readonly host: Host | undefined
  /** Why the daemon does not answer, while it does not. */
  readonly lost: string | undefined
  /** The way here; the last is shown. */
  readonly places: readonly Place[]
  /** What is asked before something is interrupted. */
  readonly question: Question | undefined
  /** A filter is being typed. */
  readonly isFiltering: boolean
  readonly hasHelp: boolean
  /** What was done or could not be, until a key is pressed. */
  readonly notice: { readonly text: string; readonly isBad: boolean } | undefined
}

export type Event =
  | ScreenEvent
  | { readonly on: 'joined' }
  | { readonly on: 'changed'; readonly changes: readonly ChangeDocument[] }
  | { readonly on: 'lost'; readonly why: string }
  | { readonly on: 'overview'; readonly overview: OverviewDocument }
  | { readonly on: 'host'; readonly host: Host }
  | { readonly on: 'pane'; readonly address: string; readonly pane: PaneDocument }
  | { readonly on: 'message'; readonly id: string; readonly message: TraceDocument }
  | { readonly on: 'task'; readonly id: string; readonly task: TaskStoryDocument }
  | { readonly on: 'unknown'; readonly id: string; readonly why: string }
  | { readonly on: 'said'; readonly text: string; readonly isBad: boolean }

export type Effect =
  | { readonly do: 'fetch'; readonly parts: readonly Part[] }
  | { readonly do: 'sample-host' }
  /** An agent's screen is followed; undefined: none is any more. */
  | { readonly do: 'look'; readonly address: string | undefined }
  | { readonly do: 'fetch-story'; readonly what: 'message' | 'task'; readonly id: string }
  | { readonly do: 'act'; readonly act: Act; readonly target: string }
  | { readonly do: 'attach'; readonly target: string }
  /** That one; undefined: the list of all. */
  | { readonly do: 'open-approvals'; readonly id: string | undefined }
  | { readonly do: 'merge-again'; readonly id: string }
  | { readonly do: 'repaint' }
  | { readonly do: 'close' }

/** Ages and the load of this machine move by themselves. */
const TICK_MS = 5_000

export function begin(size: Size, now: number): State {
  return {
    ...{ size, now, data: undefined, host: undefined, lost: undefined, places: [listsOf(undefined)] },
    ...{ question: undefined, isFiltering: false, hasHelp: false, notice: undefined },
  }
}

export function wakeAt({ now }: State): number {
  return now + TICK_MS
}

/** Lists and windows within their bounds. */
export function fitted(state: State): State {
  const { data, size } = state
  const places = state.places.map(place =>
    place.at === 'lists' ? settled(data, place, heightsOf(arrange(data, place, size))) : place,
  )
  return { ...state, places }
}

/** What the place that is shown needs when one comes to it, or comes back. */
export function placeEffects({ places }: State): readonly Effect[] {
  const place = places.at(-1)!
  const address = place.at === 'agent' ? place.address : undefined
  const isStory = place.at === 'message' || place.at === 'task'
  return [{ do: 'look', address }, ...(isStory ? [{ do: 'fetch-story' as const, what: place.at, id: place.id }] : [])]
}

export function just(state: State): Step<State, Effect> {
  return { state, effects: [] }
}
