import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../../../src/kernel/abort.ts'
import type { SessionSpec, Snapshot } from '../../../src/terminal/terminal.ts'
import { type PrivateTmux, privateTmux, QUIET } from '../privateTmux.ts'

const NAMES = ['coordinator', 'python-agent', 'js-agent', 'go-agent', 'code-reviewer', 'tools', 'sandbox']

/** Everything a tmux.conf can say against us. */
const HOSTILE = `
set -g base-index 1
setw -g pane-base-index 1
set -g renumber-windows on
setw -g remain-on-exit on
setw -g automatic-rename on
setw -g allow-rename on
set -g set-titles on
set -g default-command "echo hello from the person; exec sh"
set -g default-shell /bin/bash
setw -g aggressive-resize on
setw -g window-size smallest
set -g default-size 33x11
set -g destroy-unattached on
set -g detach-on-destroy off
set -g exit-empty on
set -g update-environment "SECRET_OF_DAEMON"
set-hook -g after-new-window "display-message -p hooked"
set-hook -g after-new-session "display-message -p hooked"
set-hook -g window-renamed "display-message -p renamed"
`

function specOf(folder: string, name: string, names = NAMES): SessionSpec {
  const windows = names.map(window => ({ name: window, cwd: folder, argv: QUIET, owner: `${name}/${window}` }))
  return { name, workspace: 'test', windows }
}

function windowsOf(snapshot: Snapshot, session: string): string[] {
  return snapshot.panes
    .filter(pane => pane.sessionName === session)
    .map(pane => `${pane.windowIndex}:${pane.windowName}`)
}

const ORDERED = NAMES.map((name, index) => `${index}:${name}`)

describe('a session', () => {
  test('R-AGY-1: has its windows numbered from 0 in the asked order, each with its owner', async () => {
    const { terminal, folder } = await privateTmux()
    await terminal.connect()
    const snapshot = await terminal.createSession(specOf(folder, 'Code'))
    expect(windowsOf(snapshot, 'Code')).toEqual(ORDERED)
    expect(snapshot.panes.map(pane => pane.owner)).toEqual(NAMES.map(name => `Code/${name}`))
    expect(snapshot.panes.map(pane => [pane.width, pane.height])).toEqual(NAMES.map(() => [200, expect.any(Number)]))
    expect(snapshot.sessions).toEqual([{ id: expect.stringMatching(/^\$\d+$/), name: 'Code', workspace: 'test' }])
  })

  test('R-AGY-1: comes out the same under a tmux.conf that says otherwise', async () => {
    const { terminal, folder, cli } = await privateTmux({ conf: HOSTILE })
    await terminal.connect()
    const renames = ['sh', '-c', "printf '\\033kstolen\\033\\\\\\033]2;my title\\007'; exec cat"]
    const { windows, ...spec } = specOf(folder, 'Code')
    const created = await terminal.createSession({
      ...spec,
      windows: windows.map(window => ({ ...window, argv: renames })),
    })
    expect(windowsOf(created, 'Code')).toEqual(ORDERED)
    const titled = await until(
      async () => {
        const now = await terminal.snapshot()
        return now.panes.every(pane => pane.title === 'my title') && now
      },
      { timeoutMs: 5000 },
    )
    expect(windowsOf(titled!, 'Code')).toEqual(ORDERED)
    expect(titled!.panes.every(pane => pane.width === 200)).toBe(true)
    expect(await cli('show-options', '-gv', 'base-index')).toBe('1\n')
    await terminal.killWindow(titled!.panes[2]!.windowId)
    const left = await terminal.snapshot()
    expect(windowsOf(left, 'Code')).toEqual(ORDERED.filter((_, index) => index !== 2))
  })

  test('leaves no dead pane behind under remain-on-exit', async () => {
    const { terminal, folder } = await privateTmux({ conf: HOSTILE })
    await terminal.connect()
    const { windows, ...spec } = specOf(folder, 'Code', ['stays', 'ends'])
    const ends = ['sh', '-c', `until [ -e ${folder}/go ]; do sleep 0.02; done`]
    await terminal.createSession({ ...spec, windows: [windows[0]!, { ...windows[1]!, argv: ends }] })
    await mkdir(join(folder, 'go'))
    const left = await until(
      async () => {
        const { panes } = await terminal.snapshot()
        return panes.length === 1 && panes
      },
      { timeoutMs: 5000 },
    )
    expect(left?.map(pane => pane.windowName)).toEqual(['stays'])
  })

  test('whose name is taken is refused, and the other one is left alone', async () => {
    const { terminal, folder, cli } = await privateTmux()
    await terminal.connect()
    await cli('new-session', '-d', '-s', 'Code', '-n', 'mine')
    await expect(terminal.createSession(specOf(folder, 'Code'))).rejects.toMatchObject({
      code: 'CONFLICT',
      hint: expect.stringMatching(/tmux -L \S+ attach -t Code .*tmux -L \S+ kill-session -t '=Code'/),
    })
    expect(windowsOf(await terminal.snapshot(), 'Code')).toEqual(['0:mine'])
  })

  test('is taken back whole when one of its windows cannot be made', async () => {
    const { terminal, folder } = await privateTmux()
    await terminal.connect()
    const { windows, ...spec } = specOf(folder, 'Code')
    const broken = windows.with(4, { ...windows[4]!, env: { 'NOT\0ALLOWED': 'x' } })
    await expect(terminal.createSession({ ...spec, windows: broken })).rejects.toMatchObject({ code: 'USAGE' })
    expect(await terminal.snapshot()).toMatchObject({ sessions: [], panes: [] })
  })

  test('is taken back whole when tmux refuses half-way', async () => {
    const conf = `set-hook -g after-new-window 'kill-window -t "=Code:2"'`
    const { terminal, folder, cli } = await privateTmux({ conf })
    await terminal.connect()
    await cli('new-session', '-d', '-s', 'CodeAgency')
    await expect(terminal.createSession(specOf(folder, 'Code'))).rejects.toMatchObject({ name: 'AgencyError' })
    expect((await terminal.snapshot()).sessions.map(({ name }) => name)).toEqual(['CodeAgency'])
  })

  test('is not begun where tmux 3.3a would crash: window-size manual takes the server down at every new window', async () => {
    const { terminal, folder, cli } = await privateTmux()
    await terminal.connect()
    await cli('set-option', '-gw', 'window-size', 'manual')
    await expect(terminal.createSession(specOf(folder, 'Code'))).rejects.toMatchObject({
      code: 'ENVIRONMENT',
      hint: 'tmux set-option -gw window-size latest',
    })
    expect(terminal.isConnected).toBe(true)
  })

  test('is not begun when a folder is missing', async () => {
    const { terminal, folder } = await privateTmux()
    await terminal.connect()
    const spec = specOf(join(folder, 'nowhere'), 'Code')
    await expect(terminal.createSession(spec)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await terminal.snapshot()).sessions).toEqual([])
  })

  test('leaves the sessions of the person as they were, even one whose name begins alike', async () => {
    const { terminal, folder, cli } = await privateTmux()
    await cli('new-session', '-d', '-s', 'CodeAgency', '-n', 'mine', '-x', '90', '-y', '30')
    const before = await cli('list-windows', '-t', '=CodeAgency:')
    await terminal.connect()
    const { sessions } = await terminal.createSession(specOf(folder, 'Code', ['one', 'two']))
    expect(await cli('list-windows', '-t', '=CodeAgency:')).toBe(before)
    expect(sessions.find(({ name }) => name === 'CodeAgency')?.workspace).toBe('')
    await terminal.killSession(sessions.find(({ name }) => name === 'Code')!.id)
    expect((await terminal.snapshot()).sessions.map(({ name }) => name)).toEqual(['CodeAgency'])
  })

  test('gives each window its own environment and none of another', async () => {
    const conf = 'set -g update-environment "SECRET_OF_DAEMON AGENCY_TOKEN"'
    const { terminal, folder, cli } = await privateTmux({ conf })
    await cli('new-session', '-d', '-s', 'person')
    process.env['SECRET_OF_DAEMON'] = 'daemon'
    onTestFinished(() => {
      delete process.env['SECRET_OF_DAEMON']
    })
    await terminal.connect()
    const argv = (name: string) => [
      'sh',
      '-c',
      `env >${folder}/${name}.tmp; mv ${folder}/${name}.tmp ${folder}/${name}; exec cat`,
    ]
    const windows = ['a', 'b'].map(name => ({
      name,
      cwd: folder,
      owner: name,
      argv: argv(name),
      env: { [`ONLY_${name}`]: `#{pid} %H $HOME 'x' ${name}` },
    }))
    await terminal.createSession({ name: 'Code', workspace: 'test', windows })
    const read = (name: string) =>
      until(() => readFile(join(folder, name), 'utf8').catch(() => false as const), { timeoutMs: 5000 })
    const [a, b] = [await read('a'), await read('b')]
    expect(a).toContain("ONLY_a=#{pid} %H $HOME 'x' a\n")
    expect(a).not.toContain('ONLY_b')
    expect(b).toContain('ONLY_b=')
    expect(b).not.toContain('ONLY_a')
    expect(a).not.toContain('SECRET_OF_DAEMON')
  })

  test('inherits nothing of ours from a server that we started', async () => {
    process.env['AGENCY_TOKEN'] = 'token'
    onTestFinished(() => {
      delete process.env['AGENCY_TOKEN']
    })
    const { terminal, cli } = await privateTmux()
    await terminal.connect()
    const environment = await cli('show-environment', '-g')
    expect(environment).toContain('PATH=')
    expect(environment).not.toMatch(/^(AGENCY_|TMUX)/m)
  })

  test('starts programs without a shell in between, in a folder with an odd name', async () => {
    const { terminal, folder } = await privateTmux({ conf: 'set -g default-shell /bin/false' })
    const odd = join(folder, 'a #S ##[b] %d \'"$HOME~;')
    await mkdir(odd)
    await terminal.connect()
    const argv = ['sh', '-c', 'printf "%s\\n" "$PWD" "$@"; exec cat', 'sh', '$HOME', 'a;b', '#{pid}', '-x', '']
    const windows = [
      { name: 'args', cwd: odd, argv, owner: 'a' },
      { name: 'single', cwd: odd, argv: ['cat'], owner: 'b' },
    ]
    const { panes } = await terminal.createSession({ name: 'Code', workspace: 'test', windows })
    const screen = await until(
      async () => {
        const { lines } = await terminal.capture(panes[0]!.id)
        return lines[4] === '-x' && lines
      },
      { timeoutMs: 5000 },
    )
    expect(screen?.slice(0, 5)).toEqual([odd, '$HOME', 'a;b', '#{pid}', '-x'])
    const single = await until(
      async () => (await terminal.snapshot()).panes.find(pane => pane.owner === 'b' && pane.currentCommand === 'cat'),
      { timeoutMs: 5000 },
    )
    expect(single).toBeDefined()
  })

  test('runs the shell of the person in a window without a program', async () => {
    const { terminal, folder } = await privateTmux({ conf: 'set -g default-shell /bin/bash' })
    await terminal.connect()
    const windows = [{ name: 'tools', cwd: folder, owner: 'tools' }]
    await terminal.createSession({ name: 'Code', workspace: 'test', windows })
    // Until the shell has taken its place, tmux tells of its own process.
    await expect
      .poll(async () => (await terminal.snapshot()).panes[0], { timeout: 5000, interval: 10 })
      .toMatchObject({ currentCommand: 'bash', windowName: 'tools', windowIndex: 0 })
  })
})

describe('a window', () => {
  async function team(tmux: PrivateTmux) {
    await tmux.terminal.connect()
    const snapshot = await tmux.terminal.createSession(specOf(tmux.folder, 'Code', ['a', 'b', 'c']))
    const add = (name: string, after?: number) =>
      tmux.terminal.addWindow(snapshot.sessions[0]!.id, { name, cwd: tmux.folder, argv: QUIET, owner: name }, after)
    return { ...snapshot, session: snapshot.sessions[0]!.id, add }
  }

  test('is added at the end, or behind the one that is named', async () => {
    const tmux = await privateTmux({ conf: HOSTILE })
    const { add } = await team(tmux)
    expect(await add('d')).toMatchObject({ windowIndex: 3, windowName: 'd', owner: 'd', width: 200 })
    expect(await add('aa', 0)).toMatchObject({ windowIndex: 1, windowName: 'aa' })
    expect(windowsOf(await tmux.terminal.snapshot(), 'Code')).toEqual(['0:a', '1:aa', '2:b', '3:c', '4:d'])
    expect(await tmux.cli('show-options', '-wv', '-t', '=Code:1', 'remain-on-exit')).toBe('off\n')
  })

  test('cannot be added to a session that is gone', async () => {
    const tmux = await privateTmux()
    const { add, session } = await team(tmux)
    await tmux.cli('new-session', '-d', '-s', 'other')
    await tmux.terminal.killSession(session)
    await expect(add('d')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await tmux.terminal.killSession(session)
  })

  test('R-AGY-1: returns to its place and name, and the person keeps looking at theirs', async () => {
    const tmux = await privateTmux()
    const { session, panes } = await team(tmux)
    await tmux.cli('swap-window', '-d', '-s', '=Code:0', '-t', '=Code:2')
    await tmux.cli('move-window', '-d', '-s', '=Code:1', '-t', '=Code:7')
    await tmux.cli('rename-window', '-t', '=Code:7', 'mess')
    await tmux.cli('new-window', '-d', '-t', '=Code:1', '-n', 'mine', 'cat')
    await tmux.cli('select-window', '-t', '=Code:7')
    const wanted = panes.map(pane => ({ id: pane.windowId, name: pane.windowName }))
    await tmux.terminal.arrangeWindows(session, wanted)
    expect(windowsOf(await tmux.terminal.snapshot(), 'Code')).toEqual(['0:a', '1:b', '2:c', '7:mine'])
    expect(await tmux.cli('display-message', '-p', '-t', '=Code:', '#{window_name}')).toBe('b\n')
    await tmux.terminal.killWindow(panes[1]!.windowId)
    await tmux.terminal.killWindow(panes[1]!.windowId)
    await tmux.terminal.arrangeWindows(session, wanted)
    expect(windowsOf(await tmux.terminal.snapshot(), 'Code')).toEqual(['0:a', '1:c', '7:mine'])
  })
})
