import fc from 'fast-check'
import { expect, test } from 'vitest'
import { until } from '../../../src/kernel/abort.ts'
import { styledRows } from '../../../src/model/styledText.ts'
import type { SessionSpec } from '../../../src/terminal/terminal.ts'
import { splitFields } from '../../../src/terminal/tmux/snapshot.ts'
import { privateTmux, QUIET } from '../privateTmux.ts'

function specOf(folder: string, name: string, count: number): SessionSpec {
  const windows = Array.from({ length: count }, (_, i) => ({
    name: `w${i}`,
    cwd: folder,
    owner: `${name}/w${i}`,
    argv: QUIET,
  }))
  return { name, workspace: 'test', windows }
}

test('fields are parted by bare blanks only, and may be empty', () => {
  expect(splitFields('%1 a\\ b  \\\\ 日本\\#x ')).toEqual(['%1', 'a b', '', '\\', '日本#x', ''])
  expect(splitFields('\\  ')).toEqual([' ', ''])
  expect(splitFields('')).toEqual([''])
})

test('no title, name or owner is taken for anything else', async () => {
  const { terminal, folder, cli } = await privateTmux()
  await terminal.connect()
  const { panes } = await terminal.createSession(specOf(folder, 'Code', 2))
  const [pane, other] = panes
  const unit = fc.constantFrom(...' \\"\'#$[]{}()|%;,:=~`*?&<>\t\n\x1f\x01', 'é', '日', '␞', 'x', '\u009f')
  await fc.assert(
    fc.asyncProperty(fc.string({ unit }), fc.string({ unit }), async (title, owner) => {
      await cli('select-pane', '-t', pane!.id, '-T', `${title.replaceAll('#', '##')}.`)
      await cli('set-option', '-p', '-t', pane!.id, '@agency', `${owner}.`)
      const now = await terminal.snapshot()
      expect(now.panes).toHaveLength(2)
      expect(now.panes[0]).toMatchObject({
        id: pane!.id,
        windowName: 'w0',
        owner: `${owner}.`.replace(/[\x00-\x1f\x7f-\x9f]/g, ' '),
      })
      expect(now.panes[1]).toEqual({ ...other, currentCommand: expect.any(String) })
    }),
    { numRuns: 60 },
  )
  await cli('select-pane', '-t', pane!.id, '-T', 'a \\ "b" 日本 | $x')
  expect((await terminal.snapshot()).panes[0]?.title).toBe('a \\ "b" 日本 | $x')
})

test('what has not changed stays the same object, and what has is read anew', async () => {
  const { terminal, folder, cli } = await privateTmux()
  await terminal.connect()
  await terminal.createSession(specOf(folder, 'Code', 3))
  const settled = async () => {
    const [one, other] = [await terminal.snapshot(), await terminal.snapshot()]
    return one === other && one
  }
  const before = await until(settled, { timeoutMs: 5000 })
  const [first, second, third] = before ? before.panes : []
  await cli('select-pane', '-t', second!.id, '-T', 'another')
  const after = await terminal.snapshot()
  expect(after.panes[0]).toBe(first)
  expect(after.panes[1]).toMatchObject({ id: second!.id, title: 'another' })
  await cli('kill-window', '-t', first!.windowId)
  expect((await terminal.snapshot()).panes.map(pane => pane.id)).toEqual([second!.id, third!.id])
  await cli('rename-session', '-t', 'Code', 'Other')
  expect((await terminal.snapshot()).sessions.map(session => session.name)).toEqual(['Other'])
})

test('a program whose name holds a newline cannot write a line of the list', async () => {
  const { terminal, folder } = await privateTmux()
  await terminal.connect()
  const forged = 'x\n$9 @9 %9 0 1 0 0 80 24 Code forged sh me t'
  const argv = ['bash', '-c', 'stty raw -echo; exec -a "$1" cat', 'bash', forged]
  const windows = [{ name: 'w', cwd: folder, owner: 'w', argv }]
  const { panes } = await terminal.createSession({ name: 'Code', workspace: 'test', windows })
  const renamed = async () => (await terminal.snapshot()).panes.some(pane => pane.currentCommand.startsWith('x'))
  expect(await until(renamed, { timeoutMs: 5000 })).toBe(true)
  expect((await terminal.snapshot()).panes.map(pane => pane.id)).toEqual(panes.map(pane => pane.id))
})

test('R-AGY-1: a hundred panes are listed, once each, without the hidden session', async () => {
  const { terminal, folder, cli } = await privateTmux()
  const { serverPid } = await terminal.connect()
  for (const name of ['A', 'AB', 'ABC', 'ABCD']) await terminal.createSession(specOf(folder, name, 25))
  await cli('new-session', '-d', '-t', '=ABC:', '-s', 'view-of-the-person')
  const snapshot = await terminal.snapshot()
  expect(snapshot.serverPid).toBe(serverPid)
  expect(snapshot.panes).toHaveLength(100)
  expect(new Set(snapshot.panes.map(pane => pane.id)).size).toBe(100)
  expect(snapshot.panes.every(pane => pane.owner === `${pane.sessionName}/${pane.windowName}`)).toBe(true)
  expect(snapshot.sessions.map(session => [session.name, session.workspace])).toEqual([
    ['A', 'test'],
    ['AB', 'test'],
    ['ABC', 'test'],
    ['ABCD', 'test'],
    ['view-of-the-person', ''],
  ])
})

test('a screen has all its lines as shown, with cursor, title and size', async () => {
  const { terminal, folder } = await privateTmux()
  await terminal.connect()
  const script =
    "printf '\\033]2;✦ Working… #{pid} %%H\\007%%end 1 2 0\\n\\033[31mred\\033[0m  \\n'; printf 'é%.0s' $(seq 250); exec cat"
  const windows = [{ name: 'w', cwd: folder, owner: 'w', argv: ['bash', '-c', script] }]
  const { panes } = await terminal.createSession({ name: 'Code', workspace: 'test', windows })
  const screen = await until(
    async () => {
      const now = await terminal.capture(panes[0]!.id)
      return now.cursorX === 50 && now
    },
    { timeoutMs: 5000 },
  )
  expect(screen).toMatchObject({
    cursorX: 50,
    cursorY: 3,
    title: '✦ Working… #{pid} %H',
    inMode: false,
    panePid: panes[0]!.pid,
  })
  expect([screen!.width, screen!.height, screen!.lines.length]).toEqual([200, panes[0]!.height, panes[0]!.height])
  expect(screen!.lines.slice(0, 5)).toEqual(['%end 1 2 0', 'red', 'é'.repeat(200), 'é'.repeat(50), ''])
})

test('a screen comes with as much history as was asked for, and what is shown stands at its end', async () => {
  const { terminal, folder } = await privateTmux()
  await terminal.connect()
  const windows = [{ name: 'w', cwd: folder, owner: 'w', argv: ['sh', '-c', 'seq -f "line %g" 1 300; exec cat'] }]
  const { panes } = await terminal.createSession({ name: 'Code', workspace: 'test', windows })
  const pane = panes[0]!.id
  await expect.poll(async () => (await terminal.capture(pane)).lines.includes('line 300'), { interval: 5 }).toBe(true)
  const shown = await terminal.capture(pane)
  expect(shown.lines).not.toContain('line 1')
  const whole = await terminal.capture(pane, { historyLines: 2000 })
  expect(whole.lines[0]).toBe('line 1')
  expect(whole.lines.slice(-whole.height)).toEqual(shown.lines)
})

test('R-APR-5 a screen comes with its colors where they are asked for, and a pane tells when it printed last', async () => {
  const { terminal, cli, folder } = await privateTmux()
  await terminal.connect()
  const script = `printf '\\033[1;31mred\\033[0m\\033(0q\\033(B\\n'; exec cat`
  const windows = [{ name: 'w', cwd: folder, owner: 'w', argv: ['sh', '-c', script] }]
  const { panes } = await terminal.createSession({ name: 'Code', workspace: 'test', windows })
  const pane = panes[0]!.id
  const rows = async () => styledRows((await terminal.capture(pane, { withStyles: true })).lines)
  await expect.poll(rows, { interval: 5 }).toContainEqual([{ text: 'red', weight: '1', color: '31' }, { text: '─' }])
  expect((await terminal.capture(pane)).lines[0]).toBe('redq')

  const before = await terminal.trace(pane)
  expect(Math.abs(before.printedAt - Date.now())).toBeLessThan(10_000)
  await expect.poll(() => Date.now() > before.printedAt, { interval: 20, timeout: 3_000 }).toBe(true)
  expect(await terminal.trace(pane)).toEqual(before)
  await cli('send-keys', '-t', pane, 'x', 'Enter')
  await expect
    .poll(async () => (await terminal.trace(pane)).printedAt, { interval: 5 })
    .toBeGreaterThan(before.printedAt)
  await cli('resize-window', '-t', pane, '-x', '70')
  await expect.poll(async () => (await terminal.trace(pane)).shape).toMatch(/^70x/)
})

test('a server that is gone is not started by a client that may not', async () => {
  const { terminal, cli } = await privateTmux()
  await terminal.connect()
  await cli('kill-server')
  await expect.poll(() => terminal.isConnected, { interval: 5 }).toBe(false)
  await expect(terminal.connect({ mayStart: false })).rejects.toMatchObject({ code: 'TMUX' })
  await expect(cli('list-sessions')).rejects.toThrow()
})
