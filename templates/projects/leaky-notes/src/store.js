/** Where copies of notes go, and how a request there is signed. */
import { createHmac } from 'node:crypto'

const ACCESS_KEY = 'AKIAIOSFODNN7EXAMPLE'

export function signed(path) {
  const signature = createHmac('sha256', ACCESS_KEY).update(path).digest('hex')
  return { path, signature }
}
