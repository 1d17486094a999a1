/** The columns of the list: what each says, how much it matters, and which of them fit. */
import { age } from '../../../cli/text.ts'
import { widthOf } from '../../../model/width.ts'
import { guard } from '../../text/guard.ts'
import { type Role, type Span, span, takeColumns } from '../../text/spans.ts'
import { demoOf, type Submission, shortId } from './documents.ts'
import { DASH } from './pages/rows.ts'

interface Cell {
  readonly text: string
  readonly role: Role
}

interface Column {
  readonly head: string
  /** The lower, the longer it stays when room gets short. */
  readonly rank: number
  /** Also while nothing in it is as wide. */
  readonly least?: number
  readonly most: number
  readonly isRight?: true
  readonly cell: (submission: Submission, now: number) => Cell
}

/** The title is what a person looks for: it keeps a third of the row. */
const TITLE_LEAST = 18
const TITLE_SHARE = 0.32
const TITLE_MOST = 70
const GAP = 2

const COLUMNS: readonly Column[] = [
  { head: 'id', rank: 8, most: 8, cell: each => ({ text: shortId(each), role: 'muted' }) },
  { head: 'state', rank: 4, most: 17, cell: ({ state }) => ({ text: state, role: STATE_ROLE[state] ?? 'plain' }) },
  { head: 'agency', rank: 5, most: 18, cell: ({ agency }) => ({ text: agency, role: 'plain' }) },
  { head: 'title', rank: 0, most: TITLE_MOST, cell: ({ title }) => ({ text: guard(title), role: 'strong' }) },
  {
    head: 'branch',
    rank: 9,
    most: 34,
    cell: ({ change }) => (change ? { text: guard(change.branch), role: 'muted' } : { text: 'report', role: 'muted' }),
  },
  { head: 'tests', rank: 1, most: 12, isRight: true, cell: testsText },
  { head: 'coverage', rank: 7, most: 15, isRight: true, cell: each => coverageCell(each) },
  { head: 'demo', rank: 10, most: 4, cell: each => dashed(demoOf(each) === undefined ? '' : 'yes', 'accent') },
  {
    head: 'files',
    rank: 6,
    most: 6,
    isRight: true,
    cell: ({ change }) => dashed(change ? String(change.facts.files.length) : ''),
  },
  {
    head: 'lines',
    rank: 3,
    most: 14,
    isRight: true,
    cell: ({ change }) => dashed(change ? `+${change.facts.insertions} -${change.facts.deletions}` : ''),
  },
  {
    head: 'age',
    rank: 2,
    least: 6,
    most: 6,
    isRight: true,
    cell: ({ createdAt }, now) => ({ text: age(createdAt, now), role: 'muted' }),
  },
  { head: 'risk', rank: 11, most: 60, cell: each => dashed(each.risks.map(guard).join('; '), 'warn') },
]

export const STATE_ROLE: Readonly<Record<string, Role>> = {
  waiting: 'warn',
  held: 'bad',
  checking: 'accent',
  testing: 'accent',
  approved: 'good',
  merging: 'accent',
  merged: 'good',
}

interface Laid {
  readonly column: Column
  readonly width: number
}

/** The widths that this list needs in so many columns. Columns that do not fit are left out, the title never. */
export function layTable(queue: readonly Submission[], columns: number, now: number): readonly Laid[] {
  const wanted = new Map(COLUMNS.map(column => [column, widthIn(column, queue, now)]))
  const room = columns - 2
  const kept = new Set<Column>()
  const longest = wanted.get(COLUMNS.find(({ head }) => head === 'title')!)!
  const least = Math.min(longest, Math.max(TITLE_LEAST, Math.floor(columns * TITLE_SHARE)))
  let used = least
  for (const column of [...COLUMNS].sort((a, b) => a.rank - b.rank)) {
    const cost = column.head === 'title' ? 0 : wanted.get(column)! + GAP
    // What matters less does not come in its place: the title has the room.
    if (used + cost > room) break
    used += cost
    kept.add(column)
  }
  const title = Math.min(least + room - used, longest)
  return COLUMNS.filter(column => kept.has(column)).map(column => ({
    column,
    width: column.head === 'title' ? Math.max(5, title) : wanted.get(column)!,
  }))
}

export function headRow(laid: readonly Laid[]): readonly Span[] {
  return apart(laid.map(({ column: { head, isRight }, width }) => span(aligned(head, width, isRight), 'muted')))
}

export function tableRow(laid: readonly Laid[], submission: Submission, now: number): readonly Span[] {
  return apart(
    laid.map(({ column, width }) => {
      const { text, role } = column.cell(submission, now)
      return span(aligned(text, width, column.isRight), role)
    }),
  )
}

/** None behind the last: a row that fills the terminal would be cut for it. */
function apart(cells: readonly Span[]): readonly Span[] {
  return cells.flatMap((cell, index) => (index === 0 ? [cell] : [span(' '.repeat(GAP)), cell]))
}

/** What is happening to it in place of what stands behind the title, which gives way where there is little room. */
export function rowWithBadge(laid: readonly Laid[], submission: Submission, now: number, badge: Span): readonly Span[] {
  const title = laid.findIndex(({ column }) => column.head === 'title')
  const whole = laid.reduce((sum, { width }) => sum + width + GAP, -GAP)
  const before = laid.slice(0, title).reduce((sum, { width }) => sum + width + GAP, 0)
  const left = Math.max(5, whole - before - widthOf(badge.text) - GAP)
  const shown = laid
    .slice(0, title + 1)
    .map((each, index) => (index === title ? { ...each, width: Math.min(each.width, left) } : each))
  return [...tableRow(shown, submission, now), span(' '.repeat(GAP)), badge]
}

const widths = new WeakMap<readonly Submission[], Map<Column, number>>()

function widthIn(column: Column, queue: readonly Submission[], now: number): number {
  const known = widths.get(queue) ?? new Map<Column, number>()
  widths.set(queue, known)
  const width =
    known.get(column) ??
    queue.reduce((most, each) => Math.max(most, widthOf(column.cell(each, now).text)), column.head.length)
  known.set(column, width)
  return Math.max(column.least ?? 0, Math.min(column.most, width))
}

function aligned(text: string, width: number, isRight = false): string {
  const cut = widthOf(text) > width ? `${takeColumns(text, width - 1)}…` : text
  const gap = ' '.repeat(Math.max(0, width - widthOf(cut)))
  return isRight ? gap + cut : cut + gap
}

export function testsText({ counts }: Submission): Cell {
  if (!counts) return dashed('')
  if (counts.failed > 0) return { text: `${counts.failed} of ${counts.passed + counts.failed} ✗`, role: 'bad' }
  return { text: `${counts.passed} ✓`, role: 'good' }
}

export function coverageText(submission: Submission): string {
  const { text } = coverageCell(submission)
  return text === DASH ? '' : text
}

function coverageCell({ coverage: now, coverageBefore: before }: Submission): Cell {
  if (now === undefined) return dashed('')
  if (before === undefined) return { text: `${now} %`, role: 'plain' }
  const change = Math.round((now - before) * 100) / 100
  const sign = change > 0 ? `+${change}` : change < 0 ? String(change) : '±0'
  return { text: `${now} % ${sign}`, role: change < 0 ? 'bad' : change > 0 ? 'good' : 'plain' }
}

function dashed(text: string, role: Role = 'plain'): Cell {
  return text === '' ? { text: DASH, role: 'muted' } : { text, role }
}
