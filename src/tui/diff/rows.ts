/** Which row of a diff is what: a file's heading, a line, or two lines side by side. Found by number, so that only what is seen is made. */
import type { DiffFile, DiffLine } from './parse.ts'

export type DiffMode = 'unified' | 'split'

/** Both undefined only in no row; a hunk's heading and a note go across. */
export interface Pair {
  readonly left: DiffLine | undefined
  readonly right: DiffLine | undefined
}

export interface DiffRows {
  readonly files: readonly DiffFile[]
  readonly mode: DiffMode
  /** Row of each file's heading. */
  readonly starts: readonly number[]
  readonly count: number
}

/** `row`: undefined for the heading, else the line or pair of that number. */
export interface DiffRow {
  readonly index: number
  readonly file: DiffFile
  readonly row: number | undefined
}

export function layDiffRows(files: readonly DiffFile[], mode: DiffMode, folded: ReadonlySet<string>): DiffRows {
  const starts: number[] = []
  let count = 0
  for (const file of files) {
    starts.push(count)
    count += 1 + (folded.has(file.path) ? 0 : bodyRows(file, mode))
  }
  return { files, mode, starts, count }
}

export function diffRow({ files, starts, count }: DiffRows, number: number): DiffRow | undefined {
  if (number < 0 || number >= count) return undefined
  const index = fileOfRow(starts, number)
  const row = number - starts[index]! - 1
  return { index, file: files[index]!, row: row < 0 ? undefined : row }
}

/** The file that a row belongs to. */
export function fileOfRow(starts: readonly number[], number: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= number) low = middle
    else high = middle - 1
  }
  return low
}

function bodyRows(file: DiffFile, mode: DiffMode): number {
  return mode === 'unified' ? file.lines.length : pairsOf(file).length
}

const pairs = new WeakMap<DiffFile, readonly Pair[]>()

/** What was removed beside what came in its place. Made once for a file. */
export function pairsOf(file: DiffFile): readonly Pair[] {
  const known = pairs.get(file)
  if (known) return known
  const made: Pair[] = []
  let removed: DiffLine[] = []
  let added: DiffLine[] = []
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index++)
      made.push({ left: removed[index], right: added[index] })
    removed = []
    added = []
  }
  for (const line of file.lines) {
    if (line.kind === 'removed') {
      if (added.length > 0) flush()
      removed.push(line)
    } else if (line.kind === 'added') added.push(line)
    else {
      flush()
      made.push({ left: line, right: line })
    }
  }
  flush()
  pairs.set(file, made)
  return made
}
