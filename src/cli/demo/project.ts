/** The demo's project: a real git repository with real tests and something that nobody has done yet. */
import { cp, mkdtemp, realpath, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { packageRoot } from '../../config/workspace.ts'
import type { Play } from './plays.ts'

export interface DemoPlace {
  /** Holds both, and goes as a whole. */
  readonly folder: string
  readonly workspace: string
  readonly project: string
}

export async function layOutProject({ project: name, begins }: Play): Promise<DemoPlace> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'agency-demo-')))
  const project = join(folder, name)
  await cp(join(packageRoot, 'templates', 'projects', name), project, { recursive: true })
  // npm leaves a .gitignore out of a package: a project's own is kept under another name.
  await rename(join(project, 'gitignore'), join(project, '.gitignore')).catch(() => undefined)
  const git = (...args: string[]) =>
    execa('git', ['-C', project, '-c', 'user.name=Demo', '-c', 'user.email=demo@localhost', ...args])
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--all')
  await git('commit', '--quiet', '--message', begins)
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
