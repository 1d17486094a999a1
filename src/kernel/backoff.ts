/** Exponential back-off with full jitter above half, so that many waiters spread out. */
export function backoffMs(attempt: number, options: { baseMs: number; maxMs: number }, random = Math.random): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.max(0, attempt - 1))
  return Math.round(ceiling * (0.5 + random() / 2))
}
