/** A diff as git prints it, taken apart: its files, and their lines with their numbers. Any bytes go in; nothing is run or trusted. */

export interface DiffLine {
  readonly kind: 'context' | 'added' | 'removed' | 'hunk' | 'note'
  /** As it is in the file, without its sign: not guarded. */
  readonly text: string
  /** Line numbers, where it has them. */
  readonly before: number | undefined
  readonly after: number | undefined
}

export interface DiffFile {
  readonly path: string
  readonly change: 'added' | 'deleted' | 'changed'
  readonly isBinary: boolean
  readonly insertions: number
  readonly deletions: number
  readonly lines: readonly DiffLine[]
}

interface Draft extends DiffFile {
  path: string
  change: DiffFile['change']
  isBinary: boolean
  insertions: number
  deletions: number
  readonly lines: DiffLine[]
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

/** Takes its lines one by one, so that a long diff can be read in slices. */
export class DiffParser {
  readonly files: DiffFile[] = []
  #file: Draft | undefined
  #before = 0
  #after = 0
  /** Lines of the hunk that are still to come: within them nothing is a heading, whatever it looks like. */
  #beforeLeft = 0
  #afterLeft = 0

  take(line: string): void {
    if (this.#beforeLeft > 0 || this.#afterLeft > 0) this.#takeBody(line)
    else if (line.startsWith('diff --git ')) this.#begin(line.slice('diff --git '.length))
    else if (this.#file) this.#takeBetween(this.#file, line)
  }

  #takeBetween(file: Draft, line: string): void {
    const hunk = HUNK.exec(line)
    if (hunk) this.#beginHunk(file, line, hunk)
    else if (line.startsWith('\\')) file.lines.push({ kind: 'note', text: line, before: undefined, after: undefined })
    else takeHeading(file, line)
  }

  #begin(names: string): void {
    const path = pathOf(names.startsWith('"') ? quotedHead(names) : names.slice(0, (names.length - 1) / 2))
    this.#file = { path, change: 'changed', isBinary: false, insertions: 0, deletions: 0, lines: [] }
    this.files.push(this.#file)
  }

  #beginHunk(file: Draft, line: string, [, before, beforeCount, after, afterCount]: readonly string[]): void {
    this.#before = Number(before)
    this.#after = Number(after)
    this.#beforeLeft = Number(beforeCount ?? 1)
    this.#afterLeft = Number(afterCount ?? 1)
    file.lines.push({ kind: 'hunk', text: line, before: undefined, after: undefined })
  }

  #takeBody(line: string): void {
    const { lines } = this.#file!
    const text = line.slice(1)
    if (line.startsWith('+')) {
      this.#afterLeft--
      this.#file!.insertions++
      lines.push({ kind: 'added', text, before: undefined, after: this.#after++ })
    } else if (line.startsWith('-')) {
      this.#beforeLeft--
      this.#file!.deletions++
      lines.push({ kind: 'removed', text, before: this.#before++, after: undefined })
    } else if (line.startsWith('\\')) {
      lines.push({ kind: 'note', text: line, before: undefined, after: undefined })
    } else {
      this.#beforeLeft--
      this.#afterLeft--
      lines.push({ kind: 'context', text, before: this.#before++, after: this.#after++ })
    }
  }
}

export function parseDiff(text: string): readonly DiffFile[] {
  const parser = new DiffParser()
  for (const line of diffLines(text)) parser.take(line)
  return parser.files
}

export function diffLines(text: string): readonly string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function takeHeading(file: Draft, line: string): void {
  const note = (text: string) => file.lines.push({ kind: 'note', text, before: undefined, after: undefined })
  if (line.startsWith('new file mode')) file.change = 'added'
  else if (line.startsWith('deleted file mode')) file.change = 'deleted'
  else if (line.startsWith('old mode ')) note(line)
  else if (line.startsWith('new mode ')) note(line)
  else if (line.startsWith('Binary files ')) {
    file.isBinary = true
    note('a binary file: its content is not shown')
  } else if (line.startsWith('+++ ') && line !== '+++ /dev/null') file.path = pathOf(line.slice(4))
  else if (line.startsWith('--- ') && line !== '--- /dev/null') file.path = pathOf(line.slice(4))
}

/** Without `a/` or `b/`, the quotes of git, and the tab that it puts behind a name with spaces. */
function pathOf(name: string): string {
  const whole = name.startsWith('"') ? unquote(quotedHead(name)) : name.replace(/\t$/, '')
  return whole.replace(/^[ab]\//, '')
}

function quotedHead(text: string): string {
  return /^"(?:[^"\\]|\\.)*"/.exec(text)?.[0] ?? text
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** As git quotes names: octal bytes and the escapes of C. */
function unquote(quoted: string): string {
  const bytes: number[] = []
  for (const [piece, escaped] of quoted.slice(1, -1).matchAll(/\\([0-7]{3}|.)|[^\\]/gsu)) {
    if (escaped === undefined) bytes.push(...new TextEncoder().encode(piece))
    else if (/^[0-7]{3}$/.test(escaped)) bytes.push(Number.parseInt(escaped, 8))
    else bytes.push(ESCAPES[escaped] ?? escaped.charCodeAt(0))
  }
  return new TextDecoder().decode(new Uint8Array(bytes))
}
