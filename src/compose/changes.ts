/** Whose changes are told to screens. */
import { Changes } from '../log/changes.ts'
import type { ComposedParts } from './composed.ts'

export function composeChanges({ ground, voice, work, approvals }: ComposedParts): Changes {
  return new Changes([
    heard => ground.roster.onAgency(name => heard('agency', name)),
    heard => ground.roster.onChange(({ address }) => heard('agent', address)),
    heard =>
      voice.ledger.onEvent(event =>
        heard('message', event.kind === 'accepted' ? event.accepted.message.id : event.delivery.messageId),
      ),
    heard => work.board.onChange(({ id }) => heard('task', id)),
    heard => approvals.submissions.onChange(({ id }) => heard('submission', id)),
    heard => work.locks.onChange(() => heard('lock', '')),
  ])
}
