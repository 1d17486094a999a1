/** From seconds to words. */

/** Words for a whole number of seconds, the largest unit first: `format(5400)` is `1h 30m`. Nought is `0s`. */
export function format(seconds) {
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ]
  return (
    parts
      .filter(([amount]) => amount > 0)
      .map(([amount, unit]) => `${amount}${unit}`)
      .join(' ') || '0s'
  )
}
