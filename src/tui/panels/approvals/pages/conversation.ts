/** The page of the messages that led here. */
import { dayAndTime } from '../../../../cli/text.ts'
import { guard } from '../../../text/guard.ts'
import { span } from '../../../text/spans.ts'
import type { Message, Submission } from '../documents.ts'
import type { Loaded } from '../state.ts'
import { prose, type Row, raw } from './rows.ts'

export function conversationPage(
  { conversation }: Submission,
  messages: Loaded<readonly Message[]>,
  columns: number,
): readonly Row[] {
  if (conversation.length === 0) return [[], raw('no message belongs to it', 'muted')]
  if (messages === undefined) return [[], raw('the messages are read …', 'muted')]
  if ('failed' in messages) return [[], raw(messages.failed, 'bad')]
  return messages.value.flatMap(({ at, from, to, type, id, body }) => [
    [],
    [
      span(` ${guard(from)}`, 'strong'),
      span(' → ', 'muted'),
      span(guard(to), 'strong'),
      span(`  ${guard(type)}`, 'accent'),
      span(`  ${dayAndTime(at)}  ${id.slice(-8)}`, 'muted'),
    ],
    ...prose(body, columns, 'plain', 3),
  ])
}
