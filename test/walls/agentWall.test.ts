import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { workspaceAt } from '../../src/config/workspace.ts'
import { agentWall, refuseToOpen } from '../../src/walls/agentWall.ts'
import { clonedAt, markClone, unmarkClone } from '../../src/walls/places.ts'

const root = await realpath(await mkdtemp(join(tmpdir(), 'agency-walls-')))
afterAll(() => rm(root, { recursive: true, force: true }))
const home = join(root, 'tools', 'ws')
for (const folder of ['registry/tokens', 'sandbox/worktrees/Iso/a', 'agencies', 'registry/isolated'])
  await mkdir(join(home, folder), { recursive: true })
for (const folder of ['tools/bin', 'tools/lib', 'data', 'project']) await mkdir(join(root, folder), { recursive: true })
await writeFile(join(home, 'agency.yaml'), '')
await writeFile(join(root, 'tools', 'bin', 'agent'), '')
await symlink(join(home, 'registry'), join(root, 'data', 'link'))
const workspace = workspaceAt(home)
const repository = join(root, 'project')

/** Each word that names a place, with what is done there, in order. */
function steps(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    if (['--tmpfs', '--dir'].includes(word)) return [`${word} ${words[index + 1]}`]
    return ['--bind', '--ro-bind', '--symlink'].includes(word) ? [`${word} ${words[index + 2]}`] : []
  })
}

it('R-ALL-4 a workspace that lies in a folder of tools is hidden again, before anything of it is shown', () => {
  const workdir = join(home, 'sandbox', 'worktrees', 'Iso', 'a')
  const program = join(root, 'tools', 'bin', 'agent')
  const words = agentWall({
    ...{ workspace, repository, workdir, program, hasNetwork: true, path: dirname(program), buildsWalls: false },
    ...{ told: [join(home, 'agencies')], readable: [join(root, 'data')], writable: [] },
  })
  const order = steps(words)
  const at = (step: string) => order.lastIndexOf(step)
  expect(at(`--ro-bind ${join(root, 'tools')}`)).toBeGreaterThan(-1)
  expect(at(`--tmpfs ${home}`)).toBeGreaterThan(at(`--ro-bind ${join(root, 'tools')}`))
  expect(at(`--bind ${workdir}`)).toBeGreaterThan(at(`--tmpfs ${home}`))
  expect(
    order.filter(step => step.endsWith('/registry') || step.endsWith('/tokens') || step.endsWith('/project')),
  ).toEqual([])
  expect(words).toContain('--unshare-all')
  expect(words).toContain('--die-with-parent')
})

it('R-ALL-4 a program of a package sees what it is made of; one that builds walls itself is never root', async () => {
  const packages = join(root, 'cache', 'node_modules')
  await mkdir(join(packages, '.bin'), { recursive: true })
  await mkdir(join(packages, '@some', 'agent', 'bin'), { recursive: true })
  await writeFile(join(packages, '@some', 'agent', 'bin', 'cli.js'), '')
  const program = join(packages, '.bin', 'agent')
  await symlink(join(packages, '@some', 'agent', 'bin', 'cli.js'), program)
  const workdir = join(home, 'sandbox', 'worktrees', 'Iso', 'a')
  const words = (buildsWalls: boolean) =>
    agentWall({
      ...{ workspace, repository, workdir, program, hasNetwork: true, path: '/usr/bin', buildsWalls },
      ...{ told: [], readable: [], writable: [] },
    })
  expect(steps(words(false))).toContain(`--ro-bind ${packages}`)
  expect(words(false)).not.toContain('--uid')
  expect(words(true).includes('--uid')).toBe(process.getuid!() === 0)
})

it('R-ALL-4 nobody opens a way to what the wall keeps, by its name, from above, from within or by a link', () => {
  const kept = [
    ...[
      homedir(),
      dirname(homedir()),
      home,
      join(home, 'registry'),
      join(home, 'registry', 'tokens'),
      join(home, 'sandbox'),
    ],
    ...[dirname(home), repository, join(repository, '.git'), root, join(root, 'data', 'link')],
  ]
  for (const place of kept) expect(() => refuseToOpen(place, { workspace, repository }), place).toThrow(/would open/)
  for (const place of [join(root, 'data'), join(root, 'elsewhere'), join(home, 'agencies')])
    expect(() => refuseToOpen(place, { workspace, repository }), place).not.toThrow()
})

it('R-ALL-4 what is a clone is known by a mark of ours, whatever lies in the folder', async () => {
  const folder = join(workspace.worktrees, 'Iso', 'a')
  expect(clonedAt(workspace, folder)).toBeUndefined()
  await markClone(workspace, { folder, repository, branch: 'agency/Iso/a' })
  for (const path of [folder, join(folder, 'src', 'deep')])
    expect(clonedAt(workspace, path)).toEqual({ folder, repository, branch: 'agency/Iso/a' })
  for (const path of [
    workspace.worktrees,
    join(workspace.worktrees, 'Iso'),
    join(workspace.worktrees, 'Iso', 'b'),
    root,
    repository,
  ])
    expect(clonedAt(workspace, path)).toBeUndefined()
  await unmarkClone(workspace, folder)
  expect(clonedAt(workspace, folder)).toBeUndefined()
})
