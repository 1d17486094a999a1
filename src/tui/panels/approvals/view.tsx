/** How the approvals screen looks. */
import { age } from '../../../cli/text.ts'
import { Frame } from '../../Frame.tsx'
import { guard } from '../../text/guard.ts'
import { Line } from '../../text/Line.tsx'
import { span } from '../../text/spans.ts'
import { listHeight, type State } from './state.ts'

export function ApprovalsView({ state }: { readonly state: State }) {
  const { size, queue = [], list, lost, now } = state
  const shown = queue.slice(list.top, list.top + listHeight(state))
  return (
    <Frame
      size={size}
      title={[span(' approvals', 'strong'), span(`  ${queue.length} wait`, 'muted')]}
      standing={[lost === undefined ? span('live ', 'good') : span('no daemon ', 'bad')]}
      keys={[
        ['j/k', 'move'],
        ['q', 'leave'],
      ]}
      notice={lost === undefined ? undefined : [span(` ${guard(lost)}`, 'bad')]}
    >
      {shown.map((submission, index) => (
        <Line
          key={submission.id}
          spans={[
            span(` ${submission.id.slice(-8)}  `),
            span(guard(submission.title), 'strong'),
            span(`  ${age(submission.createdAt, now)}`, 'muted'),
          ]}
          columns={size.columns}
          isSelected={list.top + index === list.selected}
        />
      ))}
    </Frame>
  )
}
