import { describe, expect, it } from 'vitest'
import { eventually, TestTerminal } from './terminal.ts'

describe('misbehaviour on demand', () => {
  it('swallows the first Enter, and takes the second', async () => {
    await using terminal = await TestTerminal.start({ args: ['--misbehave', 'swallow-enter'] })
    await terminal.submit('hello there')
    await terminal.keys('x', 'BSpace')
    await terminal.see(/^❯ hello there$/m)
    expect(terminal.kinds()).toEqual(['start'])
    await terminal.keys('Enter')
    await terminal.arrived('prompt')
  })

  it('drops a prompt: the composer is empty and nothing has arrived', async () => {
    await using terminal = await TestTerminal.start({ args: ['--misbehave', 'drop-prompt'] })
    await terminal.submit('lost')
    await terminal.see(/^❯\s*$/m)
    await terminal.submit('found')
    expect((await terminal.arrived('prompt')).map(line => line.text)).toEqual(['found'])
  })

  it('opens a dialog between paste and Enter, and gives the composer back after it', async () => {
    await using terminal = await TestTerminal.start({ args: ['--misbehave', 'dialog-before-enter'] })
    await terminal.paste('a message')
    await terminal.see('Do you want to proceed?')
    await terminal.keys('Enter')
    await terminal.see(/^❯ a message$/m)
    await terminal.pasteWindowOver()
    await terminal.keys('Enter')
    await terminal.arrived('prompt')
    expect(terminal.kinds()).toEqual(['start', 'approved', 'prompt'])
  })

  it('asks for trust first, and leaves when Enter is pressed blindly', async () => {
    await using terminal = await TestTerminal.start({
      args: ['--misbehave', 'dialog-at-start'],
      waitUntilReady: false,
    })
    await terminal.see(/^Do you trust the files in this folder\?$/m)
    await terminal.keys('Enter')
    await terminal.see('ended with 1')
    expect(terminal.kinds()).toEqual(['denied', 'end'])
  })

  it('goes on when the folder is trusted', async () => {
    await using terminal = await TestTerminal.start({
      args: ['--misbehave', 'dialog-at-start'],
      waitUntilReady: false,
    })
    await terminal.see('Do you trust the files in this folder?')
    await terminal.keys('1')
    await terminal.see('js-agent · ready')
    expect(terminal.kinds()).toEqual(['approved', 'start'])
  })

  it('crashes on a prompt that matches', async () => {
    await using terminal = await TestTerminal.start({ args: ['--misbehave', 'crash-on:poison'] })
    await terminal.submit('this is poison')
    await terminal.see('ended with 1')
    // The danger of a crash: what is left on the screen still looks like a composer.
    expect(await terminal.screen()).toMatch(/^❯/m)
    expect(await terminal.title()).toContain('Ready')
    expect(terminal.kinds()).toEqual(['start', 'prompt'])
  })

  it('crashes once after a paste, and not again after a restart', async () => {
    const args = ['--misbehave', 'crash-after-paste:1']
    await using first = await TestTerminal.start({ args })
    await first.paste('boom')
    await first.see('ended with 1')
    await first.restart({ args })
    await first.submit('fine now')
    await first.arrived('prompt')
  })

  it('exits at once when told so, as often as told', async () => {
    const args = ['--misbehave', 'exit-at-start:1']
    await using terminal = await TestTerminal.start({ args, waitUntilReady: false })
    await terminal.see('ended with 1')
    await terminal.restart({ args })
    await terminal.see('js-agent · ready')
  })

  it('hangs: busy for ever, deaf, its screen frozen', async () => {
    await using terminal = await TestTerminal.start({ args: ['--misbehave', 'hang-on:freeze'] })
    await terminal.submit('freeze')
    const frozen = await terminal.see('js-agent · busy')
    await terminal.keys('x', 'Escape')
    await terminal.pasteWindowOver(1200)
    expect(await terminal.screen()).toBe(frozen)
    expect(terminal.kinds()).toEqual(['start', 'prompt'])
  })

  it('is slow to read, and still reads everything in order', async () => {
    await using terminal = await TestTerminal.start({ args: ['--misbehave', 'slow:300,slow-start:300'] })
    await terminal.submit('patience')
    expect((await terminal.arrived('prompt'))[0]?.text).toBe('patience')
  })

  it('repaints all the time and says nothing in its title', async () => {
    await using terminal = await TestTerminal.start({
      args: ['--misbehave', 'redraw,no-title'],
      waitUntilReady: false,
    })
    const seen = await terminal.see(/^js-agent · ready · \d\d:\d\d:\d\d/m)
    await eventually('the clock runs', async () => (await terminal.screen()) !== seen)
    expect(await terminal.title()).not.toContain('Ready')
  })

  it('stays busy for as long as asked', async () => {
    await using terminal = await TestTerminal.start({ env: { AGENCY_REHEARSAL_MISBEHAVE: 'busy-for:60000' } })
    await terminal.submit('think')
    await terminal.see('✻ Working… (1s · esc to interrupt)')
    await terminal.keys('Escape')
    await terminal.see('js-agent · ready')
    expect(terminal.kinds()).toEqual(['start', 'prompt', 'interrupt'])
  })

  it('refuses a misbehaviour that it does not know', async () => {
    await using terminal = await TestTerminal.start({ args: ['--misbehave', 'swear'], waitUntilReady: false })
    await terminal.see('unknown misbehaviour "swear"')
    await terminal.see('ended with 2')
  })
})
