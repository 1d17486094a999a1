/**
 * What is left to do once work is merged: its line in the changelog, and the documents. That is a change of its own, so it is a task, whose
 * work is handed in and approved as any other: nothing is written into the target that nobody has approved.
 */
import { shortId } from '../kernel/ids.ts'
import { isDocument } from './changeFacts.ts'
import { oneLine } from './sanitize.ts'
import type { Submission } from './submission.ts'

export interface Surroundings {
  /** Name of the changelog in the root of the target, where there is one. */
  readonly changelog: string | undefined
  readonly hasDocuments: boolean
  /** There are people for documents who work on the same repository. */
  readonly hasWriters: boolean
  /** The work itself was such a task: that ends somewhere. */
  readonly isFinalising: boolean
}

/** Title and words of the task; undefined when nothing is left to do. */
export function finalTask(
  { id, title, change, merge }: Submission,
  { changelog, hasDocuments, hasWriters, isFinalising }: Surroundings,
): { readonly title: string; readonly body: string } | undefined {
  if (!change || !merge || isFinalising) return undefined
  const paths = change.facts.files.map(({ path }) => path)
  if (paths.length === 0 || paths.every(isDocument)) return undefined
  const isLogged = changelog === undefined || paths.includes(changelog)
  if (isLogged && !hasDocuments && !hasWriters) return undefined
  const what = oneLine(title, 100)
  const steps = [
    ...(isLogged
      ? []
      : [`Add what it means for a user to ${changelog}, below the unreleased heading, in one or two lines.`]),
    ...(hasDocuments || hasWriters
      ? ['Bring up to date what the documents say of it; leave alone what is still true.']
      : []),
    'Change no code. Commit, and hand it in: it is approved as any other work.',
  ]
  const files = `${paths.slice(0, 20).join(', ')}${paths.length > 20 ? ` and ${paths.length - 20} more` : ''}`
  return {
    title: `Finalise and document: ${what}`,
    body: [
      `"${what}" [${shortId(id)}] is merged into ${change.target} as ${merge.commit.slice(0, 12)}. It changes ${oneLine(files, 1500)}.`,
      ...steps.map((step, index) => `${index + 1}. ${step}`),
      `See: git show --stat ${merge.commit.slice(0, 12)}   and   agency approvals show ${shortId(id)}`,
    ].join('\n'),
  }
}
