import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ControlParser } from '../../../src/terminal/tmux/parse.ts'

const STREAM = `%begin 1795232750 260 0
%end 1795232750 260 0
%session-changed $0 agency-keeper-x
%begin 1795232750 267 1
日本 é
%end 1 2 0
%end 1795232750 268 1
%error 1795232751 267 1
%sessions-changed
%begin 1795232750 300 1

%end 1795232750 267 1
%sessions-changed
%begin 1795232750 268 1
can't find pane: %99
%error 1795232750 268 1
%exit server exited
`

const EVENTS = [
  { type: 'block', isAnswer: false, isError: false, lines: [] },
  { type: 'notification', name: 'session-changed', text: '$0 agency-keeper-x' },
  {
    type: 'block',
    isAnswer: true,
    isError: false,
    lines: [
      '日本 é',
      '%end 1 2 0',
      '%end 1795232750 268 1',
      '%error 1795232751 267 1',
      '%sessions-changed',
      '%begin 1795232750 300 1',
      '',
    ],
  },
  { type: 'notification', name: 'sessions-changed', text: '' },
  { type: 'block', isAnswer: true, isError: true, lines: ["can't find pane: %99"] },
  { type: 'notification', name: 'exit', text: 'server exited' },
]

test('a block ends only at its own number, whatever a pane shows', () => {
  expect(new ControlParser().feed(Buffer.from(STREAM))).toEqual(EVENTS)
})

test('chunks may end within a line and within a character', () => {
  const bytes = Buffer.from(STREAM)
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), cuts => {
      const parser = new ControlParser()
      const ends = [...cuts.sort((a, b) => a - b), bytes.length]
      const events = ends.flatMap((end, index) => parser.feed(bytes.subarray(ends[index - 1] ?? 0, end)))
      expect(events).toEqual(EVENTS)
    }),
  )
})

test('a line that is not of the protocol is passed over', () => {
  expect(new ControlParser().feed(Buffer.from('\x1bP1000p\nwhatever\n%sessions-changed\n'))).toHaveLength(1)
})
