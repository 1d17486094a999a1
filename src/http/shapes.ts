/** How things look from outside: times as ISO 8601, only what others may rely on. */
import type { AgencyStatus, TaskStory, TraceEvent } from '../app.ts'
import { coverageOf, recordingOf, sumTests } from '../model/changeFacts.ts'
import type { Choice } from '../model/choose.ts'
import type { Delivery } from '../model/delivery.ts'
import { type Message, priorityName, summaryState } from '../model/message.ts'
import { risksOfSubmission } from '../model/risk.ts'
import type { Submission } from '../model/submission.ts'
import type { Task } from '../model/task.ts'
import type { Unit } from '../model/unit.ts'
import { wordUnit } from '../model/unitWords.ts'
import type { WorktreeStatus } from '../model/worktree.ts'
import type { DeliveryAtAGlance, DeliveryWithMessage, ListedMessage } from '../storage/store.ts'

const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString())

export function showMessage(message: Message) {
  const { at, expiresAt, ...rest } = message
  return { ...rest, at: iso(at), expiresAt: iso(expiresAt) }
}

export function showDelivery(delivery: Delivery) {
  const { since, notBefore: _, dueAt, expiresAt, messageId: __, ...rest } = delivery
  return { ...rest, since: iso(since), dueAt: iso(dueAt), expiresAt: iso(expiresAt) }
}

export function showSent(message: Message, deliveries: readonly Delivery[], isDuplicate: boolean) {
  return {
    id: message.id,
    from: message.from,
    ...(message.spokenBy ? { spokenBy: message.spokenBy } : {}),
    to: message.to,
    type: message.type,
    ...(isDuplicate ? { duplicate: true } : {}),
    deliveries: deliveries.map(({ id, to, state, kind, reason }) => ({
      id,
      to,
      state,
      kind,
      ...(reason ? { reason } : {}),
    })),
  }
}

export function showListed(listed: ListedMessage) {
  return {
    seq: listed.seq,
    ...showMessage(listed.message),
    state: summaryState(listed.deliveries),
    deliveries: listed.deliveries.map(showDelivery),
  }
}

export function showInboxItem({ delivery, message }: DeliveryWithMessage) {
  return {
    ...showMessage(message),
    state: delivery.state,
    kind: delivery.kind,
    delivery: delivery.id,
    redelivery: delivery.isRedelivery,
    ...(delivery.reason ? { reason: delivery.reason } : {}),
  }
}

/** As in the inbox, with the first words in place of the body. */
export function showAtAGlance({ delivery, message, excerpt }: DeliveryAtAGlance) {
  const { body: _, ...shown } = showInboxItem({ delivery, message: { ...message, body: '', payload: undefined } })
  return { ...shown, excerpt }
}

export function showTracedDelivery(delivery: Delivery & { readonly events: readonly TraceEvent[] }) {
  const { events, ...rest } = delivery
  return { ...showDelivery(rest), events: events.map(event => ({ ...event, at: iso(event.at) })) }
}

export function showWorktree({ oldestChangeAt, lastCommit, ...status }: WorktreeStatus) {
  return {
    ...status,
    oldestChangeAt: iso(oldestChangeAt),
    lastCommit: lastCommit && { subject: lastCommit.subject, at: iso(lastCommit.at) },
  }
}

/** With `who`, `what` and `why` as people read them. */
export function showUnit(unit: Unit) {
  return { ...unit, at: iso(unit.at), words: wordUnit(unit) }
}

export function showAgency(agency: AgencyStatus) {
  const agents = agency.agents.map(({ since, nextStartAt, limitedUntil, holds, ...agent }) => ({
    ...agent,
    since: iso(since),
    nextStartAt: iso(nextStartAt),
    limitedUntil: iso(limitedUntil),
    holds: holds.map(showHold),
  }))
  return { ...agency, agents }
}

function showHold({ at, until, ...hold }: AgencyStatus['agents'][number]['holds'][number]) {
  return { ...hold, at: iso(at), until: iso(until) }
}

export function showTask(task: Task) {
  const {
    rank: _,
    claimedSeq: __,
    createdAt,
    deadline,
    since,
    leaseUntil,
    notBefore,
    priority,
    evidence,
    ...rest
  } = task
  return {
    ...rest,
    priority: priorityName(priority),
    createdAt: iso(createdAt),
    since: iso(since),
    deadline: iso(deadline),
    leaseUntil: iso(leaseUntil),
    notBefore: iso(notBefore),
    evidence: evidence && { ...evidence, at: iso(evidence.at) },
  }
}

/** So much of each body, and so many of the failures of each check, is in a list: all of it is with the task. */
const LISTED_BODY = 1_000
const LISTED_FAILURES = 3

export function showListedTask(task: Task) {
  const { body, evidence, ...rest } = showTask(task)
  const isBodyCut = body.length > LISTED_BODY
  const checks = evidence?.checks.map(({ failures, ...run }) => ({
    ...run,
    ...(failures === undefined ? {} : { failures: failures.slice(0, LISTED_FAILURES) }),
  }))
  return {
    ...rest,
    ...{ body: isBodyCut ? `${body.slice(0, LISTED_BODY)}…` : body, evidence: evidence && { ...evidence, checks } },
    ...(isBodyCut ? { isBodyCut } : {}),
  }
}

export function showTaskStory({ task, dependsOn, parts, events }: TaskStory) {
  return {
    task: { ...showTask(task), dependsOn },
    parts: parts.map(showTask),
    events: events.map(({ at, agent, metadata: { event, state, from, reason, claimant, message, submission } }) => ({
      at: iso(at),
      by: agent,
      event,
      from,
      state,
      reason,
      claimant,
      message,
      submission,
    })),
  }
}

export function showChoice({ agent, score, reasons }: Choice) {
  return { agent, score, reasons }
}

/** With the sums that a list shows: of the tests, or of the checks while there are no tests yet. */
export function showSubmission(submission: Submission) {
  const { isSettled: _, seq: __, createdAt, since, expiresAt, decision, checks, tests, ...rest } = submission
  const runs = tests.length > 0 ? tests : checks
  return {
    ...rest,
    ...{ createdAt: iso(createdAt), since: iso(since), expiresAt: iso(expiresAt), checks, tests },
    ...{ counts: sumTests(runs), coverage: coverageOf(runs), risks: risksOfSubmission(submission) },
    recording: recordingOf(submission),
    decision: decision && { ...decision, at: iso(decision.at) },
  }
}

export function showSubmissionStory({ submission, events }: { submission: Submission; events: readonly Unit[] }) {
  return {
    submission: showSubmission(submission),
    events: events.map(({ at, agent, metadata: { event, state, from, reason } }) => ({
      ...{ at: iso(at), by: agent },
      ...{ event, from, state, reason },
    })),
  }
}
