/** Open tasks, and finished work that waits for the person. */
import { age } from '../../../../cli/text.ts'
import { type Span, span } from '../../../text/spans.ts'
import { type ApprovalRow, type Data, isOf, type TaskRow } from '../data.ts'
import { cell, type Row, rest, roleOf } from './row.ts'

// What somebody has or waits for stands before what nobody has begun.
const FIRST = ['awaiting-input', 'awaiting-approval', 'verifying', 'running', 'claimed', 'ready', 'blocked']

export function taskRows(data: Data, scope: string | undefined): readonly Row[] {
  const own = data.tasks.filter(
    ({ agency, assignee, claimant }) => scope === undefined || isOf(scope, agency, assignee, claimant),
  )
  const rank = ({ state }: TaskRow) => FIRST.indexOf(state)
  return [...own].sort((a, b) => rank(a) - rank(b)).map(taskRow)
}

function taskRow(task: TaskRow): Row {
  const { id, label, title, state, claimant, assignee, agency, since } = task
  const who = claimant ?? assignee ?? agency ?? 'anybody'
  return {
    key: id,
    text: `${label} ${title} ${state} ${who}`,
    opens: { to: 'task', id },
    draw: (columns, now) => [
      span(' '),
      cell(label, 9, 'strong'),
      cell(state, columns < 70 ? 9 : 17, roleOf(state)),
      cell(age(since, now).padStart(6), 6, 'muted'),
      ...(columns < 56 ? [] : [cell(who, Math.min(26, Math.floor(columns * 0.28)), claimant ? 'plain' : 'muted')]),
      rest(title),
    ],
  }
}

export function approvalRows(data: Data, scope: string | undefined): readonly Row[] {
  return data.approvals
    .filter(({ agency, author }) => scope === undefined || isOf(scope, agency, author))
    .map(approvalRow)
}

function approvalRow(approval: ApprovalRow): Row {
  const { id, author, title, state, since } = approval
  return {
    key: id,
    text: `${author} ${title} ${state}`,
    opens: { to: 'approval', id },
    ...(state === 'held' ? { held: id } : {}),
    draw: (columns, now) => [
      span(' '),
      cell(state, 8, state === 'waiting' ? 'warn' : roleOf(state)),
      cell(age(since, now).padStart(6), 6, 'muted'),
      ...(columns < 64 ? [] : counts(approval)),
      ...(columns < 50 ? [] : [cell(author, Math.min(24, Math.floor(columns * 0.25)))]),
      rest(title, 'strong'),
    ],
  }
}

function counts({ tests, files, insertions, deletions }: ApprovalRow): readonly Span[] {
  const told = tests ? (tests.failed > 0 ? `${tests.failed} fail` : `${tests.passed} pass`) : ''
  return [
    cell(told, 8, tests && tests.failed > 0 ? 'bad' : 'good'),
    cell(files > 0 ? `+${insertions} -${deletions}` : 'report', 11, 'muted'),
  ]
}
