import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isNewEnough } from '../../../src/model/tmuxVersion.ts'
import { checkInstalled } from '../../../src/terminal/tmux/install.ts'

async function pathWith(programs: Record<string, string>): Promise<{ PATH: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'agency-path-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, name), 0o755)
  }
  return { PATH: folder }
}

test('the tmux of this machine is new enough', async () => {
  expect(isNewEnough(await checkInstalled(process.env))).toBe(true)
})

test.each([
  ['apt-get', 'apt-get install tmux'],
  ['brew', 'brew install tmux'],
  ['dnf', 'dnf install tmux'],
  ['apk', 'apk add tmux'],
  ['pacman', 'pacman -S tmux'],
])('without tmux, and with %s, the hint is: %s', async (installer, command) => {
  const missing = checkInstalled(await pathWith({ [installer]: 'exit 0' }))
  await expect(missing).rejects.toMatchObject({
    code: 'ENVIRONMENT',
    message: 'tmux is not installed',
    hint: expect.stringMatching(new RegExp(`^(sudo )?${command}$`)),
  })
})

test('an old tmux is refused by its version', async () => {
  const old = checkInstalled(await pathWith({ tmux: 'echo tmux 3.1c' }))
  await expect(old).rejects.toMatchObject({ code: 'ENVIRONMENT', message: expect.stringContaining('3.1c is too old') })
})

test('a tmux that does not start is not called missing', async () => {
  const broken = checkInstalled(await pathWith({ tmux: 'exit 1' }))
  await expect(broken).rejects.toMatchObject({ code: 'ENVIRONMENT', hint: 'tmux -V' })
})

test.each([
  ['3.2', true],
  ['3.3a', true],
  ['3.10', true],
  ['4.0', true],
  ['next-3.6', true],
  ['master', true],
  ['openbsd-7.4', true],
  ['3.1c', false],
  ['2.9', false],
  ['1.8', false],
])('version %s is new enough: %s', (version, answer) => {
  expect(isNewEnough(version)).toBe(answer)
})
