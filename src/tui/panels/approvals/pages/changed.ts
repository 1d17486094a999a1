/** The page of the documents that changed: read as they will read, with what came and what went at the edge. */
import { wrap } from '../../../../model/width.ts'
import type { DiffFile } from '../../../diff/parse.ts'
import { changeSpans } from '../../../diff/show.ts'
import { guard } from '../../../text/guard.ts'
import { isFence, markdownSpans } from '../../../text/markdown.ts'
import { type Span, span } from '../../../text/spans.ts'
import type { Diff, Submission } from '../documents.ts'
import type { Loaded } from '../state.ts'
import { type Row, raw } from './rows.ts'

const EDGE = { added: ['+', 'good'], removed: ['-', 'bad'], context: [' ', 'muted'] } as const

export function changedDocumentsPage({ change }: Submission, diff: Loaded<Diff>, columns: number): readonly Row[] {
  if (!change) return [[], raw('it is a report: all of it is on the first page', 'muted')]
  const paths = new Set(change.facts.documents)
  if (paths.size === 0) return [[], raw('no document is changed', 'muted')]
  if (diff === undefined) return [[], raw('the diff is read …', 'muted')]
  if ('failed' in diff) return [[], raw(diff.failed, 'bad')]
  const files = diff.value.files.filter(({ path }) => paths.has(path))
  if (files.length === 0) return [[], raw('no document is in this diff', 'muted')]
  return files.flatMap(file => [
    [],
    [span(` ${guard(file.path)}  `, 'heading'), ...changeSpans(file)],
    [],
    ...body(file, columns),
  ])
}

function body(file: DiffFile, columns: number): Row[] {
  const isMarkdown = /\.(md|markdown|mdx)$/i.test(file.path)
  const rows: Row[] = []
  let isCode = false
  for (const line of file.lines) {
    if (line.kind === 'hunk') {
      isCode = false
      if (rows.length > 0) rows.push([span('   ⋯', 'muted')])
    } else if (line.kind === 'note') rows.push(raw(line.text, 'warn', 3))
    else {
      const [sign, role] = EDGE[line.kind]
      const text = guard(line.text)
      const isEdge = isFence(text)
      const fits = wrap(text, Math.max(10, columns - 5))
      for (const piece of fits) {
        const spans: readonly Span[] = isMarkdown ? markdownSpans(piece, isCode && !isEdge) : [span(piece)]
        rows.push([
          span(` ${sign} `, role),
          ...(line.kind === 'removed' ? spans.map(each => ({ ...each, role })) : spans),
        ])
      }
      if (isEdge && line.kind !== 'removed') isCode = !isCode
    }
  }
  return rows
}
