/** What the approvals screen knows. Pure data; `step.ts` says how events change it. */
import type { DiffMode } from '../../diff/rows.ts'
import { FRAME_ROWS } from '../../layout.ts'
import type { ScreenEvent } from '../../panel.ts'
import { AT_TOP, fitScroll, type Scroll } from '../../scroll.ts'
import type { Size } from '../../stage.ts'
import { type Diff, type Message, type Story, type Submission, shortId, type TaskStory, waits } from './documents.ts'

export const TABS = ['summary', 'diff', 'tests', 'documents', 'conversation', 'story'] as const
export type Tab = (typeof TABS)[number]

export type DecisionKind = 'approve' | 'reject' | 'request-changes'
/** Of a change: all of it, or what changed since it was handed in before. */
export type Scope = 'whole' | 'since'

/** Undefined while it is awaited. */
export type Loaded<T> = { readonly value: T } | { readonly failed: string } | undefined

/** Decided here, and not told yet: until then it can be taken back. */
export interface Pending {
  readonly ids: readonly string[]
  readonly kind: DecisionKind
  readonly words: string | undefined
  readonly until: number
}

export interface DiffView {
  readonly scope: Scope
  readonly top: number
  readonly left: number
  /** Undefined: side by side where there is room. */
  readonly mode: DiffMode | undefined
  readonly folded: ReadonlySet<string>
  readonly isInTree: boolean
  readonly tree: Scroll
  readonly treeFolded: ReadonlySet<string>
}

export interface Opened {
  readonly id: string
  readonly tab: Tab
  readonly tops: Readonly<Partial<Record<Tab, number>>>
  readonly view: DiffView
  readonly story: Loaded<Story>
  readonly diffs: Readonly<Partial<Record<Scope, Loaded<Diff>>>>
  readonly messages: Loaded<readonly Message[]>
  readonly task: Loaded<TaskStory>
  /** The ends of its logs, by their paths. */
  readonly outputs: Loaded<Readonly<Record<string, string>>>
}

export type Ask =
  | { readonly what: 'help' }
  | { readonly what: 'leave' }
  | { readonly what: 'filter' }
  | { readonly what: 'words'; readonly kind: DecisionKind; readonly ids: readonly string[]; readonly text: string }

export interface State {
  readonly size: Size
  readonly now: number
  /** The agent in whose name this runs; it may look, and decides nothing. */
  readonly agent: string | undefined
  readonly queue: readonly Submission[] | undefined
  /** Why the daemon does not answer, and since when. */
  readonly lost: { readonly why: string; readonly since: number } | undefined
  readonly list: Scroll
  /** The chosen one has left the list by itself: whatever is in its place now, no key that was meant for it decides. */
  readonly slipped: string | undefined
  readonly filter: string
  readonly marked: ReadonlySet<string>
  readonly pending: readonly Pending[]
  readonly sending: ReadonlySet<string>
  /** By id: what the daemon said against a decision. */
  readonly refused: Readonly<Record<string, string>>
  /** Approved here: how it ends is told, also when it has left the list. */
  readonly followed: ReadonlySet<string>
  readonly isLeaving: boolean
  readonly opened: Opened | undefined
  /** Opened for one submission: there is no list to go back to. */
  readonly isAlone: boolean
  readonly ask: Ask | undefined
  readonly notice: Notice | undefined
  /** Counts up when colors of code are there. */
  readonly painted: number
}

export interface Notice {
  readonly text: string
  readonly role: 'good' | 'bad' | 'warn' | 'accent'
  readonly until: number
}

export type Event =
  | ScreenEvent
  | { readonly on: 'joined' }
  | { readonly on: 'changed'; readonly ids: readonly string[] }
  | { readonly on: 'lost'; readonly why: string; readonly at: number }
  | { readonly on: 'queue'; readonly submissions: readonly Submission[] }
  | { readonly on: 'story'; readonly id: string; readonly story: Loaded<Story> }
  | { readonly on: 'diff'; readonly id: string; readonly scope: Scope; readonly diff: Loaded<Diff> }
  | { readonly on: 'messages'; readonly id: string; readonly messages: Loaded<readonly Message[]> }
  | { readonly on: 'task'; readonly id: string; readonly task: Loaded<TaskStory> }
  | { readonly on: 'outputs'; readonly id: string; readonly outputs: Opened['outputs'] }
  | { readonly on: 'decided' | 'merges-again'; readonly submission: Submission; readonly at: number }
  | { readonly on: 'refused'; readonly id: string; readonly why: string; readonly at: number }
  | { readonly on: 'ended'; readonly submission: Submission; readonly at: number }
  | {
      readonly on: 'words'
      readonly kind: DecisionKind
      readonly ids: readonly string[]
      readonly words: string
      readonly at: number
    }
  | { readonly on: 'no-editor'; readonly kind: DecisionKind; readonly ids: readonly string[] }
  | { readonly on: 'told'; readonly text: string; readonly role: Notice['role']; readonly at: number }
  | { readonly on: 'painted' }

export type Effect =
  | { readonly do: 'fetch-queue' | 'load-colors' | 'repaint' | 'ring' | 'close' }
  | {
      readonly do: 'fetch-story' | 'fetch-end' | 'fetch-outputs' | 'fetch-messages' | 'merge-again'
      readonly id: string
    }
  | { readonly do: 'fetch-task'; readonly id: string; readonly task: string }
  | { readonly do: 'fetch-diff' | 'page'; readonly id: string; readonly scope: Scope }
  | { readonly do: 'ask-words'; readonly kind: DecisionKind; readonly ids: readonly string[]; readonly about: string }
  | {
      readonly do: 'decide'
      readonly id: string
      readonly kind: DecisionKind
      readonly words: string | undefined
      /** What the person has seen. */
      readonly commit: string | undefined
    }
  | { readonly do: 'show-demo'; readonly id: string }

interface Beginning {
  readonly agent?: string | undefined
  /** Of the only submission that is to be shown. */
  readonly id?: string | undefined
}

export function begin(size: Size, now: number, { agent, id }: Beginning = {}): State {
  return {
    ...{ size, now, agent, queue: undefined, lost: undefined, list: AT_TOP, slipped: undefined, filter: '' },
    ...{ marked: new Set<string>(), pending: [], sending: new Set<string>(), refused: {}, followed: new Set<string>() },
    ...{ isLeaving: false, opened: id === undefined ? undefined : opening(id, 'summary'), isAlone: id !== undefined },
    ...{ ask: undefined, notice: undefined, painted: 0 },
  }
}

/** Nothing of it is read yet. */
export function opening(id: string, tab: Tab): Opened {
  const view: DiffView = {
    ...{ scope: 'whole', top: 0, left: 0, mode: undefined, folded: new Set<string>() },
    ...{ isInTree: false, tree: AT_TOP, treeFolded: new Set<string>() },
  }
  const awaited = { story: undefined, diffs: {}, messages: undefined, task: undefined, outputs: undefined }
  return { id, tab, tops: {}, view, ...awaited }
}

let last: { queue: State['queue']; filter: string; shown: readonly Submission[] } | undefined

/** The list as it is shown: what waits for the person first, each part oldest first, and of it what the filter lets through. */
export function shownOf({ queue, filter }: Pick<State, 'queue' | 'filter'>): readonly Submission[] {
  if (last && last.queue === queue && last.filter === filter) return last.shown
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const found = (queue ?? []).filter(submission => {
    const text = haystack(submission)
    return words.every(word => text.includes(word))
  })
  const shown = [...found.filter(waits), ...found.filter(submission => !waits(submission))]
  last = { queue, filter, shown }
  return shown
}

const haystacks = new WeakMap<Submission, string>()

function haystack(submission: Submission): string {
  const known = haystacks.get(submission)
  if (known !== undefined) return known
  const { agency, author, title, state, change } = submission
  const made = [shortId(submission), agency, author, title, state, change?.branch].join(' ').toLowerCase()
  haystacks.set(submission, made)
  return made
}

/** What the keys are about: the one that is open, else the chosen row. */
export function currentOf(state: State): Submission | undefined {
  if (!state.opened) return shownOf(state)[state.list.selected]
  const { id, story } = state.opened
  return (
    state.queue?.find(submission => submission.id === id) ??
    (story && 'value' in story ? story.value.submission : undefined)
  )
}

/** In a high window the chosen one is told more of, under the list. */
export const PREVIEW_ROWS = 6
const PREVIEW_FROM_ROWS = 24

export function previewRows({ size }: Pick<State, 'size'>): number {
  return size.rows >= PREVIEW_FROM_ROWS ? PREVIEW_ROWS : 0
}

export function listHeight(state: Pick<State, 'size'>): number {
  return Math.max(1, state.size.rows - FRAME_ROWS - 1 - previewRows(state))
}

/** Under the row of tabs. */
export function pageHeight({ size }: Pick<State, 'size'>): number {
  return Math.max(1, size.rows - FRAME_ROWS - 1)
}

export function fitted(state: State): State {
  return { ...state, list: fitScroll(state.list, shownOf(state).length, listHeight(state)) }
}

export function isPending({ pending }: State, id: string): Pending | undefined {
  return pending.find(({ ids }) => ids.includes(id))
}
