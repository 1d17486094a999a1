/** From words to seconds. */

const SECONDS = { h: 3600, m: 60, s: 1 }

export function parse(text) {
  const parts = text.trim().split(/\s+/)
  return parts.reduce((sum, part) => {
    const [, amount, unit] = /^(\d+)([hms])$/.exec(part) ?? []
    if (!unit) throw new RangeError(`'${part}' is no duration: 2h, 30m or 5s is`)
    return sum + Number(amount) * SECONDS[unit]
  }, 0)
}
