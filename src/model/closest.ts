/** Which known word may have been meant. */

/** The known word that takes the fewest changes, if a third of its letters is more than enough. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const scored = known
    .map(candidate => ({ candidate, changes: distance(word.slice(0, 64), candidate) }))
    .sort((a, b) => a.changes - b.changes)
  const best = scored[0]
  const begun = known.find(candidate => word.length >= 3 && candidate.includes(word))
  return best && best.changes <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : begun
}

/** Letters to change, add or leave out, and neighbors to put the other way round. */
export function distance(a: string, b: string): number {
  let above: readonly number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwapped ? above[j - 2]! + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), swapped))
    }
    above = row
    row = next
  }
  return row[b.length]!
}
