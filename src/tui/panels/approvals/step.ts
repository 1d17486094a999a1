/** How each event changes the approvals screen. Pure: what is to be done outside comes back as effects. */
import type { Step } from '../../panel.ts'
import { fitScroll } from '../../scroll.ts'
import { answered, decide, takeEffect, tell } from './deciding.ts'
import { type Submission, shortId } from './documents.ts'
import { pressKey } from './keys.ts'
import { currentOf, type Effect, type Event, fitted, listHeight, type Opened, type State, shownOf } from './state.ts'

type Moved = Step<State, Effect>

const SECOND_MS = 1_000
/** Ages are told in seconds at first. */
const AGES_MS = 10_000

export function step(state: State, event: Event): Moved {
  return (STEPS[event.on] as (state: State, event: Event) => Moved)(state, event)
}

/** Of the clock, the screen needs to know when a countdown goes on, a notice has been read, or an age is another one. */
export function wakeAt({ now, pending, notice, lost }: State): number {
  const seconds = pending.map(({ until }) => now + ((until - now) % SECOND_MS || SECOND_MS))
  const sinceLost = lost ? [now + SECOND_MS] : []
  return Math.min(now + AGES_MS, ...seconds, ...sinceLost, notice?.until ?? Number.POSITIVE_INFINITY)
}

const STEPS: { readonly [On in Event['on']]: (state: State, event: Extract<Event, { on: On }>) => Moved } = {
  key: (state, { key, at }) => pressKey(passed(state, at), key),
  resize: (state, { size }) => just(fitted({ ...state, size })),
  clock: (state, { at }) => takeEffect(passed(state, at), ({ until }) => until <= at),
  joined: state => ({
    state: { ...state, lost: undefined },
    effects: [{ do: 'fetch-queue' }, ...(state.opened ? [{ do: 'fetch-story', id: state.opened.id } as const] : [])],
  }),
  lost: (state, { why, at }) => just({ ...state, lost: { why, since: state.lost?.since ?? at } }),
  changed: (state, { ids }) => {
    const { opened } = state
    const isOpen = opened !== undefined && (ids.length === 0 || ids.includes(opened.id))
    return {
      state,
      effects: [{ do: 'fetch-queue' }, ...(isOpen ? [{ do: 'fetch-story', id: opened.id } as const] : [])],
    }
  },
  queue: (state, { submissions }) => arrived(state, submissions),
  story: (state, { id, story }) => just(whileOpen(state, id, { story })),
  diff: (state, { id, scope, diff }) =>
    just(whileOpen(state, id, { diffs: { ...state.opened?.diffs, [scope]: diff } })),
  messages: (state, { id, messages }) => just(whileOpen(state, id, { messages })),
  task: (state, { id, task }) => just(whileOpen(state, id, { task })),
  outputs: (state, { id, outputs }) => just(whileOpen(state, id, { outputs })),
  decided: answered,
  'merges-again': answered,
  refused: answered,
  ended: (state, { submission, at }) => {
    const { reason, merge } = submission
    const how = submission.state === 'merged' ? `merged as ${merge?.commit.slice(0, 12)}` : submission.state
    const why = reason && submission.state !== 'merged' ? `: ${reason}` : ''
    const role = submission.state === 'merged' || submission.state === 'approved' ? 'good' : 'warn'
    return just(tell(passed(state, at), `${shortId(submission)} is ${how}${why}`, role))
  },
  words: (state, { kind, ids, words, at }) => just(decide(passed(state, at), { kind, ids, words })),
  'no-editor': (state, { kind, ids }) =>
    just({ ...state, ask: { what: 'words', kind, ids, text: '' }, notice: undefined }),
  told: (state, { text, role, at }) => just(tell(passed(state, at), text, role)),
  painted: state => just({ ...state, painted: state.painted + 1 }),
}

function passed(state: State, at: number): State {
  const now = Math.max(state.now, at)
  return { ...state, now, notice: state.notice && state.notice.until <= now ? undefined : state.notice }
}

/** What was chosen stays chosen wherever it is now; what we decided and is no longer there, has ended. */
function arrived(state: State, submissions: readonly Submission[]): Moved {
  const chosen = state.opened ? undefined : currentOf(state)?.id
  const there = new Set(submissions.map(({ id }) => id))
  const next = { ...state, queue: submissions, marked: new Set([...state.marked].filter(id => there.has(id))) }
  const shown = shownOf(next)
  const at = chosen === undefined ? -1 : shown.findIndex(({ id }) => id === chosen)
  const list = at < 0 ? state.list : { ...state.list, selected: at }
  const isOurs = chosen !== undefined && (state.followed.has(chosen) || state.sending.has(chosen))
  const slipped = at < 0 && !isOurs ? chosen : undefined
  const ended = [...state.followed, ...(slipped === undefined ? [] : [slipped])].filter(id => !there.has(id))
  const isMore =
    state.queue !== undefined && submissions.some(({ id, state: now }) => now === 'waiting' && isNew(state, id))
  return {
    state: {
      ...next,
      list: fitScroll(list, shown.length, listHeight(state)),
      slipped: slipped ?? state.slipped,
      followed: new Set([...state.followed].filter(id => there.has(id))),
    },
    effects: [...ended.map((id): Effect => ({ do: 'fetch-end', id })), ...(isMore ? [{ do: 'ring' } as const] : [])],
  }
}

function isNew({ queue }: State, id: string): boolean {
  return !queue?.some(known => known.id === id && known.state === 'waiting')
}

function whileOpen(state: State, id: string, change: Partial<Opened>): State {
  return state.opened?.id === id ? { ...state, opened: { ...state.opened, ...change } } : state
}

function just(state: State): Moved {
  return { state, effects: [] }
}
