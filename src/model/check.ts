/** A check: the shell command that has to pass, and how people call it. */
import { z } from 'zod'
import { oneLine, sanitise } from './sanitize.ts'
import type { CheckRun } from './task.ts'

const command = z.string().min(1).max(2000)
const name = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^\p{Cc}]*$/u, 'is one line')

export const checkSchema = z.union([command, z.strictObject({ name, run: command })], {
  error: 'is a shell command, or {"name": "what it is called", "run": "the shell command"}',
})
type Given = z.infer<typeof checkSchema>

export interface Check {
  /** Undefined where nobody has given it one. */
  readonly name: string | undefined
  readonly command: string
}

const SHOWN_COMMAND = 60
const LONGEST_LINE = 300
const MOST_LINES = 6

export function checkOf(given: Given): Check {
  return typeof given === 'string' ? { name: undefined, command: given } : { name: given.name, command: given.run }
}

/** What people are told: its name, else as much of the command as is read at a glance. */
export function sayCheck({ name, command }: { readonly name?: string | undefined; readonly command: string }): string {
  return name ?? oneLine(command, SHOWN_COMMAND)
}

/** How it ended, where it did not pass. */
export function sayRun(run: Pick<CheckRun, 'name' | 'command' | 'status' | 'ended'>): string {
  const how = run.status === undefined ? (run.ended ?? 'took too long') : `failed with ${run.status}`
  return `${sayCheck(run)} ${how}`
}

/** What every runner says after anything that fails, and nobody learns from. */
const NOISE = [
  /^[-=_*~\s]+$/,
  /^npm (ERR!|error)/i,
  /^> \S/,
  /^make(\[\d+\])?: \*\*\* /,
  /ELIFECYCLE/,
  /^error Command failed with exit code/,
  /^info Visit https/,
  /^Node\.js v\d/,
  /^\s+at .*(node:internal|node_modules)/,
]
const TELLING =
  /\b(\w*error|fail(ed|ure|s)?|assert\w*|exception|panic(ked)?|expected|not ok|cannot|fatal|missing)\b|[✖✗×]/i

/** The last lines that say why it failed, from what it printed; without any, the last lines there are. */
export function tellingLines(output: string): readonly string[] {
  const plain = sanitise(output.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')).text
  const lines = plain
    .split('\n')
    .map(line => line.trimEnd())
    .filter(line => line !== '')
  const said = lines.filter(line => !NOISE.some(noise => noise.test(line)))
  const all = said.length > 0 ? said : lines
  const end = all.slice(-MOST_LINES)
  const before = end.some(line => TELLING.test(line)) ? -1 : all.findLastIndex(line => TELLING.test(line))
  const shown = before < 0 ? end : all.slice(before, before + MOST_LINES)
  return shown.map(line => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line))
}
