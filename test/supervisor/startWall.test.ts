import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, expect, it } from 'vitest'
import { makeRunFolder, ownFolder, writeStart } from '../../src/supervisor/runFolder.ts'

const root = await mkdtemp(join(tmpdir(), 'agency-start-'))
afterAll(() => rm(root, { recursive: true, force: true }))

it('R-ALL-4 behind a wall a program has the variables that it may, none of the runner’s pipes, and its own copies of the person’s files', async () => {
  const run = join(root, "run's folder")
  await makeRunFolder(run)
  await mkdir(ownFolder(run))
  const login = join(root, 'login')
  await writeFile(login, 'secret of the person')
  const copy = join(ownFolder(run), 'config', 'login')
  const program = `env >${JSON.stringify(join(ownFolder(run), 'env'))}; for fd in 3 4; do [ ! -e /dev/fd/$fd ] || echo "open $fd"; done`
  const start = async () => {
    await writeStart(run, {
      launch: {
        argv: ['/bin/sh', '-c', program],
        env: { MINE: 'x' },
        unset: [],
        files: {},
        overlay: undefined,
        isolated: undefined,
      },
      ...{
        workdir: root,
        instance: 1,
        umask: 0o022,
        isPiped: false,
        ask: undefined,
        env: { AGENCY_RUN: ownFolder(run) },
      },
      wall: {
        words: ['env'],
        keep: ['PATH', 'LC_*'],
        copies: { [login]: copy, [join(root, 'nothing')]: join(run, 'no') },
      },
    })
    return execa('/bin/sh', ['-c', 'exec 3</dev/null 4</dev/null; sh ./start.sh'], {
      cwd: run,
      env: { PATH: process.env.PATH, LC_ALL: 'C', SSH_AUTH_SOCK: '/x', TMUX: '/y,1,0', MULTI: 'a\nPATH=/evil\nb' },
      extendEnv: false,
    })
  }
  const { stdout } = await start()
  expect(stdout).toBe('')
  const seen = await readFile(join(ownFolder(run), 'env'), 'utf8')
  const names = seen.split('\n').flatMap(line => line.split('=')[0] || [])
  expect(names.filter(name => !['PWD', '_', 'OLDPWD', 'SHLVL'].includes(name)).sort()).toEqual([
    'AGENCY_RUN',
    'LC_ALL',
    'MINE',
    'PATH',
  ])
  expect(seen).toContain(`PATH=${process.env.PATH}`)
  expect(await readFile(copy, 'utf8')).toBe('secret of the person')

  // What it has changed in its own copy stays, until the person's is newer.
  await writeFile(copy, 'of the agent')
  await start()
  expect(await readFile(copy, 'utf8')).toBe('of the agent')
  const later = Date.now() / 1000 + 3600
  await utimes(login, later, later)
  await start()
  expect(await readFile(copy, 'utf8')).toBe('secret of the person')
})
