import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { formatHeader, formatMailLine } from '../../src/model/header.ts'
import { eventually, TestTerminal } from './terminal.ts'

const header = (type = 'TASK', redelivery?: number) =>
  formatHeader({
    id: '00000000-0000-7000-8000-00001a2b3c4d',
    from: 'Code/boss',
    to: 'Code/js-agent',
    type,
    redelivery,
  })

describe('a delivery, judged by the receiver', () => {
  it('arrives once and unchanged, with its nonce', async () => {
    await using terminal = await TestTerminal.start()
    const text = `${header()} Größe → 漢字 🙂 "quotes" $HOME \`x\` \\n\nsecond line`
    await terminal.submit(text)
    const [prompt] = await terminal.arrived('prompt')
    expect(prompt).toMatchObject({ text, nonce: '1a2b3c4d', bytes: Buffer.byteLength(text) })
    await terminal.see('Received TASK 1a2b3c4d from Code/boss.')
    expect(terminal.kinds()).toEqual(['start', 'prompt'])
  })

  it('stays in the composer when Enter comes within the paste window', async () => {
    await using terminal = await TestTerminal.start({ args: ['--paste-window', '2000'] })
    await terminal.paste('too fast')
    await terminal.keys('Enter')
    await terminal.keys('x')
    await terminal.see(/^❯ too fast\n {2}x$/m)
    expect(terminal.kinds()).toEqual(['start'])
  })

  it('takes an Enter that was typed together with text as text', async () => {
    await using terminal = await TestTerminal.start()
    await terminal.tmux('send-keys', '-t', 'a', '-l', 'one\rtwo')
    await terminal.see(/^❯ one\n {2}two$/m)
    await terminal.keys('Enter')
    expect((await terminal.arrived('prompt'))[0]?.text).toBe('one\ntwo')
  })

  it('merges two pastes of an unsent composer into one prompt', async () => {
    await using terminal = await TestTerminal.start()
    await terminal.paste('first ')
    await terminal.see('❯ first')
    await terminal.submit('second')
    expect((await terminal.arrived('prompt'))[0]?.text).toBe('first second')
  })

  it('collapses a long paste to a chip and gives it back whole', async () => {
    await using terminal = await TestTerminal.start()
    const text = `${header()} ${'a line of the message\n'.repeat(400)}end`
    await terminal.paste(text)
    await terminal.see(/^❯ \[Pasted text #1 \+401 lines\]$/m)
    await terminal.pasteWindowOver()
    await terminal.keys('Enter')
    expect((await terminal.arrived('prompt'))[0]).toMatchObject({ text, nonce: '1a2b3c4d' })
  })

  it('queues what is submitted while busy, and takes it one by one at the end of the turn', async () => {
    const playbook = 'rules: [{ when: { body: slow }, do: [{ sleep: 1200 }, { say: slow is done }] }]'
    await using terminal = await TestTerminal.start({ playbook })
    await terminal.submit('slow')
    await terminal.see('✻ Working…')
    expect(await terminal.title()).toBe('✻ Working')
    await terminal.submit(`${header('STATUS')} second`)
    await terminal.see(/^⧗ queued: \[Code\/boss/m)
    await terminal.submit(`${header('QUESTION', 2)} third`)
    const [second, third] = await terminal.arrived('queued', 2)
    expect(second?.redelivery).toBeUndefined()
    expect(third).toMatchObject({ redelivery: true, nonce: '1a2b3c4d' })
    const screen = await terminal.see('1a2b3c4d was delivered again; it is done already.')
    expect(screen.indexOf('Received STATUS')).toBeLessThan(screen.indexOf('delivered again'))
  })

  it('reads the file that a mail line points to, and logs its digest', async () => {
    await using terminal = await TestTerminal.start({
      playbook: 'rules: [{ when: { payload: { status: failed } }, do: [{ say: "severity {{payload.severity}}" }] }]',
    })
    const body = JSON.stringify({ type: 'results', status: 'failed', severity: 'high', report: 'x'.repeat(3000) })
    const path = join(terminal.run, 'mail.json')
    writeFileSync(path, body)
    await terminal.submit(`${header('RESULTS')} ${formatMailLine(path, body.length)}`)
    await terminal.see('● severity high')
    const fileSha256 = createHash('sha256').update(body).digest('hex')
    expect((await terminal.arrived('prompt'))[0]).toMatchObject({ fileBytes: body.length, fileSha256 })
  })

  it('loses nothing that was logged when killed by force', async () => {
    await using terminal = await TestTerminal.start()
    await terminal.submit('remember me')
    await terminal.arrived('prompt')
    const pid = (await terminal.tmux('display-message', '-p', '-t', 'a', '#{pane_pid}')).trim()
    const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', pid])
    process.kill(Number(stdout.trim()), 'SIGKILL')
    await terminal.see('ended with 137')
    expect(terminal.kinds()).toEqual(['start', 'prompt'])
  })
})

describe('the dangers of careless typing', () => {
  it('runs a command when the first character is an exclamation mark', async () => {
    await using terminal = await TestTerminal.start()
    await terminal.submit('!echo gone $((40+2))')
    await terminal.see('gone 42')
    expect(terminal.kinds()).toEqual(['start', 'bang'])
  })

  it('takes a first slash for a command', async () => {
    await using terminal = await TestTerminal.start()
    await terminal.submit('/etc/hosts is broken')
    await terminal.see('Unknown command: /etc/hosts')
    expect(terminal.kinds()).toEqual(['start', 'slash'])
  })

  it('swallows a message typed into an open dialog, and its Enter approves', async () => {
    const playbook = 'rules: [{ when: { body: ask }, do: [{ permission: "Drop the table?" }, { say: dropped }] }]'
    await using terminal = await TestTerminal.start({ playbook })
    await terminal.submit('ask')
    await terminal.see(/^Do you want to proceed\?\n {2}Drop the table\?\n❯ 1\. Yes\n {2}2\. No$/m)
    expect(await terminal.title()).toBe('✋ Action Required')
    await terminal.paste(`${header()} a message`)
    await terminal.arrived('swallowed')
    await terminal.keys('Enter')
    await terminal.see('● dropped')
    expect(terminal.kinds()).toEqual(['start', 'prompt', 'swallowed', 'approved'])
    await eventually('title is back', async () => (await terminal.title()) === '✳ Ready')
  })

  it('ends the rule when the answer is no', async () => {
    const playbook = 'rules: [{ when: { body: ask }, do: [{ permission: "Drop the table?" }, { say: dropped }] }]'
    await using terminal = await TestTerminal.start({ playbook })
    await terminal.submit('ask')
    await terminal.see('Do you want to proceed?')
    await terminal.keys('Down')
    await terminal.see(/^❯ 2\. No$/m)
    await terminal.keys('Enter')
    const screen = await terminal.see('js-agent · ready')
    expect(screen).not.toContain('● dropped')
    expect(terminal.kinds()).toEqual(['start', 'prompt', 'denied'])
  })
})
