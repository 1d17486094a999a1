/** The person's own programs, which have the terminal while they run: an editor for words, a pager for what is long. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Lend = <T>(work: () => Promise<T>) => Promise<T>

const SCISSORS = '------------------------ >8 ------------------------'

/** Undefined where no editor is named. What it was given may be a command with words: `code --wait`. */
export function editorOf(env: NodeJS.ProcessEnv): string | undefined {
  return env.VISUAL?.trim() || env.EDITOR?.trim() || undefined
}

/** What was written above the line, or an empty text. Throws when the editor cannot be run or fails. */
export async function writeWords(lend: Lend, editor: string, about: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agency-words-'))
  try {
    const file = join(folder, 'WORDS.md')
    await writeFile(file, `\n${SCISSORS}\n${about}\n`, { mode: 0o600 })
    const status = await lend(() => runShell(`${editor} "$1"`, [file]))
    if (status !== 0) throw new Error(`${editor} ended with ${status}`)
    return (await readFile(file, 'utf8')).split(SCISSORS)[0]!.trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Shows a text that is safe for a terminal already. Throws when the pager cannot be run. */
export async function page(lend: Lend, env: NodeJS.ProcessEnv, text: string): Promise<void> {
  const pager = env.AGENCY_PAGER?.trim() || env.PAGER?.trim() || 'less'
  const status = await lend(() => runShell(pager, [], text, { LESS: env.LESS ?? 'RS' }))
  if (status === 127) throw new Error(`${pager} is not there: set PAGER`)
}

/** A command of ours whose output is looked at until Enter. */
export async function runAndWait(words: readonly string[]): Promise<void> {
  const ours = [process.execPath, process.argv[1]!, ...words]
  await runShell(`clear; "$@"; printf '\\n-- the end: Enter goes back '; read -r _`, ours)
}

/** By the shell, as git does it, since what people set are commands. Returns its exit status. */
function runShell(
  command: string,
  args: readonly string[],
  input?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command, 'sh', ...args], {
      stdio: [input === undefined ? 'inherit' : 'pipe', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    })
    child.once('error', reject)
    child.once('exit', code => resolve(code ?? 1))
    // A pager that is left before the end reads no more.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}
