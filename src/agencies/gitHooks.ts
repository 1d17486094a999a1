/**
 * The git hooks of agents' worktrees: a commit that touches a file under another's lease is refused. Set for each worktree alone,
 * in its own configuration: the person's checkouts of the same repository keep their hooks and get none of ours.
 */
import { createHash } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { access, mkdir, readlink, realpath, rm, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { packageRoot, type Workspace } from '../config/workspace.ts'
import { replaceFile } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import { readText } from '../kernel/plainFile.ts'
import type { Git } from './git.ts'

export interface GitHookParts {
  readonly workspace: Workspace
  readonly git: Git
  readonly log: Log
}

/** Ours stands in the way of every hook of the repository, so each of these runs that one in the end. */
const CHAINED = [
  ...['applypatch-msg', 'pre-applypatch', 'post-applypatch', 'pre-commit', 'pre-merge-commit', 'prepare-commit-msg'],
  ...['commit-msg', 'post-commit', 'pre-rebase', 'post-checkout', 'post-merge', 'post-rewrite', 'pre-push'],
  ...['pre-auto-gc', 'sendemail-validate'],
]
/** Git runs these many times for one command: they get in between only where the repository has one. */
const FREQUENT = ['reference-transaction', 'post-index-change']

/** Puts the hooks into a worktree of an agent, or brings them up to date. What it cannot do is logged, and keeps nobody from working. */
export async function installHooks(parts: GitHookParts, worktree: string): Promise<void> {
  const { log } = parts
  try {
    const problem = await install(parts, worktree)
    if (problem) log.warn({ worktree }, `commits here are not held against the leases: ${problem}`)
  } catch (error) {
    log.warn({ err: error, worktree }, 'commits here are not held against the leases: the hooks could not be put in')
  }
}

/** Returns what keeps it from doing so. Git is started as seldom as can be: an agency has many worktrees. */
async function install({ workspace, git }: GitHookParts, worktree: string): Promise<string | undefined> {
  const gitDir = /^gitdir: (.+)$/m.exec(await readText(join(worktree, '.git')))?.[1]
  if (!gitDir) return 'it is no linked worktree'
  const commonDir = await realpath(resolve(gitDir, (await readText(join(gitDir, 'commondir'))).trim()))
  const hooks = hooksFolder(workspace, commonDir)
  const shared = await settingsIn(git, worktree, join(commonDir, 'config'))
  // Once worktrees have their own configuration, these two would hold for all of them.
  if (shared.has('core.worktree') || shared.get('core.bare') === 'true')
    return `${commonDir}/config sets core.worktree or core.bare`
  const own = shared.get('core.hookspath') ?? join(commonDir, 'hooks')
  await writeHooks(workspace, hooks, resolve(worktree, own))
  const file = join(gitDir, 'config.worktree')
  const set = existsSync(file) ? (await settingsIn(git, worktree, file)).get('core.hookspath') : undefined
  if (set !== undefined && set !== hooks) return `its own core.hooksPath is ${set}`
  if (shared.get('extensions.worktreeconfig') !== 'true')
    await git.run(worktree, ['config', '--file', join(commonDir, 'config'), 'extensions.worktreeConfig', 'true'])
  if (set === undefined) await git.run(worktree, ['config', '--file', file, 'core.hooksPath', hooks])
  return undefined
}

/** The same hooks for the clones of a repository, which name them in their own configuration. */
export async function hooksForClones(
  { workspace, git }: Omit<GitHookParts, 'log'>,
  repository: string,
): Promise<string> {
  const told = await git.run(repository, ['rev-parse', '--path-format=absolute', '--git-common-dir'])
  const commonDir = await realpath(told.trim())
  const hooks = hooksFolder(workspace, commonDir)
  const shared = await settingsIn(git, repository, join(commonDir, 'config'))
  await writeHooks(workspace, hooks, resolve(repository, shared.get('core.hookspath') ?? join(commonDir, 'hooks')))
  return hooks
}

function hooksFolder({ registry }: Workspace, commonDir: string): string {
  return join(registry, 'hooks', createHash('sha256').update(commonDir).digest('hex').slice(0, 12))
}

/** Those that matter here, by their names in small letters. */
async function settingsIn(git: Git, folder: string, file: string): Promise<ReadonlyMap<string, string>> {
  const names = '^(core[.](worktree|bare|hookspath)|extensions[.]worktreeconfig)$'
  const found = await git.try(folder, ['config', '--file', file, '--type=path', '--null', '--get-regexp', names])
  // Each is its name, a line's end, and its value.
  const entries = found.ok ? found.output.split('\0').filter(Boolean) : []
  return new Map(entries.map(entry => [entry.split('\n')[0]!, entry.split('\n').slice(1).join('\n')]))
}

async function writeHooks(workspace: Workspace, hooks: string, own: string): Promise<void> {
  await mkdir(hooks, { recursive: true, mode: 0o700 })
  const hook = join(hooks, 'hook.sh')
  await write(hook, await readText(join(packageRoot, 'bin', 'git-hook.sh')), 0o700)
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
  const ask = [
    `unix-socket = ${quoted(workspace.socket)}`,
    'url = "http://agency/v1/gate"',
    'silent',
    'fail',
    'max-time = 5',
  ]
  await write(join(hooks, 'ask.curl'), `${ask.join('\n')}\n`, 0o600)
  await link(process.execPath, join(hooks, 'node'))
  await link(join(packageRoot, 'bin', 'agency.js'), join(hooks, 'agency.js'))
  for (const name of CHAINED) await link('hook.sh', join(hooks, name))
  for (const name of FREQUENT)
    if (await isRunnable(join(own, name))) await link('hook.sh', join(hooks, name))
    else await rm(join(hooks, name), { force: true })
}

async function write(file: string, text: string, mode: number): Promise<void> {
  if ((await readText(file).catch(() => undefined)) !== text) await replaceFile(file, text, { mode })
}

async function link(target: string, path: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return
  await rm(path, { force: true })
  await symlink(target, path)
}

async function isRunnable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
