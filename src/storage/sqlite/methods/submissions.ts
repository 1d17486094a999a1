/** The port's methods about submissions, each one transaction. */
import type { SubmissionStore } from '../../submissionStore.ts'
import type { Connection } from '../connection.ts'
import type { Sync } from '../protocol.ts'
import { addSubmission, findSubmission, listSubmissions, moveSubmission, settleSubmission } from '../submissions.ts'

export function submissionMethods(connection: Connection): Sync<SubmissionStore> {
  return {
    addSubmission(submission) {
      return connection.change(() => addSubmission(connection, submission))
    },

    moveSubmission(id, change) {
      return connection.change(() => moveSubmission(connection, id, change))
    },

    settleSubmission(id) {
      return connection.change(() => settleSubmission(connection, id))
    },

    findSubmission(idOrShort) {
      return findSubmission(connection, idOrShort)
    },

    submissions(filter, limit) {
      return listSubmissions(connection, filter, limit)
    },
  }
}
