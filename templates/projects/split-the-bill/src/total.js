/** REQ-1: the sum of amounts in cents. */

export function total(amounts) {
  return amounts.reduce((sum, amount) => sum + amount, 0)
}
