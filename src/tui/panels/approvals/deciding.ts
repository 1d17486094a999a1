/** Decisions on their way: made here, taken back within five seconds or told to the daemon, and what it answered. */
import type { Step } from '../../panel.ts'
import { type Submission, shortId, waits } from './documents.ts'
import {
  currentOf,
  type DecisionKind,
  type Effect,
  type Event,
  isPending,
  type Pending,
  type State,
  shownOf,
} from './state.ts'

export const UNDO_MS = 5_000
const NOTICE_MS = 6_000
/** Of a refusal: it stays in its place, and is read there. */
const LONG_NOTICE_MS = 12_000

export const DONE: Readonly<Record<DecisionKind, string>> = {
  approve: 'approved',
  reject: 'rejected',
  'request-changes': 'changes requested',
}

/** Those that are marked, or the one that the keys are about. */
export function targetsOf(state: State): readonly Submission[] {
  const current = currentOf(state)
  if (state.opened || state.marked.size === 0) return current ? [current] : []
  return shownOf({ queue: state.queue, filter: '' }).filter(({ id }) => state.marked.has(id))
}

/** Begins to decide: an approval waits for its seconds at once, the others for words first. */
export function wishDecision(state: State, kind: DecisionKind): Step<State, Effect> {
  const targets = targetsOf(state)
  const open = targets.filter(each => waits(each) && !isPending(state, each.id) && !state.sending.has(each.id))
  if (open.length === 0) return { state: tell(state, whyNothing(state, targets), 'warn'), effects: [] }
  const ids = open.map(({ id }) => id)
  if (kind === 'approve') return { state: decide(state, { kind, ids, words: undefined }), effects: [] }
  const about = open.map(each => `${shortId(each)} ${each.title}`).join('\n')
  return { state, effects: [{ do: 'ask-words', kind, ids, about }] }
}

export function decide(state: State, made: Omit<Pending, 'until'>): State {
  const refused = Object.fromEntries(Object.entries(state.refused).filter(([id]) => !made.ids.includes(id)))
  const pending = [...state.pending, { ...made, until: state.now + UNDO_MS }]
  return { ...state, pending, refused, marked: new Set(), notice: undefined }
}

/** The one that the keys are about when it is decided, else what was decided last. */
export function undo(state: State): State {
  const current = currentOf(state)
  const taken = (current && isPending(state, current.id)) ?? state.pending.at(-1)
  if (!taken) return tell(state, 'nothing is left to take back: a decision can be for five seconds', 'warn')
  const undone = { ...state, pending: state.pending.filter(each => each !== taken), isLeaving: false }
  return tell(undone, taken.ids.length === 1 ? 'taken back' : `taken back, all ${taken.ids.length}`, 'good')
}

/** Those whose seconds are over, or all of them. */
export function takeEffect(state: State, isDue: (pending: Pending) => boolean): Step<State, Effect> {
  const due = state.pending.filter(isDue)
  if (due.length === 0) return { state, effects: [] }
  const effects = due.flatMap(({ ids, kind, words }) =>
    ids.map((id): Effect => {
      const commit = state.queue?.find(each => each.id === id)?.change?.commit
      return { do: 'decide', id, kind, words, commit }
    }),
  )
  const sending = new Set([...state.sending, ...due.flatMap(({ ids }) => ids)])
  return { state: { ...state, pending: state.pending.filter(each => !due.includes(each)), sending }, effects }
}

/** What was approved and could not be merged needs no second yes: it goes on at once. */
export function mergeAgain(state: State): Step<State, Effect> {
  const targets = targetsOf(state)
  const held = targets.filter(
    each => each.state === 'held' && !isPending(state, each.id) && !state.sending.has(each.id),
  )
  if (held.length === 0) {
    const [first] = targets
    const why = first && `${shortId(first)} is ${first.state}: m merges what was approved and is held`
    return { state: tell(state, why ?? 'there is nothing here to merge', 'warn'), effects: [] }
  }
  const sending = new Set([...state.sending, ...held.map(({ id }) => id)])
  return {
    state: { ...state, sending, marked: new Set() },
    effects: held.map(({ id }): Effect => ({ do: 'merge-again', id })),
  }
}

/** Nothing that was decided is lost by leaving: it is asked whether it takes effect now, or not at all. */
export function leave(state: State): Step<State, Effect> {
  if (state.pending.length > 0) return { state: { ...state, ask: { what: 'leave' } }, effects: [] }
  if (state.sending.size > 0) return { state: { ...state, isLeaving: true }, effects: [] }
  return { state, effects: [{ do: 'close' }] }
}

/** Leaving does not wait: what was decided takes effect now, and the screen closes when the daemon has answered. */
export function flushAndLeave(state: State): Step<State, Effect> {
  const flushed = takeEffect(state, () => true)
  return { ...flushed, state: { ...flushed.state, ask: undefined, isLeaving: true } }
}

export function answered(
  state: State,
  event: Extract<Event, { on: 'decided' | 'merges-again' | 'refused' }>,
): Step<State, Effect> {
  const id = event.on === 'refused' ? event.id : event.submission.id
  const sending = new Set(state.sending)
  sending.delete(id)
  const at = { ...state, sending, now: Math.max(state.now, event.at) }
  if (event.on === 'refused') {
    const told = tell(at, `${id.slice(-8)} is not decided: ${event.why}`, 'bad', LONG_NOTICE_MS)
    return { state: { ...told, refused: { ...state.refused, [id]: event.why }, isLeaving: false }, effects: [] }
  }
  const { submission } = event
  const queue = state.queue?.map(each => (each.id === id ? submission : each))
  const kind = submission.decision?.kind as DecisionKind | undefined
  const told = tell(
    { ...at, queue, followed: new Set([...state.followed, id]) },
    `${shortId(submission)} ${event.on === 'merges-again' ? 'is merged again' : `is ${kind ? DONE[kind] : submission.state}`}`,
    'good',
  )
  const isDone = state.isLeaving && sending.size === 0 && state.pending.length === 0
  return { state: told, effects: isDone ? [{ do: 'close' }] : [] }
}

export function tell(state: State, text: string, role: NonNullable<State['notice']>['role'], forMs = NOTICE_MS): State {
  return { ...state, notice: { text, role, until: state.now + forMs } }
}

function whyNothing(state: State, targets: readonly Submission[]): string {
  const [first] = targets
  if (!first) return 'there is nothing here to decide about'
  if (isPending(state, first.id)) return 'that is decided: u takes it back'
  if (state.sending.has(first.id)) return 'that is decided, and on its way'
  return `${shortId(first)} does not wait for you: it is ${first.state}`
}
