/** The pages of an open submission as rows. Made when what they show changes, and not for every key. */
import type { Submission } from './documents.ts'
import { changedDocumentsPage } from './pages/changed.ts'
import { conversationPage } from './pages/conversation.ts'
import { type Row, raw } from './pages/rows.ts'
import { storyPage } from './pages/story.ts'
import { summaryPage } from './pages/summary.ts'
import { testsPage } from './pages/tests.ts'
import { currentOf, type Opened, type State } from './state.ts'

/** As often as ages are told anew. */
const AGES_MS = 10_000

let last: { readonly of: readonly unknown[]; readonly rows: readonly Row[] } | undefined

/** Of all tabs but the diff. */
export function pageRows(state: State, opened: Opened): readonly Row[] {
  const submission = currentOf(state)
  const { tab, story, messages, task, outputs, diffs, view } = opened
  if (!submission) return [[], raw(story && 'failed' in story ? story.failed : 'it is read …', 'muted')]
  const age = Math.floor(state.now / AGES_MS)
  const of = [submission, tab, story, messages, task, outputs, diffs[view.scope], state.size.columns, age]
  if (last?.of.every((each, index) => each === of[index])) return last.rows
  const rows = make(submission, opened, state)
  last = { of, rows }
  return rows
}

function make(submission: Submission, opened: Opened, { now, size: { columns } }: State): readonly Row[] {
  const { tab, story, messages, task, outputs, diffs, view } = opened
  if (tab === 'tests') return testsPage(submission, outputs, columns)
  if (tab === 'documents') return changedDocumentsPage(submission, diffs[view.scope], columns)
  if (tab === 'conversation') return conversationPage(submission, messages, columns)
  if (tab === 'story') return storyPage(submission, story, task, columns)
  return summaryPage(submission, now, columns)
}
