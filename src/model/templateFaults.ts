/** What can be wrong with a template beside its schema: pure, over its texts and words. */
import { distance } from './closest.ts'

/** One thing to mend, at a line of a file. */
export interface Fault {
  readonly file: string
  readonly line: number
  readonly what: string
}

/** Where a capability is said: the line in agency.json. */
export interface SpokenCapability {
  readonly word: string
  readonly line: number
}

/** More of a role or context file is not read at an agent's start. */
export const MAX_PART_BYTES = 64 * 1024
/** Room for a role and the shared context together; the rest of a briefing says how to talk. */
export const MAX_ROLE_CHARACTERS = 32_000

/** Faults of a file that agents read as prose. */
export function textFaults(file: string, text: string): readonly Fault[] {
  const at = (line: number, what: string): Fault => ({ file, line, what })
  if (text.trim() === '') return [at(1, 'is empty')]
  const bytes = Buffer.byteLength(text)
  return [
    ...(bytes > MAX_PART_BYTES
      ? [
          at(
            lineAtByte(text, MAX_PART_BYTES),
            `has ${size(bytes)}: an agent reads the first ${size(MAX_PART_BYTES)}, to here`,
          ),
        ]
      : []),
    ...lineEndFaults(file, text),
    ...(text.includes('\0') ? [at(lineOfIndex(text, text.indexOf('\0')), 'holds a NUL: it is no text')] : []),
  ]
}

/** A carriage return makes `#!/bin/sh` name a program that is not there, and stands at the end of each line that an agent reads. */
export function lineEndFaults(file: string, text: string): readonly Fault[] {
  const first = text.indexOf('\r\n')
  if (first < 0) return []
  const count = text.split('\r\n').length - 1
  return [
    { file, line: lineOfIndex(text, first), what: `has Windows line ends (${count}): sed -i 's/\\r$//' mends them` },
  ]
}

export function scriptFaults(file: string, text: string, isRunnable: boolean): readonly Fault[] {
  return [
    ...(isRunnable ? [] : [{ file, line: 1, what: 'cannot be run: chmod +x mends it' }]),
    ...(text.startsWith('#!') ? [] : [{ file, line: 1, what: 'does not say what runs it: #!/bin/sh' }]),
    ...lineEndFaults(file, text),
  ]
}

/** The same word in two spellings, within the template or beside what others call it: nobody would find both by one search. */
export function capabilityFaults(
  file: string,
  spoken: readonly SpokenCapability[],
  known: readonly string[],
): readonly Fault[] {
  const seen: string[] = []
  return spoken.flatMap(({ word, line }) => {
    if (seen.includes(word)) return []
    const twin = seen.find(other => isSameWord(word, other))
    seen.push(word)
    if (twin !== undefined)
      return [{ file, line, what: `the capability ${quote(word)} is spelled ${quote(twin)} further up` }]
    const other = known.includes(word) ? undefined : known.find(one => isSameWord(word, one))
    return other === undefined
      ? []
      : [{ file, line, what: `the capability ${quote(word)} is called ${quote(other)} by other agencies` }]
  })
}

function isSameWord(a: string, b: string): boolean {
  const [left, right] = [bare(a), bare(b)]
  return left === right || (Math.min(left.length, right.length) >= 6 && distance(left, right) === 1)
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '')
}

function quote(word: string): string {
  return JSON.stringify(word.slice(0, 60))
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

function lineAtByte(text: string, byte: number): number {
  return lineOfIndex(text, Buffer.from(text).subarray(0, byte).toString().length)
}

function lineOfIndex(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
