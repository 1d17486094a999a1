import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../src/kernel/abort.ts'
import { attachKeeper } from '../../../src/terminal/tmux/keeper.ts'
import { privateTmux, QUIET } from '../privateTmux.ts'

function windowsIn(folder: string, names: readonly string[] = ['w']) {
  return names.map(name => ({ name, cwd: folder, owner: name, argv: QUIET }))
}

test('connecting starts the server, says which, and twice is once', async () => {
  const { terminal, cli } = await privateTmux()
  const [first, second] = await Promise.all([terminal.connect(), terminal.connect()])
  expect(first).toEqual(second)
  expect(`${first.serverPid} ${first.version}\n`).toBe(await cli('display-message', '-p', '#{pid} #{version}'))
  expect(await cli('list-sessions', '-F', '#{session_name} #{session_attached}')).toBe('agency-keeper-test 1\n')
  expect(await terminal.snapshot()).toEqual({ serverPid: first.serverPid, sessions: [], panes: [] })
})

test('a server that is killed is noticed at once, what was asked is refused, and connecting works again', async () => {
  const { terminal, folder, cli } = await privateTmux()
  const before = await terminal.connect()
  await terminal.createSession({ name: 'Code', workspace: 'test', windows: windowsIn(folder) })
  for (let round = 0; round < 5; round++) {
    const { serverPid } = round === 0 ? before : await terminal.connect()
    const lost = new Promise<void>(resolve => {
      const stop = terminal.onChange(() => {
        if (terminal.isConnected) return
        stop()
        resolve()
      })
    })
    await cli('kill-server')
    await lost
    await expect(terminal.snapshot()).rejects.toMatchObject({ code: 'TMUX', hint: 'agency up' })
    const after = await terminal.connect()
    expect(after.serverPid).not.toBe(serverPid)
    expect(await terminal.snapshot()).toMatchObject({ serverPid: after.serverPid, sessions: [] })
  }
})

test('what was asked of a server that dies is refused as gone', async () => {
  const { terminal } = await privateTmux()
  const { serverPid } = await terminal.connect()
  process.kill(serverPid, 'SIGSTOP')
  const asked = [terminal.snapshot(), terminal.snapshot()]
  process.kill(serverPid, 'SIGKILL')
  for (const answer of await Promise.allSettled(asked))
    expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'TMUX', message: 'the tmux server is gone' } })
  expect((await terminal.connect()).serverPid).not.toBe(serverPid)
})

test('a server that no longer answers is given up', async () => {
  const { terminal } = await privateTmux({ answerTimeoutMs: 200 })
  const { serverPid } = await terminal.connect()
  process.kill(serverPid, 'SIGSTOP')
  await expect(terminal.snapshot()).rejects.toMatchObject({ code: 'TMUX' })
  expect(terminal.isConnected).toBe(false)
  process.kill(serverPid, 'SIGCONT')
  expect((await terminal.connect()).serverPid).toBe(serverPid)
})

test('connecting right after kill-server works every time, though the dying server still takes clients', async () => {
  const { socketName } = await privateTmux()
  const attach = () =>
    attachKeeper({
      serverArgs: ['-L', socketName, '-f', '/dev/null'],
      keeper: 'test',
      env: process.env,
      answerTimeoutMs: 5000,
      onNotification: () => {},
      onLost: () => {},
    })
  for (let round = 0; round < 20; round++) {
    const { channel } = await attach()
    const killed = channel.run(['kill-server']).catch(() => {})
    const next = await attach()
    expect(await next.channel.run(['display-message', '-p', '#{pid}'])).toEqual([`${next.serverPid}`])
    await Promise.all([killed, channel.close(), next.channel.close()])
  }
})

test('letting go of a server that has stopped does not hang', async () => {
  const { terminal } = await privateTmux()
  const { serverPid } = await terminal.connect()
  process.kill(serverPid, 'SIGSTOP')
  onTestFinished(() => {
    process.kill(serverPid, 'SIGCONT')
  })
  await terminal[Symbol.asyncDispose]()
  expect(terminal.isConnected).toBe(false)
})

test('a daemon without a terminal or a locale connects', async () => {
  const names = ['TERM', 'LANG', 'LC_ALL', 'LC_CTYPE']
  const before = names.map(name => [name, process.env[name]] as const)
  for (const name of names) delete process.env[name]
  onTestFinished(() => {
    for (const [name, value] of before) if (value !== undefined) process.env[name] = value
  })
  const { terminal } = await privateTmux()
  await expect(terminal.connect()).resolves.toMatchObject({ version: expect.any(String) })
})

test('connecting can be given up', async () => {
  const { terminal } = await privateTmux()
  await expect(terminal.connect({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  expect(terminal.isConnected).toBe(false)
  await terminal.connect()
})

test('letting go detaches only: the hidden session and the teams stay, and the next daemon finds them', async () => {
  const { terminal, another, folder } = await privateTmux({ conf: 'set -g destroy-unattached on' })
  const { serverPid } = await terminal.connect()
  const created = await terminal.createSession({ name: 'Code', workspace: 'test', windows: windowsIn(folder) })
  await terminal[Symbol.asyncDispose]()
  await expect(terminal.snapshot()).rejects.toMatchObject({ code: 'TMUX' })
  const next = another()
  expect((await next.connect()).serverPid).toBe(serverPid)
  expect((await next.snapshot()).panes.map(pane => pane.id)).toEqual(created.panes.map(pane => pane.id))
})

test('ending the hidden session ends a server that has no other', async () => {
  const { terminal, cli } = await privateTmux()
  await terminal.connect()
  await terminal.killKeeper()
  expect(terminal.isConnected).toBe(false)
  expect(
    await until(
      () =>
        cli('list-sessions').then(
          () => false,
          () => true,
        ),
      { timeoutMs: 5000 },
    ),
  ).toBe(true)
})

test('when the hidden session is killed, our client does not slip into a session of the person', async () => {
  const { terminal, cli } = await privateTmux({ conf: 'set -g detach-on-destroy off' })
  await terminal.connect()
  await cli('new-session', '-d', '-s', 'person')
  await cli('kill-session', '-t', '=agency-keeper-test:')
  expect(await until(() => !terminal.isConnected, { timeoutMs: 5000 })).toBe(true)
  expect(await cli('list-sessions', '-F', '#{session_name} #{session_attached}')).toBe('person 0\n')
  await terminal.connect()
  expect((await terminal.snapshot()).sessions.map(({ name }) => name)).toEqual(['person'])
})

test('two workspaces on one server do not disturb each other; a second daemon of one evicts the first', async () => {
  const { terminal, another } = await privateTmux()
  const other = another({ keeper: 'other' })
  await terminal.connect()
  await other.connect()
  expect([terminal.isConnected, other.isConnected]).toEqual([true, true])
  const second = another()
  await second.connect()
  expect(await until(() => !terminal.isConnected, { timeoutMs: 5000 })).toBe(true)
  expect([second.isConnected, other.isConnected]).toEqual([true, true])
})

test('a change wakes the listeners until they leave', async () => {
  const { terminal, folder, cli } = await privateTmux()
  await terminal.connect()
  const { panes } = await terminal.createSession({
    name: 'Code',
    workspace: 'test',
    windows: windowsIn(folder, ['a', 'b']),
  })
  let wakes = 0
  const stop = terminal.onChange(() => {
    wakes += 1
  })
  const wakesBy = async (...args: string[]) => {
    const before = wakes
    await cli(...args)
    return until(() => wakes > before, { timeoutMs: 5000 })
  }
  expect(await wakesBy('rename-window', '-t', panes[0]!.id, 'renamed')).toBe(true)
  expect(await wakesBy('copy-mode', '-t', panes[0]!.id)).toBe(true)
  expect(await wakesBy('kill-window', '-t', panes[0]!.windowId)).toBe(true)
  expect(await wakesBy('kill-session', '-t', '=Code:')).toBe(true)
  stop()
  const before = wakes
  await cli('new-session', '-d', '-s', 'more')
  await terminal.snapshot()
  expect(wakes).toBe(before)
})

test('people who look at a team keep their size, and see a message', async () => {
  const { terminal, folder, cli, socketName } = await privateTmux()
  await terminal.connect()
  const windows = windowsIn(folder, ['a', 'b'])
  const { sessions } = await terminal.createSession({ name: 'Code', workspace: 'test', windows })
  // A second server gives the person a terminal, and lets us see what they see.
  const desk = await privateTmux()
  const attach = ['env', '-u', 'TMUX', 'tmux', '-L', socketName, 'attach', '-t', '=Code']
  await desk.cli('new-session', '-d', '-s', 'desk', '-x', '90', '-y', '32', ...attach)
  await desk.terminal.connect()
  const { panes } = await desk.terminal.snapshot()
  const size = () => cli('display-message', '-p', '-t', '=Code:', '#{window_width}x#{window_height} #{window_name}')
  await expect.poll(size, { timeout: 5000, interval: 10 }).toBe(`90x${panes[0]!.height - 1} a\n`)
  const before = await size()
  await terminal.addWindow(sessions[0]!.id, windowsIn(folder, ['c'])[0]!)
  await terminal.snapshot()
  expect(await size()).toBe(before)
  await terminal.notify([sessions[0]!.id], '#S 100% of #[fg=red]quota\nis $(used) ✓')
  const bar = async () => (await desk.terminal.capture(panes[0]!.id)).lines.at(-1)
  await expect.poll(bar, { timeout: 5000, interval: 10 }).toBe('#S 100% of #[fg=red]quota is $(used) ✓')
})

test('a client in the C locale still reads unicode', async () => {
  const before = { LC_ALL: process.env['LC_ALL'] }
  process.env['LC_ALL'] = 'C'
  onTestFinished(() => {
    if (before.LC_ALL === undefined) delete process.env['LC_ALL']
    else process.env['LC_ALL'] = before.LC_ALL
  })
  const { terminal, folder, cli } = await privateTmux()
  await terminal.connect()
  const { panes } = await terminal.createSession({ name: 'Code', workspace: 'test', windows: windowsIn(folder) })
  await cli('select-pane', '-t', panes[0]!.id, '-T', '✋ 日本')
  expect((await terminal.snapshot()).panes[0]?.title).toBe('✋ 日本')
})

test('a socket folder that cannot be used is told in the words of tmux', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agency-socket-'))
  const before = process.env['TMUX_TMPDIR']
  onTestFinished(async () => {
    if (before === undefined) delete process.env['TMUX_TMPDIR']
    else process.env['TMUX_TMPDIR'] = before
    await promisify(execFile)('chmod', ['-R', '700', folder])
    await rm(folder, { recursive: true, force: true })
  })
  const { terminal } = await privateTmux()
  process.env['TMUX_TMPDIR'] = join(folder, 'x'.repeat(120))
  await promisify(execFile)('mkdir', ['-p', process.env['TMUX_TMPDIR']])
  await expect(terminal.connect()).rejects.toMatchObject({
    code: 'TMUX',
    message: expect.stringContaining('File name too long'),
  })
})
