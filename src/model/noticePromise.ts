/** What a way has begun to tell goes again as it was, whatever came meanwhile, so that whoever has it already knows it by its id. Pure. */
import type { Notice } from './notice.ts'

/** Several things as one, named by their places in the log, from which its words and its id follow. */
export interface Promised {
  readonly at: number
  readonly isSummary: boolean
  readonly isUrgent: boolean
  readonly seqs: readonly number[]
}

export interface Due {
  /** Undefined: it is told for the first time. */
  readonly promise: Promised | undefined
  readonly items: readonly Notice[]
}

/** What is told next of what is ready: what was begun first, and whole; what came later waits until it is through. */
export function nextDue(promised: readonly Promised[], ready: readonly Notice[], pending: readonly Notice[]): Due {
  const due = new Set(ready.map(({ seq }) => seq))
  const promise = promised.find(({ seqs }) => seqs.some(seq => due.has(seq)))
  if (promise) return { promise, items: itemsOf(promise, pending) }
  return { promise: undefined, items: ready }
}

/** Without those of which something is wanted no more: the settings may say so since. */
export function keepWhole(promised: readonly Promised[], pending: readonly Notice[]): readonly Promised[] {
  return promised.filter(promise => itemsOf(promise, pending).length === promise.seqs.length)
}

function itemsOf({ seqs }: Promised, pending: readonly Notice[]): readonly Notice[] {
  return pending.filter(({ seq }) => seqs.includes(seq))
}
