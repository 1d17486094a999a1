import { describe, expect, it } from 'vitest'
import { eventually, TestTerminal } from './terminal.ts'

const SIZES = [
  [200, 50],
  [80, 24],
  [40, 10],
  [20, 5],
  [100, 30],
] as const

describe('the screen', () => {
  it('is at every size what a fresh drawing would be, also after shrinking and growing', async () => {
    await using terminal = await TestTerminal.start({
      playbook:
        'rules: [{ do: [{ say: "漢字 🙂 and a fairly long line of words that has to wrap on small screens" }] }]',
    })
    for (let turn = 1; turn <= 12; turn++) {
      await terminal.submit(`message number ${turn}`)
      await terminal.arrived('prompt', turn)
    }
    await terminal.paste('half typed\nsecond line 漢字')
    for (const [columns, rows] of SIZES) {
      await terminal.resize(columns, rows)
      await eventually('the new size', async () => (await terminal.screen()).includes('─'.repeat(columns)))
      await terminal.see(/ · ready\s*$/)
      const drawn = await terminal.screen()
      expect(drawn.split('\n').length).toBeLessThanOrEqual(rows)
      await terminal.keys('C-l')
      await terminal.pasteWindowOver()
      expect(await terminal.screen()).toBe(drawn)
    }
  })

  it('shows two rules, the composer between them and the footer last', async () => {
    await using terminal = await TestTerminal.start({ columns: 40, rows: 10 })
    const rule = '─'.repeat(40)
    const lines = (await terminal.screen()).trimEnd().split('\n')
    expect(lines.slice(-4)).toEqual([rule, '❯', rule, 'js-agent · ready'])
  })

  it('stays usable in 20 columns and 5 rows', async () => {
    await using terminal = await TestTerminal.start({
      columns: 20,
      rows: 5,
      playbook: 'rules: [{ do: [{ permission: Sure? }, { say: fine }] }]',
    })
    await terminal.submit('go')
    await terminal.see(/^❯ 1\. Yes\n {2}2\. No\nEnter to confirm/m)
    await terminal.keys('Enter')
    await terminal.see('● fine')
  })

  it('sends each row to the scrollback once, in order', async () => {
    await using terminal = await TestTerminal.start({
      rows: 12,
      playbook:
        'rules: [{ do: [{ run: seq 1 12 }, { sleep: 300 }, { run: seq 13 24 }, { run: seq 25 36 }, { say: over }] }]',
    })
    await terminal.submit('count')
    await terminal.see('● over')
    const all = await terminal.tmux('capture-pane', '-p', '-S', '-', '-t', 'a')
    const numbers = all.split('\n').filter(line => /^ +\d+$/.test(line))
    expect(numbers.map(Number)).toEqual(Array.from({ length: 36 }, (_, index) => index + 1))
  })

  it('prints no control character that a message brought along', async () => {
    await using terminal = await TestTerminal.start({ playbook: `rules: [{ do: [{ say: "{{message.body}}" }] }]` })
    await terminal.paste('before\x1b[2J\x1b]0;owned\x07after')
    await terminal.pasteWindowOver()
    await terminal.keys('Enter')
    await terminal.see('● beforeafter')
    expect(await terminal.title()).toBe('✳ Ready')
    expect((await terminal.arrived('prompt'))[0]?.text).toBe('before\x1b[2J\x1b]0;owned\x07after')
  })

  it('leafs through what was sent, and edits it', async () => {
    await using terminal = await TestTerminal.start()
    await terminal.submit('one')
    await terminal.submit('two')
    await terminal.arrived('prompt', 2)
    await terminal.keys('Up')
    await terminal.see(/^❯ two$/m)
    await terminal.keys('Up')
    await terminal.see(/^❯ one$/m)
    await terminal.keys('Left', 'BSpace', 'M-Enter', 'End', 'BSpace', 'x')
    await terminal.see(/^❯ o\n {2}x$/m)
    await terminal.keys('C-c')
    await terminal.see(/^❯$/m)
  })

  it('quits on the second Ctrl-C, and gives the terminal back', async () => {
    await using terminal = await TestTerminal.start()
    await terminal.keys('C-c')
    await terminal.see('Press Ctrl-C again to exit')
    await terminal.keys('C-c')
    await terminal.see(/ready\nended with 0/)
    expect(terminal.kinds()).toEqual(['start', 'end'])
  })

  it('shows the first line of its role, and takes a first prompt', async () => {
    const folder = TestTerminal.newFolder()
    await using terminal = await TestTerminal.start({
      folder,
      args: ['--role', new URL('./role.md', import.meta.url).pathname, 'start with', 'this'],
    })
    await terminal.see('role: You write JavaScript')
    expect((await terminal.arrived('prompt'))[0]?.text).toBe('start with this')
  })

  it('refuses to run without a terminal', async () => {
    await using terminal = await TestTerminal.start()
    const { exitCode, stderr } = await terminal.runOutside()
    expect(exitCode).toBe(2)
    expect(stderr).toContain('needs a terminal on stdin and stdout')
  })
})
