/** How much passes in which time: counts of the last half hour, ten seconds each. Pure. */

export interface Flow {
  /** The number of the newest bucket, counted from the epoch. */
  readonly last: number
  /** Oldest first. */
  readonly counts: readonly number[]
}

export const BUCKET_MS = 10_000
const BUCKETS = 180
const PER_MINUTE = 60_000 / BUCKET_MS

export const NO_FLOW: Flow = { last: 0, counts: [] }

/** One more at this time. A clock that was set back counts into the newest. */
export function counted(flow: Flow, at: number): Flow {
  const now = flowAt(flow, at)
  return { ...now, counts: [...now.counts.slice(0, -1), now.counts.at(-1)! + 1] }
}

/** As it stands at this time: buckets in which nothing came are nought. */
export function flowAt({ last, counts }: Flow, at: number): Flow {
  const bucket = Math.max(last, Math.floor(at / BUCKET_MS))
  const missing = Math.min(BUCKETS, bucket - last)
  const filled = [...counts, ...Array.from({ length: missing }, () => 0)].slice(-BUCKETS)
  return { last: bucket, counts: filled.length === 0 ? [0] : filled }
}

/** In the last minute, of which up to ten seconds are not over. */
export function lastMinute({ counts }: Flow): number {
  return counts.slice(-PER_MINUTE).reduce((sum, count) => sum + count, 0)
}
