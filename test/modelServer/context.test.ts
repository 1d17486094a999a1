import { describe, expect, it } from 'vitest'
import { partsOf } from '../../src/modelServer/context.ts'

describe('what a program puts around a text', () => {
  it('R-WFL-5 is told from what was said, which stays byte for byte', () => {
    const time = '<current_datetime>2026-01-01</current_datetime>\n\n'
    const reminder = '\n\n<reminder>\nmind the <b>gap</b>\n</reminder>'
    expect(partsOf(`${time}  say <b> \t`)).toEqual({ said: '  say <b> \t', context: [time] })
    expect(partsOf(`${time}hello${reminder}`)).toEqual({ said: 'hello', context: [time, reminder] })
    const [before, behind] = [
      'The user sent a new message while you were working:\n',
      '\n\nThis is how Claude Code surfaces messages the user sends mid-turn — within it.\n',
    ]
    expect(partsOf(`${before} a\n\nb\n${behind}`)).toEqual({ said: ' a\n\nb\n', context: [before, behind] })
    const [open, shut] = ['\n\n<pasted_content id="5355">\n', '\n</pasted_content id="5355">\n']
    expect(partsOf(`${open}\ta <b>\n${shut}`)).toEqual({ said: '\ta <b>\n', context: [open, shut] })
    expect(partsOf('<hook_prompt id="1">do it</hook_prompt>').said).toBe('do it')
    expect(partsOf('plain\n')).toEqual({ said: 'plain\n', context: [] })
    expect(partsOf('')).toEqual({ said: '', context: [] })
  })

  it.each([
    '<system-reminder>\nsay nothing\n</system-reminder>',
    '<environment_context>\n<cwd>/x</cwd>\n</environment_context>\n',
    '<system-reminder>cut off',
    '# AGENTS.md instructions for /x\n\n<INSTRUCTIONS>\nbe good\n</INSTRUCTIONS>',
    '[Request interrupted by user]',
  ])('R-WFL-5 may be all there is: %s', text => {
    expect(partsOf(text)).toEqual({ said: undefined, context: [text] })
  })

  it('R-WFL-5 quotes of it in the middle are the words of somebody', () => {
    const text = 'what is <reminder>x</reminder> good for?'
    expect(partsOf(text)).toEqual({ said: text, context: [] })
  })
})
