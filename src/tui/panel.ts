/** What a panel is: a state that only pure steps change, what it wishes done outside, and how it looks. */
import type { ComponentType } from 'react'
import type { Key } from '../kernel/keys.ts'
import type { Size } from './stage.ts'

/** What every panel is told by the screen that it is on. Times are milliseconds since the epoch. */
export type ScreenEvent =
  | { readonly on: 'key'; readonly key: Key; readonly at: number }
  | { readonly on: 'resize'; readonly size: Size }
  /** The time that `wakeAt` named has come. */
  | { readonly on: 'clock'; readonly at: number }

export interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** What the outside of a panel may do to it, and with its screen. */
export interface Hands<Event> {
  readonly dispatch: (event: Event) => void
  /** Another program has the terminal meanwhile; the screen comes back when it ends. */
  readonly lend: <T>(work: () => Promise<T>) => Promise<T>
  readonly ring: () => void
  readonly repaint: () => void
  readonly close: (exitCode: number) => void
  /** Aborts when the screen ends. */
  readonly signal: AbortSignal
}

export interface Panel<State, Event, Effect> {
  readonly begin: (size: Size, at: number) => State
  readonly step: (state: State, event: Event | ScreenEvent) => Step<State, Effect>
  /** When it wants to hear of the time next; undefined while nothing on it moves by itself. */
  readonly wakeAt: (state: State) => number | undefined
  readonly View: ComponentType<{ readonly state: State }>
  /** Opens what it listens to, when the screen opens. */
  readonly start: (hands: Hands<Event>) => void
  readonly perform: (effect: Effect, hands: Hands<Event>) => void
}
