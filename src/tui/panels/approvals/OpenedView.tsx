/** One submission: its tabs, and the page that is chosen. */

import { diffRow } from '../../diff/rows.ts'
import { changeSpans, showDiffRow } from '../../diff/show.ts'
import type { TreeRow } from '../../diff/tree.ts'
import { spread } from '../../layout.ts'
import { guard } from '../../text/guard.ts'
import { Line, Lines } from '../../text/Line.tsx'
import { fitColumns, type Span, span } from '../../text/spans.ts'
import type { Diff } from './documents.ts'
import { diffMode, diffRowsOf, fileInSight, treeColumns, treeOf } from './opened.ts'
import { pageRows } from './pages.ts'
import { currentOf, type Opened, pageHeight, type State, TABS, type Tab } from './state.ts'

interface Props {
  readonly state: State
  readonly opened: Opened
}

export function OpenedView({ state, opened }: Props) {
  const { columns } = state.size
  const { rows, place } = opened.tab === 'diff' ? diffPage(state, opened) : page(state, opened)
  const height = pageHeight(state)
  return (
    <>
      <Line spans={spread(tabSpans(opened, columns), [span(`${place} `, 'muted')], columns)} columns={columns} />
      <Lines lines={Array.from({ length: height }, (_, index) => rows[index] ?? [])} columns={columns} />
    </>
  )
}

const SHORT_BELOW = 70
const SHORT_NAMES: Readonly<Partial<Record<Tab, string>>> = { documents: 'docs', conversation: 'talk' }

function tabSpans({ tab, view }: Opened, columns: number): readonly Span[] {
  return [
    span(' '),
    ...TABS.flatMap(name => {
      const text = columns < SHORT_BELOW ? (SHORT_NAMES[name] ?? name) : name
      return [span(name === tab ? `[${text}]` : ` ${text} `, name === tab ? 'strong' : 'muted')]
    }),
    ...(view.scope === 'since' && (tab === 'diff' || tab === 'documents')
      ? [span(columns < SHORT_BELOW ? ' since' : ' since it was handed in before', 'warn')]
      : []),
  ]
}

interface Page {
  readonly rows: readonly (readonly Span[])[]
  readonly place: string
}

function page(state: State, opened: Opened): Page {
  const all = pageRows(state, opened)
  const height = pageHeight(state)
  const top = Math.max(0, Math.min(opened.tops[opened.tab] ?? 0, all.length - height))
  return { rows: all.slice(top, top + height), place: placeOf(top, height, all.length) }
}

function placeOf(top: number, height: number, count: number): string {
  if (count <= height) return ''
  return top + height >= count ? 'end' : `${Math.round((100 * top) / (count - height))} %`
}

function diffPage(state: State, opened: Opened): Page {
  const diff = opened.diffs[opened.view.scope]
  if (!currentOf(state)?.change) return message('it is a report: there is no diff', 'muted')
  if (diff === undefined) return message('the diff is read …', 'muted')
  if ('failed' in diff) return message(diff.failed, 'bad')
  if (diff.value.files.length === 0) return message('nothing is different', 'muted')
  return diffRows(state, opened, diff.value)
}

function message(text: string, role: 'muted' | 'bad'): Page {
  return { rows: [[], [span(` ${guard(text)}`, role)]], place: '' }
}

function diffRows(state: State, opened: Opened, diff: Diff): Page {
  const { view } = opened
  const height = pageHeight(state)
  const all = diffRowsOf(state, opened, diff)
  const top = Math.max(0, Math.min(view.top, all.count - height))
  const sight = fileInSight(all, top) ?? 0
  const isTreeAlone = view.isInTree && treeColumns(state) === 0
  const treeWidth = isTreeAlone ? state.size.columns : treeColumns(state)
  const tree = treeWidth > 0 ? treeSide(state, opened, diff, treeWidth, sight) : []
  const look = {
    columns: state.size.columns - treeWidth,
    mode: diffMode(state, view),
    left: view.left,
    folded: view.folded,
  }
  const rows = Array.from({ length: height }, (_, index): readonly Span[] => {
    if (isTreeAlone) return tree[index] ?? []
    const found = diffRow(all, top + index)
    const code = found ? showDiffRow(found, look) : []
    return treeWidth > 0 ? [...(tree[index] ?? [span(' '.repeat(treeWidth))]), ...code] : code
  })
  const more = diff.isCut ? ' · only its first 20 MB' : ''
  return { rows, place: `${sight + 1}/${diff.files.length}  ${placeOf(top, height, all.count)}${more}` }
}

function treeSide(
  state: State,
  { view }: Opened,
  diff: Diff,
  width: number,
  sight: number,
): readonly (readonly Span[])[] {
  const rows = treeOf(diff, view)
  const height = pageHeight(state)
  const chosen = view.isInTree ? view.tree.selected : rows.findIndex(({ file }) => file === sight)
  const first = view.isInTree
    ? view.tree.top
    : Math.max(0, Math.min(chosen - Math.floor(height / 2), rows.length - height))
  return Array.from({ length: height }, (_, index) => {
    const row = rows[first + index]
    const isChosen = first + index === chosen
    const inner = row ? treeRow(row, diff, width - 1) : [span(' '.repeat(width - 1))]
    const shown =
      isChosen && view.isInTree
        ? [span(inner.map(({ text }) => text).join(''), 'selected')]
        : isChosen
          ? inner.map(({ text }) => span(text, 'accent'))
          : inner
    return [...shown, span('│', 'muted')]
  })
}

function treeRow({ depth, name, file, isFolded }: TreeRow, { files }: Diff, width: number): readonly Span[] {
  const indent = ' '.repeat(1 + 2 * depth)
  if (file === undefined)
    return fitColumns([span(`${indent}${isFolded ? '▸' : '▾'} `, 'muted'), span(guard(name), 'name')], width)
  const counts = changeSpans(files[file]!)
  const used = counts.reduce((sum, { text }) => sum + text.length, 0)
  return [...fitColumns([span(`${indent}  ${guard(name)}`)], Math.max(4, width - used - 1)), span(' '), ...counts]
}
