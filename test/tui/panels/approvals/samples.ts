/** Submissions and diffs as the daemon gives them, for tests and benchmarks of the screen. */
import type { Submission } from '../../../../src/tui/panels/approvals/documents.ts'

const AT = Date.UTC(2026, 10, 21, 12, 0, 0)
export const NOW = AT + 20 * 60_000

export function aSubmission(number: number, changes: Partial<Submission> = {}): Submission {
  const id = `01a1ff6c-a1da-7385-b432-${String(number).padStart(12, '0')}`
  return {
    ...{ id, agency: 'CodeAgency', author: 'CodeAgency/js-agent', submittedBy: 'CodeAgency/js-agent' },
    ...{ createdAt: new Date(AT + number).toISOString(), since: new Date(AT).toISOString(), state: 'waiting' },
    ...{ title: `Users can change their picture, part ${number}`, summary: 'A form, and a place for it.\nNo more.' },
    ...{ measures: ['Build time: 8 min → 3 min'], digest: 'd'.repeat(64), conversation: [], notes: [], risks: [] },
    change: {
      ...{ branch: `agency/CodeAgency/js-agent-${number}`, commit: 'c'.repeat(40), target: 'main' },
      facts: {
        ...{ commits: [{ hash: 'c'.repeat(40), author: 'A <a@example.org>', subject: 'Picture' }], risks: [] },
        ...{ files: [{ path: 'src/a.ts', insertions: 12, deletions: 3 }], insertions: 12, deletions: 3 },
        documents: ['docs/picture.md'],
      },
    },
    ...{
      checks: [],
      tests: [],
      mergedChecks: [],
      counts: { passed: 14, failed: 0 },
      coverage: 91,
      coverageBefore: 90.5,
    },
    ...changes,
  }
}

/** A diff of so many lines of TypeScript in files of five hundred. */
export function longDiff(lines: number): string {
  const each = 500
  const out: string[] = []
  for (let file = 0; file * each < lines; file++) {
    const path = `src/part${file % 10}/module${file}.ts`
    out.push(
      `diff --git a/${path} b/${path}`,
      `--- a/${path}`,
      `+++ b/${path}`,
      `@@ -1,${(each * 3) / 4} +1,${(each * 3) / 4} @@`,
    )
    for (let line = 0; line < each; line++) {
      const sign = [' ', '-', '+', ' '][line % 4]
      out.push(`${sign}export const value${line} = compute('name ${line}', { depth: ${line} }) // of module ${file}`)
    }
  }
  return `${out.join('\n')}\n`
}
