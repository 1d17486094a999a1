/** One submission that is open: its tabs, what each of them needs to be asked, and the keys within. */
import { type DiffMode, type DiffRows, diffRow, fileOfRow, layDiffRows } from '../../diff/rows.ts'
import { type TreeRow, treeRows } from '../../diff/tree.ts'
import { motionOf } from '../../motions.ts'
import type { Step } from '../../panel.ts'
import { AT_TOP, fitScroll, moveSelection, moveWindow } from '../../scroll.ts'
import { leave, tell } from './deciding.ts'
import type { Diff, Submission } from './documents.ts'
import { pageRows } from './pages.ts'
import {
  currentOf,
  type DiffView,
  type Effect,
  fitted,
  type Loaded,
  type Opened,
  opening,
  pageHeight,
  type State,
  shownOf,
  TABS,
  type Tab,
} from './state.ts'

type Moved = Step<State, Effect>

const SPLIT_FROM = 140
const TREE_FROM = 110
const TREE_COLUMNS = 34
const PUSH = 8

export function open(state: State, { id }: Submission, tab: Tab): Moved {
  // The same one again: what was read of it is still true.
  const opened: Opened = state.opened?.id === id ? { ...state.opened, tab } : opening(id, tab)
  const isNew = state.opened?.id !== id
  const shown = { ...state, opened }
  const needed = needs(shown, opened)
  return { state: needed.state, effects: [...(isNew ? [{ do: 'fetch-story', id } as const] : []), ...needed.effects] }
}

export function openedKey(state: State, opened: Opened, name: string): Moved {
  if (name === 'q' || name === 'escape') return close(state, opened)
  const step = { tab: 1, 'shift-tab': -1 }[name]
  if (step !== undefined)
    return toTab(state, opened, TABS[(TABS.indexOf(opened.tab) + step + TABS.length) % TABS.length]!)
  const number = '123456'.indexOf(name)
  if (name.length === 1 && number >= 0) return toTab(state, opened, TABS[number]!)
  if (name === 'J' || name === 'K') return neighbor(state, opened, name === 'J' ? 1 : -1)
  if (opened.tab === 'diff' || opened.tab === 'documents') {
    if (name === 'p') return toScope(state, opened)
  }
  if (opened.tab === 'diff') return diffKey(state, opened, name)
  const motion = motionOf(name)
  if (motion === undefined) return just(state)
  const count = pageRows(state, opened).length
  const top = moveWindow(opened.tops[opened.tab] ?? 0, motion, count, pageHeight(state))
  return just(withOpened(state, { tops: { ...opened.tops, [opened.tab]: top } }))
}

function close(state: State, opened: Opened): Moved {
  if (opened.tab === 'diff' && opened.view.isInTree) return just(withView(state, { isInTree: false }))
  if (state.isAlone) return leave(state)
  const at = shownOf(state).findIndex(({ id }) => id === opened.id)
  return just(fitted({ ...state, opened: undefined, list: at < 0 ? state.list : { ...state.list, selected: at } }))
}

function toTab(state: State, opened: Opened, tab: Tab): Moved {
  const shown = { ...state, opened: { ...opened, tab } }
  return needs(shown, shown.opened)
}

function neighbor(state: State, { id, tab }: Opened, by: number): Moved {
  const shown = shownOf(state)
  const at = shown.findIndex(each => each.id === id)
  const next = shown[at + by]
  if (!next || at < 0) return just(tell(state, by > 0 ? 'that is the last one' : 'that is the first one', 'warn'))
  return open({ ...state, list: { ...state.list, selected: at + by } }, next, tab)
}

function toScope(state: State, opened: Opened): Moved {
  const current = currentOf(state)
  if (!current?.previous)
    return just(tell(state, 'it was not handed in before: there is nothing to compare with', 'warn'))
  const scope = opened.view.scope === 'whole' ? 'since' : 'whole'
  const shown = withView(state, { scope, top: 0, tree: AT_TOP })
  return needs(shown, shown.opened!)
}

/** What a tab shows is asked for when it is looked at first. */
function needs(state: State, opened: Opened): Moved {
  const { id, tab, view, diffs } = opened
  const current = currentOf(state)
  const effects: Effect[] = []
  if ((tab === 'diff' || tab === 'documents') && current?.change && !(view.scope in diffs)) {
    effects.push({ do: 'fetch-diff', id, scope: view.scope }, { do: 'load-colors' })
    return { state: withOpened(state, { diffs: { ...diffs, [view.scope]: undefined } }), effects }
  }
  if (tab === 'conversation' && !opened.messages) effects.push({ do: 'fetch-messages', id })
  if (tab === 'tests' && !opened.outputs) effects.push({ do: 'fetch-outputs', id })
  if (tab === 'story' && !opened.task && current?.task) effects.push({ do: 'fetch-task', id, task: current.task })
  return { state, effects }
}

function diffKey(state: State, opened: Opened, name: string): Moved {
  const { view } = opened
  const diff = diffOf(opened)
  if (!diff) return just(state)
  const rows = diffRowsOf(state, opened, diff)
  if (name === 'f') return just(withView(state, view.isInTree ? { isInTree: false } : intoTree(state, opened, diff)))
  if (view.isInTree) return treeKey(state, opened, diff, name)
  const height = pageHeight(state)
  const motion = motionOf(name)
  if (motion) return just(withView(state, { top: moveWindow(view.top, motion, rows.count, height) }))
  const fileAt = rows.count === 0 ? undefined : diff.files[fileOfRow(rows.starts, view.top)]
  if (name === 's')
    return just(withView(state, { mode: rows.mode === 'split' ? 'unified' : 'split', top: topOfFile() }))
  if (name === 'z' && fileAt) return just(refolded(toggled(view.folded, fileAt.path)))
  if (name === 'Z')
    return just(refolded(view.folded.size > 0 ? new Set<string>() : new Set(diff.files.map(({ path }) => path))))
  if (name === ']' || name === '[') return just(withView(state, { top: jump(rows, view.top, name === ']' ? 1 : -1) }))
  if (name === 'l' || name === 'right') return just(withView(state, { left: view.left + PUSH }))
  if (name === 'h' || name === 'left') return just(withView(state, { left: Math.max(0, view.left - PUSH) }))
  if (name === '0') return just(withView(state, { left: 0 }))
  return just(state)

  function topOfFile(): number {
    const next = layDiffRows(diff!.files, rows.mode === 'split' ? 'unified' : 'split', view.folded)
    return next.starts[fileOfRow(rows.starts, view.top)] ?? 0
  }

  function refolded(folded: ReadonlySet<string>): State {
    const next = layDiffRows(diff!.files, rows.mode, folded)
    return withView(state, { folded, top: next.starts[fileOfRow(rows.starts, view.top)] ?? 0 })
  }
}

/** Begins at the file that is in sight. */
function intoTree(state: State, opened: Opened, diff: Diff): Partial<DiffView> {
  const { view } = opened
  const sight = fileInSight(diffRowsOf(state, opened, diff), view.top)
  const rows = treeOf(diff, view)
  const selected = Math.max(
    0,
    rows.findIndex(({ file }) => file !== undefined && file === sight),
  )
  return { isInTree: true, tree: fitScroll({ ...view.tree, selected }, rows.length, pageHeight(state)) }
}

function treeKey(state: State, opened: Opened, diff: Diff, name: string): Moved {
  const { view } = opened
  const tree = treeOf(diff, view)
  const height = pageHeight(state)
  const motion = motionOf(name)
  const chosen = tree[view.tree.selected]
  if (motion) {
    const scroll = moveSelection(view.tree, motion, tree.length, height)
    const file = tree[scroll.selected]?.file
    return just(withView(state, { tree: scroll, ...(file === undefined ? {} : { top: startOf(file) }) }))
  }
  const isFoldKey = ['enter', ' ', 'z', 'left', 'right', 'h', 'l'].includes(name)
  if (chosen && chosen.file === undefined && isFoldKey) {
    const treeFolded = toggled(view.treeFolded, chosen.path)
    const scroll = fitScroll(view.tree, treeRows(diff.files, treeFolded).length, height)
    return just(withView(state, { treeFolded, tree: scroll }))
  }
  if (name === 'enter' && chosen?.file !== undefined)
    return just(withView(state, { isInTree: false, top: startOf(chosen.file) }))
  return just(state)

  function startOf(file: number): number {
    return diffRowsOf(state, opened, diff).starts[file] ?? 0
  }
}

/** The heading of the next file, or of this one and then of the one before. */
function jump({ starts, count }: DiffRows, top: number, by: 1 | -1): number {
  if (count === 0) return 0
  const at = fileOfRow(starts, top)
  if (by < 0) return starts[at]! < top ? starts[at]! : (starts[at - 1] ?? 0)
  return starts[at + 1] ?? top
}

export function diffOf({ diffs, view }: Opened): Diff | undefined {
  const diff: Loaded<Diff> = diffs[view.scope]
  return diff && 'value' in diff ? diff.value : undefined
}

export function treeColumns({ size }: Pick<State, 'size'>): number {
  return size.columns >= TREE_FROM ? TREE_COLUMNS : 0
}

export function diffMode({ size }: Pick<State, 'size'>, { mode }: DiffView): DiffMode {
  return mode ?? (size.columns - treeColumns({ size }) >= SPLIT_FROM - TREE_COLUMNS ? 'split' : 'unified')
}

let lastRows: { files: Diff['files']; mode: DiffMode; folded: ReadonlySet<string>; rows: DiffRows } | undefined

/** Made anew only when something is folded or looked at otherwise. */
export function diffRowsOf(state: Pick<State, 'size'>, { view }: Opened, { files }: Diff): DiffRows {
  const mode = diffMode(state, view)
  if (lastRows?.files === files && lastRows.mode === mode && lastRows.folded === view.folded) return lastRows.rows
  const rows = layDiffRows(files, mode, view.folded)
  lastRows = { files, mode, folded: view.folded, rows }
  return rows
}

let lastTree: { files: Diff['files']; folded: ReadonlySet<string>; rows: readonly TreeRow[] } | undefined

export function treeOf({ files }: Diff, { treeFolded }: DiffView): readonly TreeRow[] {
  if (lastTree?.files === files && lastTree.folded === treeFolded) return lastTree.rows
  const rows = treeRows(files, treeFolded)
  lastTree = { files, folded: treeFolded, rows }
  return rows
}

/** The file that is at the top of the window. */
export function fileInSight(rows: DiffRows, top: number): number | undefined {
  return diffRow(rows, top)?.index
}

function withOpened(state: State, change: Partial<Opened>): State {
  return state.opened ? { ...state, opened: { ...state.opened, ...change } } : state
}

function withView(state: State, change: Partial<DiffView>): State {
  return state.opened ? withOpened(state, { view: { ...state.opened.view, ...change } }) : state
}

function toggled<T>(set: ReadonlySet<T>, member: T): ReadonlySet<T> {
  const next = new Set(set)
  if (!next.delete(member)) next.add(member)
  return next
}

function just(state: State): Moved {
  return { state, effects: [] }
}
