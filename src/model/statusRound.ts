/** Decides whom to ask for a STATUS: who has been at work for so long and has said nothing; and the coordinator, to sum up. Pure. */
import type { Address } from './names.ts'

export interface Worker {
  readonly address: Address
  readonly agency: string
  readonly isCoordinator: boolean
  /** False while it is paused, waits, is limited or dead: a question would only pile up. */
  readonly isOpen: boolean
  /** When its present turn began; undefined when it is in none. */
  readonly busySince: number | undefined
  /** The first thing that it was handed after it last said something, or was last asked. */
  readonly givenAt: number | undefined
  readonly saidAt: number | undefined
  readonly askedAt: number | undefined
}

/** Time for the answers of its agents, before a coordinator is asked to sum them up: a quarter of the interval, and no more than this. */
const ANSWERS_MS = 300_000

export function whomToAsk(workers: readonly Worker[], now: number, everyMs: number): readonly Worker[] {
  const isDue = ({ askedAt }: Worker) => askedAt === undefined || now - askedAt >= everyMs
  return workers.filter(
    worker =>
      worker.isOpen &&
      isDue(worker) &&
      (isSilent(worker, now, everyMs) || (worker.isCoordinator && hasAnswers(worker, workers, now, everyMs))),
  )
}

function isSilent({ busySince, givenAt, saidAt, askedAt }: Worker, now: number, everyMs: number): boolean {
  if (busySince !== undefined) return now - Math.max(busySince, saidAt ?? 0) >= everyMs
  // One that is at rest is asked once for what it was given: it may have had nothing to say.
  return givenAt !== undefined && now - givenAt >= everyMs && (askedAt === undefined || askedAt < givenAt)
}

function hasAnswers(coordinator: Worker, workers: readonly Worker[], now: number, everyMs: number): boolean {
  return workers.some(
    ({ agency, isCoordinator, askedAt }) =>
      agency === coordinator.agency &&
      !isCoordinator &&
      askedAt !== undefined &&
      askedAt > (coordinator.askedAt ?? 0) &&
      now - askedAt >= Math.min(ANSWERS_MS, everyMs / 4),
  )
}
