/**
 * The git hooks of agents' worktrees: a commit that touches a file under another's lease is refused. Set for each worktree alone,
 * in its own configuration: the person's checkouts of the same repository keep their hooks and get none of ours.
 */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, readFile, readlink, realpath, rm, symlink } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { packageRoot, type Workspace } from '../config/workspace.ts'
import { replaceFile } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
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
  const { git, log } = parts
  try {
    const problem = await install(parts, worktree)
    if (problem) log.warn({ worktree }, `commits here are not held against the leases: ${problem}`)
  } catch (error) {
    log.warn({ err: error, worktree }, 'commits here are not held against the leases: the hooks could not be put in')
  }

  async function install({ workspace }: GitHookParts, folder: string): Promise<string | undefined> {
    const where = (await git.run(folder, ['rev-parse', '--git-dir', '--git-common-dir'])).split('\n')
    const [gitDir, commonDir] = await Promise.all(where.map(path => realpath(resolve(folder, path))))
    if (!gitDir || !commonDir || gitDir === commonDir) return 'it is no linked worktree'
    const shared = join(commonDir, 'config')
    // Once worktrees have their own configuration, these two would hold for all of them.
    for (const key of ['core.worktree', 'core.bare'])
      if (!['', 'false'].includes(await read(['--file', shared, '--get', key]))) return `${shared} sets ${key}`
    const hooks = join(workspace.registry, 'hooks', createHash('sha256').update(commonDir).digest('hex').slice(0, 12))
    await writeHooks(workspace, hooks, await ownHooks(folder, commonDir))
    const set = await read(['--file', join(gitDir, 'config.worktree'), '--get', 'core.hooksPath'])
    if (set === hooks) return undefined
    if (set !== '') return `its own core.hooksPath is ${set}`
    await git.run(folder, ['config', '--file', shared, 'extensions.worktreeConfig', 'true'])
    await git.run(folder, ['config', '--worktree', 'core.hooksPath', hooks])
    return undefined

    async function read(args: readonly string[]): Promise<string> {
      const found = await git.try(folder, ['config', ...args])
      return found.ok ? found.output.trim() : ''
    }

    /** Where the repository's own hooks lie just now. */
    async function ownHooks(root: string, common: string): Promise<string> {
      const path = await read(['--file', shared, '--type=path', '--get', 'core.hooksPath'])
      if (path === '') return join(common, 'hooks')
      return isAbsolute(path) ? path : join(root, path)
    }
  }
}

async function writeHooks(workspace: Workspace, hooks: string, own: string): Promise<void> {
  await mkdir(hooks, { recursive: true, mode: 0o700 })
  const hook = join(hooks, 'hook.sh')
  await write(hook, await readFile(join(packageRoot, 'bin', 'git-hook.sh'), 'utf8'), 0o700)
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
  if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) await replaceFile(file, text, { mode })
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
