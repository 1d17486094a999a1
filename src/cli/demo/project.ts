/** The demo's project: a real git repository with real tests and a requirement that nobody has met yet. */
import { cp, mkdtemp, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { packageRoot } from '../../config/workspace.ts'

export interface DemoPlace {
  /** Holds both, and goes as a whole. */
  readonly folder: string
  readonly workspace: string
  readonly project: string
}

export async function layOutProject(): Promise<DemoPlace> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'agency-demo-')))
  const project = join(folder, 'user-profile')
  await cp(join(packageRoot, 'templates', 'projects', 'user-profile'), project, { recursive: true })
  const git = (...args: string[]) =>
    execa('git', ['-C', project, '-c', 'user.name=Demo', '-c', 'user.email=demo@localhost', ...args])
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'A user directory whose profile requirement is open')
  return { folder, workspace: join(folder, 'workspace'), project }
}

/** What the branch holds beyond main, oldest first: the work itself. */
export async function workOn(project: string, branch: string): Promise<readonly string[]> {
  const { stdout } = await execa('git', [
    '-C',
    project,
    'log',
    '--oneline',
    '--no-decorate',
    '--reverse',
    `main..${branch}`,
  ])
  return stdout.split('\n').filter(Boolean)
}
