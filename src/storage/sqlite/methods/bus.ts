/** The port's methods about messages, each one transaction. */
import type { BusStore } from '../../store.ts'
import { acceptMessage } from '../accept.ts'
import type { Connection } from '../connection.ts'
import {
  claimableFor,
  countWaiting,
  deliveriesOf,
  dueBy,
  inboxOf,
  nextDueAt,
  openInStates,
  postponeDelivery,
  purgeFailed,
  underWayTo,
} from '../deliveries.ts'
import { findMessage } from '../find.ts'
import { listMessages } from '../listing.ts'
import { repliesTo } from '../messages.ts'
import type { Sync } from '../protocol.ts'
import { advanceDelivery, claimFor, requeueDelivery } from '../transitions.ts'

export function busMethods(connection: Connection): Sync<BusStore> {
  return {
    accept(message, recipients) {
      return connection.change(() => acceptMessage(connection, message, recipients))
    },

    next(to, now) {
      return claimableFor(connection, to, now, 1)[0]
    },

    claim(to, now, limit) {
      return connection.change(() => claimFor(connection, to, now, limit))
    },

    advance(delivery, change) {
      return connection.change(() => advanceDelivery(connection, delivery, change))
    },

    postpone(delivery, dueAt) {
      connection.change(() => postponeDelivery(connection, delivery, dueAt))
    },

    underWay(to) {
      return underWayTo(connection, to)
    },

    due(now, limit) {
      return dueBy(connection, now, limit)
    },

    nextDue() {
      return nextDueAt(connection)
    },

    inStates(states, limit) {
      return openInStates(connection, states, limit)
    },

    waiting() {
      return countWaiting(connection)
    },

    requeue(delivery, at) {
      return connection.change(() => requeueDelivery(connection, delivery, at))
    },

    purge(before) {
      return connection.change(() => purgeFailed(connection, before))
    },

    inbox(to, options) {
      return inboxOf(connection, to, options)
    },

    find(idOrShort) {
      return findMessage(connection, idOrShort)
    },

    messages(filter, limit) {
      const found = listMessages(connection, filter, limit)
      return found.map(({ seq, message }) => ({ seq, message, deliveries: deliveriesOf(connection, seq) }))
    },

    replies(message) {
      return repliesTo(connection, message)
    },
  }
}
