/** A map that forgets its oldest entries, since a long rehearsal must not grow without end. */
const MOST_KEPT = 10_000

export function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > MOST_KEPT && !oldest.done) map.delete(oldest.value)
}
