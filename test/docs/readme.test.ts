/** What the README shows is run here, command by command, in its order. */
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { explainSettings } from '../../src/config/explained.ts'
import { parseSettings } from '../../src/config/settings.ts'
import { packageRoot } from '../../src/config/workspace.ts'
import { endServer } from '../e2e/workbench.ts'

/** Run elsewhere, and named here so that no other command escapes. */
const ELSEWHERE = new Set(['npm start'])

it('R-ALL-3 every command of the README works as typed', async () => {
  const text = await readFile(join(packageRoot, 'README.md'), 'utf8')
  const commands = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(block => block[1]!.trim().split('\n'))
  expect(commands.length).toBeGreaterThan(20)
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'agency-readme-')))
  const socket = `agency-test-${process.pid}-readme`
  const env = await environment(folder, socket)
  const shell = (command: string) =>
    execa('bash', ['-c', command], {
      cwd: join(folder, 'project'),
      env,
      extendEnv: false,
      reject: false,
      timeout: 60_000,
      stdin: 'ignore',
    })
  try {
    await shell('git init -q . && git commit -q --allow-empty -m Begin')
    for (const command of commands.filter(line => !ELSEWHERE.has(line))) {
      // Attaching needs a terminal: what it would run is printed instead, and e2e tests attach for real.
      const typed = command.startsWith('agency attach') ? `${command} --print` : command
      const ran = await shell(typed)
      expect(ran.exitCode, `${typed}\n${ran.stdout}\n${ran.stderr}`).toBe(0)
    }
  } finally {
    await shell('agency down; agency --workspace ./plain down')
    await endServer(socket)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}, 300_000)

it('R-ALL-3 the README names every driver that is shipped', async () => {
  const text = await readFile(join(packageRoot, 'README.md'), 'utf8')
  const shipped = (await readdir(join(packageRoot, 'templates', 'drivers'))).map(file => file.replace('.yaml', ''))
  expect(shipped).toContain('rehearsal')
  for (const driver of shipped) expect(text).toMatch(new RegExp(`^\\| \`${driver}\` +\\|`, 'm'))
})

it('R-ALL-3 the README tells every setting, its default and its meaning, as agency config does', async () => {
  const text = await readFile(join(packageRoot, 'README.md'), 'utf8')
  const told = [...text.matchAll(/^\| `([\w.]+)` +\| `([^`]+)` +\| (.+?) +\|$/gm)].map(([, ...cells]) => cells)
  const settings = explainSettings(parseSettings('', 'agency.yaml'))
  expect(settings.length).toBeGreaterThan(10)
  expect(told).toEqual(
    settings.map(({ name, value, about }) => [name, value === undefined ? '-' : JSON.stringify(value), about]),
  )
  for (const { name, about } of settings) expect(about, name).not.toBe('')
})

async function environment(folder: string, socket: string): Promise<Record<string, string>> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await mkdir(join(folder, 'project'))
  await symlink(join(packageRoot, 'bin', 'agency.js'), join(bin, 'agency'))
  await chmod(join(packageRoot, 'bin', 'agency.js'), 0o755)
  await writeFile(join(folder, '.gitconfig'), '[user]\n\tname = Reader\n\temail = reader@localhost\n')
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(AGENCY_|TMUX|GIT_)/.test(key)),
  ) as Record<string, string>
  return {
    ...clean,
    HOME: folder,
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    AGENCY_TMUX_SOCKET: socket,
    AGENCY_TMUX_CONFIG: '/dev/null',
    NO_COLOR: '1',
  }
}
