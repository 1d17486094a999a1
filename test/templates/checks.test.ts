import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { readYaml } from '../../src/config/yaml.ts'
import { checkOf } from '../../src/model/check.ts'
import { definitionSchema } from '../../src/model/definition.ts'

const FOUND: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no conflict markers are left': { 'a.js': '<<<<<<< HEAD\n', 'a.md': '>>>>>>> main\n', 'a.sh': '<<<<<<< HEAD\n' },
  'no private key is committed': { 'a.txt': '-----BEGIN RSA PRIVATE KEY-----\n' },
  'shell scripts can be read': { 'a.sh': 'if then\n' },
}

it('R-TSK-4 a shipped check finds what it is for, passes what is clean, and says where it cannot look', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agency-shipped-checks-'))
  const run = (name: string, command: string) => {
    const ran = spawnSync('sh', ['-c', command], { cwd: join(folder, name), encoding: 'utf8' })
    return [ran.status, ran.stdout.trim()] as const
  }
  const lay = async (name: string, files: Readonly<Record<string, string>>, isGit: boolean) => {
    await mkdir(join(folder, name))
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, name, file), text)
    // As in a sandbox, where the repository that a worktree belongs to is not there.
    if (!isGit) return writeFile(join(folder, name, '.git'), 'gitdir: /nowhere/.git/worktrees/x\n')
    execFileSync('git', ['init', '--quiet'], { cwd: join(folder, name) })
    execFileSync('git', ['add', '-A'], { cwd: join(folder, name) })
  }
  try {
    await lay('clean', { 'a.js': 'x\n', 'a.md': 'x\n', 'a.sh': 'true\n', 'a.txt': 'x\n' }, true)
    for (const [index, files] of Object.values(FOUND).entries()) {
      await lay(`bad-${index}`, files, true)
      await lay(`apart-${index}`, files, false)
    }
    const home = join(packageRoot, 'templates', 'agencies')
    const tried = new Set<string>()
    for (const agency of await readdir(home)) {
      const file = join(home, agency, 'agency.json')
      const { checks } = readYaml(await readFile(file, 'utf8'), file, definitionSchema)
      for (const { name = '', command } of checks.map(checkOf)) {
        expect([agency, name]).toEqual([agency, expect.stringMatching(/\w/)])
        expect([agency, name, ...run('clean', command)]).toEqual([agency, name, 0, ''])
        const index = Object.keys(FOUND).indexOf(name)
        if (index < 0) continue
        tried.add(name)
        expect([agency, name, run(`bad-${index}`, command)[0]]).toEqual([agency, name, 1])
        expect([agency, name, ...run(`apart-${index}`, command)]).toEqual([
          ...[agency, name, 0],
          expect.stringMatching(/^no git here: /),
        ])
      }
    }
    expect([...tried].sort()).toEqual(Object.keys(FOUND).sort())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
