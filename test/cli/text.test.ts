import { afterEach, expect, it } from 'vitest'
import { columns, cut, hang, paint, setColour, shown } from '../../src/cli/text.ts'

afterEach(() => setColour(false))

it('R-ALL-4 what is printed keeps our colours and no other, and shows what hides', () => {
  setColour(true)
  const title = 'a\u001b[8mb\u202ec'
  expect(shown(`${paint('red', title)} ${paint('bold', 'x')}`)).toBe(
    '\u001b[31ma\ufffd[8mb\ufffdc\u001b[39m \u001b[1mx\u001b[22m',
  )
  setColour(false)
  expect(shown('\u001b[31mred')).toBe('\ufffd[31mred')
})

it('R-ALL-3 columns line up and rows are cut where characters are two columns wide', () => {
  expect(
    columns([
      ['日本', 'x'],
      ['a\u200b', 'y'],
    ]),
  ).toBe('日本  x\na\ufffd    y')
  expect(cut('日本語です', 7)).toBe('日本語…')
  expect(cut('日本語です', 8)).toBe('日本語…')
  expect(cut('abc', 3)).toBe('abc')
  expect(cut('\u001b[31mabcdef\u001b[39m', 4)).toBe('\u001b[31mabc…\u001b[39m')
})

it('R-ALL-3 words of ours break between words, under each other, and not at all where no terminal is', () => {
  expect(hang('make an agency: a tmux session', 10, 30)).toBe('make an agency: a\n          tmux session')
  expect(hang('make an agency: a tmux session', 10, undefined)).toBe('make an agency: a tmux session')
  expect(hang('make an agency: a tmux session', 10, 12)).toBe('make an agency: a tmux session')
})
