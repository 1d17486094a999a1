/** An agent's run folder: what its runner is to do, and what it has written down. The runner itself is bin/runner.sh. */
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import type { Launch } from '../drivers/driver.ts'
import { AgencyError } from '../kernel/errors.ts'
import { isObject, parseJson, replaceFile } from '../kernel/json.ts'
import { readText } from '../kernel/plainFile.ts'
import { isAlive } from '../kernel/process.ts'
import { MAX_BODY_BYTES } from '../model/limits.ts'
import { splitAddress } from '../model/names.ts'
import type { Observed } from '../model/supervision.ts'
import { layOver } from './overlay.ts'

export function runFolder(workspace: Workspace, address: string): string {
  const parts = splitAddress(address)
  if (!parts) throw new Error(`${address} has no run folder`)
  return join(workspace.run, parts.agency, parts.agent)
}

export function eventsFolder(run: string): string {
  return join(run, 'events')
}

export async function makeRunFolder(run: string): Promise<void> {
  await mkdir(eventsFolder(run), { recursive: true, mode: 0o700 })
}

/** The only part of a run folder that an isolated program may write, its events apart. The daemon writes nothing there. */
export function ownFolder(run: string): string {
  return join(run, 'own')
}

/** Long messages for an isolated agent, which does not see those of others. */
export function ownMail(run: string): string {
  return join(run, 'mail')
}

export interface StartPlan {
  readonly launch: Launch
  readonly workdir: string
  readonly instance: number
  readonly umask: number
  readonly env: Readonly<Record<string, string>>
  /** A script agent reads JSON lines from the pipe `in` and writes them to the file `out`. */
  readonly isPiped: boolean
  /** For programs whose hooks ask for the next message: where to, and by whose token. */
  readonly ask: { readonly socket: string; readonly tokenFile: string } | undefined
  /** Undefined at the cooperative level. */
  readonly wall?: StartWall | undefined
}

export interface StartWall {
  /** bwrap and its words, up to the program. */
  readonly words: readonly string[]
  /** Names, or beginnings that end in `*`, of inherited variables that the program gets: no other. */
  readonly keep: readonly string[]
  /** File that is there behind the wall → where the program has its own copy of it. */
  readonly copies: Readonly<Record<string, string>>
}

/** Writes what the program is to read at its start: before a wall is built, which shows only what is there. */
export async function writeFiles(run: string, { launch, ask }: Pick<StartPlan, 'launch' | 'ask'>): Promise<void> {
  for (const [path, text] of Object.entries(launch.files)) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await replaceFile(path, text, { mode: 0o600 })
  }
  if (launch.overlay) await layOver(launch.overlay)
  if (ask) await replaceFile(join(run, 'ask.curl'), await askConfig(ask), { mode: 0o600 })
}

/** Writes what the runner executes into a run folder that is there. Everything in it is quoted data: nothing of a name, path or argument is read by the shell. */
export async function writeStart(run: string, plan: StartPlan): Promise<void> {
  await rm(join(run, 'exit'), { force: true })
  await replaceFile(join(run, 'start.sh'), startScript(run, plan))
}

/** Options of curl in a file, so that neither the token nor a path stands in an argument list. */
async function askConfig({ socket, tokenFile }: NonNullable<StartPlan['ask']>): Promise<string> {
  const token = (await readText(tokenFile)).trim()
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
  return [
    `unix-socket = ${quoted(socket)}`,
    'url = "http://agency/v1/boundary"',
    `header = ${quoted(`authorization: Bearer ${token}`)}`,
    'header = "content-type: application/json"',
    'silent',
    'fail',
    'max-time = 5',
    '',
  ].join('\n')
}

function startScript(run: string, plan: StartPlan): string {
  const exports = Object.entries({ ...plan.launch.env, ...plan.env }).map(
    ([key, value]) => `export ${key}=${quote(value)}`,
  )
  const strip = plan.launch.unset.map(name =>
    name.endsWith('*')
      ? `unset $(env | sed -n ${quote(`s/^\\(${name.slice(0, -1)}[A-Za-z0-9_]*\\)=.*/\\1/p`)})`
      : `unset ${name}`,
  )
  const out = quote(join(run, 'out'))
  const pipes = plan.isPiped ? ` <${quote(join(run, 'in'))} >>${out}` : ''
  return [
    `# start ${plan.instance}`,
    `echo "$$ ${plan.instance}" >pid`,
    // The pane shows what passes through its pipes.
    ...(plan.isPiped ? ['tty >tty'] : []),
    // A program that was ended in the middle of a line must not take the first line of this one with it.
    ...(plan.isPiped ? [`[ ! -s ${out} ] || [ "$(tail -c 1 ${out} | wc -l)" -gt 0 ] || echo >>${out}`] : []),
    `umask ${plan.umask.toString(8)}`,
    `cd ${quote(plan.workdir)} || exit 126`,
    ...strip,
    ...(plan.wall ? keepOnly(plan.wall.keep) : []),
    ...exports,
    // What the runner holds open is not for whoever is behind a wall: they could give it orders.
    ...(plan.wall ? ['exec 3>&- 4>&-'] : []),
    `exec ${commandOf(plan).map(quote).join(' ')}${pipes}`,
    '',
  ].join('\n')
}

/** By the names of the variables: those with a line's end in their value may show more names, which harms nobody. */
function keepOnly(keep: readonly string[]): readonly string[] {
  return [
    "for name in $(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p'); do",
    `  case $name in ${keep.join(' | ')}) ;; *) unset "$name" ;; esac`,
    'done',
  ]
}

/** The copies are made behind the wall, so that no link that an agent has left there leads anywhere else. */
function commandOf({ launch, wall }: StartPlan): readonly string[] {
  if (!wall) return launch.argv
  const copies = Object.entries(wall.copies)
  if (copies.length === 0) return [...wall.words, '--', ...launch.argv]
  const lines = copies.map(
    ([from, to]) =>
      `if [ -e ${quote(from)} ] && ! [ ${quote(to)} -nt ${quote(from)} ]; then mkdir -p ${quote(dirname(to))} && cp ${quote(from)} ${quote(to)}; fi`,
  )
  return [...wall.words, '--', '/bin/sh', '-c', `${lines.join('\n')}\nexec "$@"`, 'sh', ...launch.argv]
}

function quote(text: string): string {
  if (text.includes('\0')) throw new AgencyError('USAGE', 'an argument holds a NUL character')
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Tells a runner what to do. A start that it has run already is not run again. False when no runner reads. */
export async function order(run: string, what: `start ${number}` | 'close'): Promise<boolean> {
  try {
    const pipe = await open(join(run, 'control'), constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      await pipe.write(`${what}\n`)
    } finally {
      await pipe.close()
    }
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENXIO' || code === 'ENOENT' || code === 'EPIPE' || code === 'EAGAIN') return false
    throw error
  }
}

/** The number of the last start that a runner has run; 0 before the first. */
export async function lastRun(run: string): Promise<number> {
  return (await numbers(join(run, 'ran')))[0] ?? 0
}

/** What the runner and the program have written down, and whether those processes live. */
export async function observeRun(run: string): Promise<Pick<Observed, 'runnerPid' | 'program' | 'exit'>> {
  const [runner, program, exit] = await Promise.all([
    numbers(join(run, 'runner')),
    numbers(join(run, 'pid')),
    numbers(join(run, 'exit')),
  ])
  return {
    runnerPid: runner[0],
    program:
      program[0] === undefined ? undefined : { pid: program[0], instance: program[1], isAlive: isAlive(program[0]) },
    exit: exit[0] === undefined || exit[1] === undefined ? undefined : { status: exit[0], instance: exit[1] },
  }
}

async function numbers(file: string): Promise<number[]> {
  const text = await readText(file).catch(() => '')
  return text.split(/\s+/).filter(Boolean).map(Number).filter(Number.isInteger)
}

/** A payload holds a prompt or a message, which may be long. */
const MAX_EVENT_BYTES = 2 * MAX_BODY_BYTES
/** Of a folder that somebody fills without end so many are looked at in one go; taking them away tells of the next. */
const EVENTS_AT_ONCE = 500

export interface HookEvent {
  readonly event: string
  readonly payload: unknown
}

/** Takes the events that hooks have left, oldest first; each is handed to `take` before its file goes, so a crash repeats it rather than losing it. */
export async function takeEvents(run: string, take: (event: HookEvent) => Promise<void>): Promise<number> {
  const folder = eventsFolder(run)
  const names = (await readdir(folder).catch(() => [] as string[])).filter(
    name => name.endsWith('.json') && !name.startsWith('.'),
  )
  const files = names.slice(0, EVENTS_AT_ONCE).map(name => join(folder, name))
  const times = await Promise.all(files.map(file => lstat(file, { bigint: true }).catch(() => undefined)))
  const found = files.flatMap((file, index) => (times[index] ? [{ file, at: times[index].mtimeNs }] : []))
  for (const { file } of found.sort((a, b) => Number(a.at - b.at))) {
    const event = await readEvent(file)
    if (event === 'gone') continue
    if (event) await take(event)
    await rm(file, { force: true, recursive: true })
  }
  return found.length
}

/** Undefined for what is no event, and never will be. */
async function readEvent(file: string): Promise<HookEvent | 'gone' | undefined> {
  try {
    // What lies there an agent has put there: a pipe would be waited for, a link leads out of the folder.
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const found = await handle.stat()
      if (!found.isFile() || found.size > MAX_EVENT_BYTES) return undefined
      const parsed = parseJson(await handle.readFile('utf8'))
      const value: unknown = parsed.ok ? parsed.value : undefined
      return isObject(value) && typeof value['event'] === 'string' ? (value as unknown as HookEvent) : undefined
    } finally {
      await handle.close()
    }
  } catch (error) {
    const isRefused = ['ELOOP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')
    return isRefused ? undefined : 'gone'
  }
}
