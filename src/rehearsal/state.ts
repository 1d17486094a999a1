/** What the rehearsal agent is at one moment, what can happen to it, and what it then asks of the world. */

import type { Key } from '../kernel/keys.ts'
import { type Composer, emptyComposer } from './composer.ts'

export interface Entry {
  readonly kind: 'banner' | 'user' | 'agent' | 'tool' | 'output' | 'notice' | 'error'
  readonly text: string
}

export interface Dialog {
  readonly id: number
  readonly kind: 'permission' | 'trust'
  readonly question: string
  readonly selected: 'yes' | 'no'
}

export interface Turn {
  readonly id: number
  readonly since: number
}

export interface State {
  readonly name: string
  readonly pasteWindowMs: number
  readonly history: readonly Entry[]
  /** Changes when history was cut or cleared, so that the screen is drawn anew. */
  readonly epoch: number
  readonly composer: Composer
  readonly pastedAt: number
  readonly sent: readonly string[]
  /** Place in `sent` while it is leafed through with Up and Down. */
  readonly recalled: number | undefined
  readonly queue: readonly string[]
  readonly turn: Turn | undefined
  readonly turns: number
  /** The first one is shown and takes the keys. */
  readonly dialogs: readonly Dialog[]
  readonly quitArmedAt: number
}

export interface KeyEvent {
  readonly on: 'key'
  readonly key: Key
  /** An Enter that was read together with typed text. */
  readonly isJoined?: boolean
  /** The prompt is lost on purpose. */
  readonly isDropped?: boolean
}

export type Event =
  | KeyEvent
  /** A prompt that was not typed: the first one, or what a Stop hook handed in (`isFeedback`: told to no hook again). */
  | { readonly on: 'submit'; readonly text: string; readonly isFeedback?: boolean }
  | { readonly on: 'entry'; readonly entry: Entry }
  | { readonly on: 'ask'; readonly dialog: Dialog }
  | { readonly on: 'turn-ended'; readonly turn: number }

export type Arrival = 'prompt' | 'queued' | 'swallowed' | 'approved' | 'denied' | 'bang' | 'slash' | 'interrupt'

export type Effect =
  | { readonly do: 'log'; readonly kind: Arrival; readonly text: string }
  | { readonly do: 'hook'; readonly event: string; readonly payload: Record<string, string> }
  | { readonly do: 'turn'; readonly turn: number; readonly text: string }
  | { readonly do: 'interrupt' }
  | { readonly do: 'shell'; readonly command: string }
  | { readonly do: 'answer'; readonly dialog: Dialog; readonly isApproved: boolean }
  | { readonly do: 'quit' }

export const QUIT_WINDOW_MS = 1000

export function initialState(options: { name: string; pasteWindowMs: number; history?: readonly Entry[] }): State {
  return {
    name: options.name,
    pasteWindowMs: options.pasteWindowMs,
    history: options.history ?? [],
    epoch: 0,
    composer: emptyComposer,
    pastedAt: Number.NEGATIVE_INFINITY,
    sent: [],
    recalled: undefined,
    queue: [],
    turn: undefined,
    turns: 0,
    dialogs: [],
    quitArmedAt: Number.NEGATIVE_INFINITY,
  }
}

export type Mood = 'ready' | 'busy' | 'waiting'

export function moodOf(state: State): Mood {
  if (state.dialogs.length > 0) return 'waiting'
  return state.turn ? 'busy' : 'ready'
}
