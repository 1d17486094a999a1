/** What the approvals screen knows, and how each event changes it. Pure: what is to be done outside comes back as effects. */
import type { SubmissionDocument } from '../../../cli/approvals/show.ts'
import { FRAME_ROWS } from '../../layout.ts'
import { motionOf, nameOf } from '../../motions.ts'
import type { ScreenEvent, Step } from '../../panel.ts'
import { AT_TOP, fitScroll, moveSelection, type Scroll } from '../../scroll.ts'
import type { Size } from '../../stage.ts'

export interface State {
  readonly size: Size
  readonly now: number
  /** Undefined until the daemon answered for the first time. */
  readonly queue: readonly SubmissionDocument[] | undefined
  /** Why the daemon does not answer, while it does not. */
  readonly lost: string | undefined
  readonly list: Scroll
}

export type Event =
  | ScreenEvent
  | { readonly on: 'joined' }
  | { readonly on: 'changed'; readonly ids: readonly string[] }
  | { readonly on: 'lost'; readonly why: string }
  | { readonly on: 'queue'; readonly submissions: readonly SubmissionDocument[] }

export type Effect = { readonly do: 'fetch-queue' } | { readonly do: 'close' }

const MINUTE_MS = 60_000

export function begin(size: Size, now: number): State {
  return { size, now, queue: undefined, lost: undefined, list: AT_TOP }
}

export function step(state: State, event: Event): Step<State, Effect> {
  if (event.on === 'joined') return { state: { ...state, lost: undefined }, effects: [{ do: 'fetch-queue' }] }
  if (event.on === 'changed') return { state, effects: [{ do: 'fetch-queue' }] }
  if (event.on === 'lost') return just({ ...state, lost: event.why })
  if (event.on === 'queue') return just(fitted({ ...state, queue: event.submissions }))
  if (event.on === 'resize') return just(fitted({ ...state, size: event.size }))
  if (event.on === 'clock') return just({ ...state, now: event.at })
  const name = nameOf(event.key)
  const motion = motionOf(name)
  if (name === 'q' || name === 'escape' || name === 'ctrl-c') return { state, effects: [{ do: 'close' }] }
  if (motion === undefined) return just(state)
  return just({ ...state, list: moveSelection(state.list, motion, state.queue?.length ?? 0, listHeight(state)) })
}

/** Ages are told in minutes. */
export function wakeAt(state: State): number {
  return state.now + MINUTE_MS
}

export function listHeight({ size }: State): number {
  return size.rows - FRAME_ROWS - 1
}

function fitted(state: State): State {
  return { ...state, list: fitScroll(state.list, state.queue?.length ?? 0, listHeight(state)) }
}

function just(state: State): Step<State, Effect> {
  return { state, effects: [] }
}
