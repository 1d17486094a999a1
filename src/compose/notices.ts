/** How the person is told what needs them. */
import { Notices } from '../notices/notices.ts'
import type { Ground } from './ground.ts'

export function composeNotices(ground: Ground): Notices {
  return new Notices(ground)
}
