/** What is happening to a submission by what was decided here. */
import { type Span, span } from '../../text/spans.ts'
import { isPending, type State } from './state.ts'

const WISH = { approve: 'approve', reject: 'reject', 'request-changes': 'ask for changes' } as const

export function badgeOf(state: State, id: string): Span | undefined {
  const pending = isPending(state, id)
  if (pending) {
    const seconds = Math.max(1, Math.ceil((pending.until - state.now) / 1000))
    return span(`${WISH[pending.kind]} in ${seconds} s · u`, pending.kind === 'approve' ? 'good' : 'warn')
  }
  if (state.sending.has(id)) return span('deciding …', 'accent')
  if (state.refused[id] !== undefined) return span('not decided', 'bad')
  const now = state.queue?.find(each => each.id === id)
  if (state.followed.has(id) && (now?.state === 'approved' || now?.state === 'merging'))
    return span('approved: its checks run on the merged tree', 'good')
  return undefined
}
