/** The files of a diff as a tree of folders; a folder that holds but one folder shares its row. */
import type { DiffFile } from './parse.ts'

export interface TreeRow {
  readonly depth: number
  /** What its row says: the last part of the path, or of a folder what lies under its parent's row. */
  readonly name: string
  readonly path: string
  /** Of a file; undefined for a folder. */
  readonly file: number | undefined
  readonly isFolded: boolean
}

interface Folder {
  readonly path: string
  readonly folders: Map<string, Folder>
  readonly files: { readonly name: string; readonly index: number }[]
}

/** Rows from the top, without those in folded folders. */
export function treeRows(files: readonly DiffFile[], folded: ReadonlySet<string>): readonly TreeRow[] {
  const rows: TreeRow[] = []
  addFolder(rows, gather(files), files, { depth: 0, folded })
  return rows
}

/** The files in the order in which the tree shows them, so that the first of the diff is the first of the tree. */
export function inTreeOrder(files: readonly DiffFile[]): readonly DiffFile[] {
  return treeRows(files, NOTHING_FOLDED).flatMap(({ file }) => (file === undefined ? [] : [files[file]!]))
}

const NOTHING_FOLDED: ReadonlySet<string> = new Set()

function gather(files: readonly DiffFile[]): Folder {
  const root: Folder = { path: '', folders: new Map(), files: [] }
  for (const [index, { path }] of files.entries()) {
    const parts = path.split('/')
    let folder = root
    for (const part of parts.slice(0, -1)) {
      const next = folder.folders.get(part) ?? { path: `${folder.path}${part}/`, folders: new Map(), files: [] }
      folder.folders.set(part, next)
      folder = next
    }
    folder.files.push({ name: parts.at(-1)!, index })
  }
  return root
}

function addFolder(
  rows: TreeRow[],
  folder: Folder,
  files: readonly DiffFile[],
  { depth, folded }: { depth: number; folded: ReadonlySet<string> },
): void {
  for (const [name, first] of folder.folders) {
    let inner = first
    let shown = `${name}/`
    while (inner.files.length === 0 && inner.folders.size === 1) {
      const [[only, next]] = inner.folders as unknown as [[string, Folder]]
      shown += `${only}/`
      inner = next
    }
    const isFolded = folded.has(inner.path)
    rows.push({ depth, name: shown, path: inner.path, file: undefined, isFolded })
    if (!isFolded) addFolder(rows, inner, files, { depth: depth + 1, folded })
  }
  for (const { name, index } of folder.files)
    rows.push({ depth, name, path: files[index]!.path, file: index, isFolded: false })
}
