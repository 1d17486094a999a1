/** Folders to try the shipped templates in, and a PATH that holds only what a test puts there. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, onTestFinished } from 'vitest'
import { laySharedScripts } from '../../src/agencies/sharedScripts.ts'

export const templates = resolve(import.meta.dirname, '../../templates')
export const project = join(templates, 'projects', 'user-profile')

/** The folder of an agency as `agency create` lays it out, with the shared scripts that it names. Gone after the file's last test. */
export async function laidOut(name: string): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'agency $agencies '))
  afterAll(() => rmSync(home, { recursive: true, force: true }))
  const folder = join(home, name)
  const template = join(templates, 'agencies', name)
  cpSync(template, folder, { recursive: true })
  await laySharedScripts([join(templates, 'scripts')], template, folder)
  for (const script of readdirSync(join(folder, 'scripts')))
    if (!script.includes('.')) chmodSync(join(folder, 'scripts', script), 0o755)
  return folder
}

export function temporaryFolder(): string {
  // The blank and the dollar sign are there for the scripts to stumble over.
  const folder = mkdtempSync(join(tmpdir(), 'agency $templates '))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  putFiles(folder, files)
  return folder
}

export function putFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

export function copyOf(source: string): string {
  const folder = join(temporaryFolder(), 'copy')
  cpSync(source, folder, { recursive: true })
  return folder
}

/** A program that says some lines and ends with an exit code, in the place of a tool that may not be installed. */
export interface Stub {
  readonly says?: string
  readonly exits?: number
}

const EVERYDAY_TOOLS =
  'sh env dirname basename uname cat tr sed awk grep find sort head tail mktemp rm mv mkdir date tee git'.split(' ')

/** A PATH of everyday tools, of what else the test names, and of stubs. Nothing that the machine happens to have. */
export function pathOf(real: readonly string[] = [], stubs: Readonly<Record<string, Stub>> = {}): string {
  const folder = join(temporaryFolder(), 'bin')
  mkdirSync(folder)
  for (const tool of [...EVERYDAY_TOOLS, ...real]) symlinkSync(whereIs(tool), join(folder, tool))
  for (const [tool, { says = '', exits = 0 }] of Object.entries(stubs)) {
    writeFileSync(join(folder, tool), `#!/bin/sh\ncat <<'SAID'\n${says}\nSAID\nexit ${exits}\n`)
    chmodSync(join(folder, tool), 0o755)
  }
  return folder
}

/** What a real tool said, kept in said/ under its name and version, with the exit code that went with it. */
export function recorded(file: string, exits: number): Stub {
  return { says: readFileSync(join(import.meta.dirname, 'said', `${file}.txt`), 'utf8').trimEnd(), exits }
}

export function isInstalled(tool: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', tool]).status === 0
}

function whereIs(tool: string): string {
  // Python itself: a version manager's shim needs more of the PATH than it will get.
  if (tool === 'python3')
    return spawnSync(tool, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim()
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', tool], { encoding: 'utf8' }).stdout.trim()
}

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** The last line, which every script writes as JSON. */
  readonly summary: Readonly<Record<string, unknown>>
}

export interface RunOptions {
  readonly cwd: string
  readonly path?: string
  readonly input?: string
}

export function run(command: string, args: readonly string[], { cwd, path, input = '' }: RunOptions): Ran {
  const env: NodeJS.ProcessEnv = { ...process.env, ...(path ? { PATH: path } : {}) }
  // vitest's own workers must not leak their settings into the tests of a project.
  delete env.NODE_OPTIONS
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, input, encoding: 'utf8' })
  return { status, stdout, stderr, summary: parseSummary(stdout) }
}

function parseSummary(stdout: string): Record<string, unknown> {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
  } catch {
    return {}
  }
}

export function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false']
  const ran = run('git', [...identity, ...args], { cwd })
  if (ran.status !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`)
  return ran.stdout.trim()
}

export function repositoryWith(files: Readonly<Record<string, string>>): string {
  const folder = folderWith(files)
  git(folder, 'init', '--quiet', '--initial-branch=main')
  commitAll(folder, 'Start')
  return folder
}

export function commitAll(folder: string, message: string): void {
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message', message)
}

/** A service of the test's own: `/bad` answers badly, `/slow` late. Every program that asks it runs beside this one, so none may block. */
export function service(): Promise<string> {
  return serve((request, response) => {
    response.statusCode = request.url === '/bad' ? 503 : 200
    setTimeout(() => response.end(), request.url === '/slow' ? 400 : 0)
  })
}

export async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface BesideOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** As `run`, for what asks a service of this process. */
export async function runBeside(command: string, args: readonly string[], options: BesideOptions = {}): Promise<Ran> {
  const { exitCode, stdout, stderr } = await execa(command, args, { ...options, reject: false })
  return { status: exitCode ?? null, stdout, stderr, summary: parseSummary(stdout) }
}
