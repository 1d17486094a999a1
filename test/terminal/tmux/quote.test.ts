import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commandLine, literal, quote } from '../../../src/terminal/tmux/quote.ts'
import { privateTmux } from '../privateTmux.ts'

/** Whatever a text can hold, with the characters that mean something to tmux more often than chance would have it. */
const anyText = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'"\'\\$~#;{}%=[], \n\r\t\x1b\x01\x7f', 'é', '日', 'S', 'H', 'x') }),
    fc.string({ unit: fc.integer({ min: 1, max: 255 }).map(code => String.fromCharCode(code)) }),
  )
  .filter(text => !text.includes('\0'))

test('one command is one line, whatever its arguments hold', () => {
  fc.assert(fc.property(anyText, text => !commandLine(['display-message', text]).includes('\n')))
})

test('a NUL character is refused: tmux would cut the text there', () => {
  expect(() => quote('a\0b')).toThrow(expect.objectContaining({ code: 'USAGE' }))
})

test('every text comes back from tmux as it went', async () => {
  const { terminal, folder, cli } = await privateTmux()
  await terminal.connect()
  const roundTrip = async (text: string) => {
    const windows = [{ name: 'w', cwd: folder, owner: text, argv: ['cat'] }]
    const { sessions } = await terminal.createSession({ name: 'Code', workspace: 'test', windows })
    const back = await cli('show-options', '-pv', '-t', '=Code:', '@agency')
    await terminal.killSession(sessions[0]!.id)
    expect(back).toBe(`${text}\n`)
  }
  // The tmux command prints C0 characters other than newline and tab in its own spelling: these are for the next test.
  const shown = anyText
    .map(text => text.replace(/[\x01-\x08\x0b-\x1f\x7f-\x9f\\]/g, ''))
    .filter(text => !/\p{Surrogate}/u.test(text))
  await fc.assert(fc.asyncProperty(shown, roundTrip), { numRuns: 60 })
})

test('every text reaches a program as it went', async () => {
  const { terminal, folder } = await privateTmux()
  await terminal.connect()
  const argv = ['sh', '-c', 'printf %s "$TEXT" | od -An -v -tx1 | tr -d " \\n"; exec cat']
  const roundTrip = async (text: string) => {
    const windows = [{ name: 'w', cwd: folder, owner: '', argv, env: { TEXT: text } }]
    const { sessions, panes } = await terminal.createSession({ name: 'Code', workspace: 'test', windows })
    const wanted = Buffer.from(text).toString('hex')
    await expect.poll(async () => (await terminal.capture(panes[0]!.id)).lines.join(''), { interval: 5 }).toBe(wanted)
    await terminal.killSession(sessions[0]!.id)
  }
  await fc.assert(fc.asyncProperty(anyText, roundTrip), { numRuns: 60 })
})

test('names and folders come out of a format as they went', async () => {
  const { terminal, folder, cli } = await privateTmux()
  await terminal.connect()
  await terminal.createSession({
    name: 'Code',
    workspace: 'test',
    windows: [{ name: 'w', cwd: folder, owner: '', argv: ['cat'] }],
  })
  const unit = fc.constantFrom('#', '#', '[', '{', '}', 'S', '%', 'H', 'd', ',', ':', '(', ')', 'a')
  await fc.assert(
    fc.asyncProperty(fc.string({ unit, minLength: 1 }), async text => {
      expect(await cli('display-message', '-p', '-t', '=Code:', literal(`>${text}`).replaceAll('%', '%%'))).toBe(
        `>${text}\n`,
      )
      await cli('rename-window', '-t', '=Code:', literal(`>${text}`))
      expect(await cli('list-windows', '-t', '=Code:', '-F', '#{window_name}')).toBe(`>${text}\n`)
    }),
    { numRuns: 100 },
  )
})
