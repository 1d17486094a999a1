/** Table of submissions: the model decides, the record is stored, one work unit tells. */
import { AgencyError } from '../../kernel/errors.ts'
import { type Id, isId, newId } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import {
  advanceSubmission,
  type Submission,
  type SubmissionChange,
  type SubmissionEvent,
} from '../../model/submission.ts'
import type { UnitDraft } from '../../model/unit.ts'
import type { SubmissionFilter } from '../submissionStore.ts'
import type { Connection } from './connection.ts'
import { appendUnit } from './units.ts'

/** What records of earlier versions do not say. */
const WITHOUT = { notes: [] as const }

interface Row {
  readonly seq: number
  readonly record: string
  readonly url: string | null
}

const INSERT = `insert into submissions (seq, record) values (?, ?)`
const UPDATE = `update submissions set record = ? where seq = ?`
// Where a preview answers its sandbox knows: woken, it may be at another port than when it was staged.
const SELECT = `
  select seq, record, (
    select b.record ->> 'url' from sandboxes b
    where b.id = submissions.record ->> 'sandbox' and b.state <> 'destroyed') as url
  from submissions`
const BY_ID = `${SELECT} where short = ? and id = ?`
const BY_SHORT = `${SELECT} where short = ?`

export function addSubmission(connection: Connection, draft: Submission): Submission {
  const { seq } = appendUnit(connection, unitOf(draft, { event: 'submit', at: draft.createdAt, by: draft.submittedBy }))
  const submission = { ...draft, seq }
  connection.run(INSERT, seq, JSON.stringify(submission))
  return submission
}

export function moveSubmission(connection: Connection, id: Id, change: SubmissionChange): Submission | undefined {
  const submission = byId(connection, id)
  if (!submission) throw new AgencyError('NOT_FOUND', `there is no submission ${id}`, { hint: 'agency approvals' })
  const next = advanceSubmission(submission, change)
  if (next === 'refuse') return undefined
  connection.run(UPDATE, JSON.stringify(next), next.seq)
  appendUnit(connection, unitOf(next, change, submission.state))
  return next
}

/** That people were told is no change of state, so no work unit. */
export function settleSubmission(connection: Connection, id: Id): void {
  const submission = byId(connection, id)
  if (submission) connection.run(UPDATE, JSON.stringify({ ...submission, isSettled: true }), submission.seq)
}

export function findSubmission(connection: Connection, idOrShort: string): Submission | undefined {
  const wanted = idOrShort.toLowerCase()
  if (isId(wanted)) return byId(connection, wanted)
  const found = connection.all<Row>(BY_SHORT, wanted).map(toSubmission)
  if (found.length > 1)
    throw new AgencyError('CONFLICT', `${idOrShort} fits ${found.length} submissions`, {
      hint: `give the whole id: ${found.map(({ id }) => id).join(' or ')}`,
    })
  return found[0]
}

export function listSubmissions(connection: Connection, filter: SubmissionFilter, limit: number): Submission[] {
  const { agency, author, task, cause, branch, states, mergeCommit, isUnsettled } = filter
  const equal = Object.entries({ agency, author, task, cause, branch, merge_commit: mergeCommit }).flatMap(
    ([column, value]) => (value === undefined ? [] : [{ column, value }]),
  )
  const where = [
    ...equal.map(({ column }) => `${column} = ?`),
    ...(states === undefined ? [] : [`state in (${states.map(() => '?').join(', ')})`]),
    ...(isUnsettled ? ['is_settled = 0'] : []),
  ]
  const condition = where.length > 0 ? ` where ${where.join(' and ')}` : ''
  const values = [...equal.map(({ value }) => value), ...(states ?? []), limit]
  return connection
    .all<Row>(`${SELECT}${condition} order by seq desc limit ?`, ...values)
    .map(toSubmission)
    .reverse()
}

function byId(connection: Connection, id: Id): Submission | undefined {
  const row = connection.get<Row>(BY_ID, id.slice(-8), id)
  return row && toSubmission(row)
}

function toSubmission({ seq, record, url }: Row): Submission {
  return { ...WITHOUT, ...(JSON.parse(record) as Submission), seq, ...(url === null ? {} : { preview: url }) }
}

type Happened = Pick<SubmissionChange, 'at' | 'by' | 'reason' | 'isRed'> & {
  readonly event: SubmissionEvent | 'submit'
}

function unitOf(submission: Submission, { event, at, by, reason, isRed }: Happened, from?: string): UnitDraft {
  const { id, agency, title, state, author, change, digest, cause, task, merge } = submission
  const metadata: JsonObject = { what: 'submission', event, state, title: title.slice(0, 120), author, digest }
  if (from !== undefined && from !== state) metadata['from'] = from
  if (reason !== undefined) metadata['reason'] = reason
  if (isRed) metadata['isRed'] = true
  if (task !== undefined) metadata['task'] = task
  if (change) Object.assign(metadata, { branch: change.branch, commit: change.commit, target: change.target })
  if (merge) metadata['merge'] = merge.commit
  const what = change ? `${change.branch} at ${change.commit.slice(0, 12)}` : 'a report'
  return {
    ...{ id: newId(), context: agency, agent: by, type: 'decision', at, subject: id, metadata },
    payload: `submission ${JSON.stringify(title.slice(0, 80))} (${what}) of ${author}: ${event} → ${state}${reason ? `: ${reason}` : ''}`,
    relations: cause === undefined ? [] : [{ type: 'CAUSES', target: cause }],
  }
}
