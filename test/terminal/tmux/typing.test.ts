import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { until } from '../../../src/kernel/abort.ts'
import type { PaneId } from '../../../src/terminal/terminal.ts'
import { type PrivateTmux, privateTmux, QUIET } from '../privateTmux.ts'

const RECORD = 'stty raw -echo; printf "$MODE"; echo ready; exec cat >>got'

async function paneOf(tmux: PrivateTmux, argv: readonly string[], env: Record<string, string> = {}): Promise<PaneId> {
  await tmux.terminal.connect()
  const windows = [{ name: 'w', cwd: tmux.folder, owner: 'w', argv, env }]
  const { panes } = await tmux.terminal.createSession({ name: 'Code', workspace: 'test', windows })
  return panes[0]!.id
}

async function recorder(tmux: PrivateTmux, mode = ''): Promise<{ pane: PaneId; got: () => Promise<Buffer> }> {
  const pane = await paneOf(tmux, ['sh', '-c', RECORD], { MODE: mode })
  await until(async () => (await tmux.terminal.capture(pane)).lines[0]?.includes('ready'), { timeoutMs: 5000 })
  return { pane, got: () => readFile(join(tmux.folder, 'got')) }
}

/** A pane whose process is gone and which tmux keeps, as only a person can make one. */
async function deadPane(tmux: PrivateTmux): Promise<PaneId> {
  const pane = await paneOf(tmux, QUIET)
  await tmux.cli('set-option', '-w', '-t', '=Code:', 'remain-on-exit', 'on')
  await tmux.cli('respawn-pane', '-k', '-t', pane, 'sh', '-c', 'exit 3')
  // A pane counts as dead when its tty is closed and its process collected; 3.3a loses some of the latter.
  const isDead = async () => (await tmux.terminal.snapshot()).panes.some(({ id, isDead }) => id === pane && isDead)
  expect(await until(isDead, { timeoutMs: 5000 })).toBe(true)
  return pane
}

async function leftovers(tmux: PrivateTmux): Promise<{ files: string[]; buffers: string }> {
  return {
    files: await readdir(join(tmux.folder, 'paste')),
    buffers: await tmux.cli('list-buffers', '-F', '#{buffer_name}'),
  }
}

describe('a paste', () => {
  test.each([
    ['1 B', 1],
    ['10 KB', 10 * 1024],
    ['256 KB', 256 * 1024],
  ])('R-BUS-4: of %s arrives whole', async (_, bytes) => {
    const tmux = await privateTmux()
    const { pane, got } = await recorder(tmux)
    const text = Array.from({ length: bytes }, (_, i) =>
      i % 80 === 79 ? '\n' : String.fromCharCode(33 + (i % 90)),
    ).join('')
    expect(await tmux.terminal.paste(pane, text)).toBe('pasted')
    await until(async () => (await got()).length >= bytes, { timeoutMs: 10_000 })
    expect(hash(await got())).toBe(hash(Buffer.from(text)))
    expect(await leftovers(tmux)).toEqual({ files: [], buffers: '' })
  })

  test('R-BUS-4: keeps tabs, newlines, unicode and what looks like a command of tmux', async () => {
    const tmux = await privateTmux()
    const { pane, got } = await recorder(tmux)
    const text = '[from a → b] #{pid} $(x) "q" \\ ~\n\tñ 日本 👩‍👩‍👧 %end 1 2 0\n;'
    await tmux.terminal.paste(pane, text)
    await until(async () => (await got()).length >= Buffer.byteLength(text), { timeoutMs: 5000 })
    expect((await got()).toString()).toBe(text)
  })

  test('is bracketed where the program asked for it', async () => {
    const tmux = await privateTmux()
    const { pane, got } = await recorder(tmux, '\\033[?2004h')
    await tmux.terminal.paste(pane, 'a\nb')
    await until(async () => (await got()).length >= 15, { timeoutMs: 5000 })
    expect((await got()).toString()).toBe('\x1b[200~a\nb\x1b[201~')
  })

  test('R-BUS-4: twenty at once arrive whole, each once', async () => {
    const tmux = await privateTmux()
    const { pane, got } = await recorder(tmux)
    const texts = Array.from({ length: 20 }, (_, i) => `<${i}:${'x'.repeat(2000)}>`)
    await Promise.all(texts.map(text => tmux.terminal.paste(pane, text)))
    await until(async () => (await got()).length >= texts.join('').length, { timeoutMs: 5000 })
    expect(
      (await got())
        .toString()
        .match(/<[^>]*>/g)
        ?.sort(),
    ).toEqual([...texts].sort())
    expect(await leftovers(tmux)).toEqual({ files: [], buffers: '' })
  })

  test('into a dead pane is refused, and the server lives', async () => {
    const tmux = await privateTmux()
    const pane = await deadPane(tmux)
    expect(await tmux.terminal.paste(pane, 'hello')).toBe('dead')
    expect(await tmux.terminal.pressKey(pane, 'Enter')).toBe('dead')
    expect(await leftovers(tmux)).toEqual({ files: [], buffers: '' })
    expect(tmux.terminal.isConnected).toBe(true)
  })

  test('is refused while the person scrolls in copy mode, and taken afterwards', async () => {
    const tmux = await privateTmux()
    const { pane, got } = await recorder(tmux)
    await tmux.cli('copy-mode', '-t', pane)
    expect((await tmux.terminal.snapshot()).panes[0]).toMatchObject({ inMode: true, isDead: false })
    expect((await tmux.terminal.capture(pane)).inMode).toBe(true)
    expect(await tmux.terminal.paste(pane, 'hello')).toBe('in-mode')
    expect(await tmux.terminal.pressKey(pane, 'Enter')).toBe('in-mode')
    expect(await leftovers(tmux)).toEqual({ files: [], buffers: '' })
    await tmux.cli('send-keys', '-t', pane, '-X', 'cancel')
    expect(await tmux.terminal.paste(pane, 'now')).toBe('pasted')
    expect(await tmux.terminal.pressKey(pane, 'Enter')).toBe('pressed')
    await until(async () => (await got()).length >= 4, { timeoutMs: 5000 })
    expect((await got()).toString()).toBe('now\r')
  })

  test('is refused where the person switched input off', async () => {
    const tmux = await privateTmux()
    const { pane } = await recorder(tmux)
    await tmux.cli('select-pane', '-d', '-t', pane)
    expect(await tmux.terminal.paste(pane, 'hello')).toBe('in-mode')
  })

  test('into a pane that is not there says so', async () => {
    const tmux = await privateTmux()
    await paneOf(tmux, QUIET)
    await expect(tmux.terminal.paste('%99', 'hello')).rejects.toMatchObject({ code: 'PANE_GONE' })
    await expect(tmux.terminal.pressKey('%99', 'Enter')).rejects.toMatchObject({ code: 'PANE_GONE' })
    await expect(tmux.terminal.capture('%99')).rejects.toMatchObject({ code: 'PANE_GONE' })
    expect(await leftovers(tmux)).toEqual({ files: [], buffers: '' })
  })

  test('that a crash cut short leaves nothing once the next daemon has connected', async () => {
    const tmux = await privateTmux()
    await tmux.cli('new-session', '-d', '-s', 'person')
    await mkdir(join(tmux.folder, 'paste'))
    await writeFile(join(tmux.folder, 'paste', 'agency-paste-test-1-1'), 'secret')
    await tmux.cli('set-buffer', '-b', 'agency-paste-test-1-1', 'secret')
    await tmux.cli('set-buffer', '-b', 'mine', 'of the person')
    await tmux.terminal.connect()
    expect(await leftovers(tmux)).toEqual({ files: [], buffers: 'mine\n' })
  })

  test('passes through a folder that only its owner can read', async () => {
    const tmux = await privateTmux()
    await tmux.terminal.connect()
    expect((await stat(join(tmux.folder, 'paste'))).mode & 0o777).toBe(0o700)
  })

  test.each([
    ['Enter', '\r'],
    ['Escape', '\x1b'],
    ['C-c', '\x03'],
    ['C-u', '\x15'],
    ['Up', '\x1b[A'],
    ['Tab', '\t'],
    ['BSpace', '\x7f'],
    ['y', 'y'],
    ['1', '1'],
  ] as const)('key %s arrives as its own bytes', async (key, bytes) => {
    const tmux = await privateTmux()
    const { pane, got } = await recorder(tmux)
    expect(await tmux.terminal.pressKey(pane, key)).toBe('pressed')
    await until(async () => (await got()).length >= bytes.length, { timeoutMs: 5000 })
    expect((await got()).toString()).toBe(bytes)
  })
})

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
