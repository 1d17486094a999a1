import fc from 'fast-check'
import { expect, it } from 'vitest'
import { counted, flowAt, lastMinute, NO_FLOW } from '../../../src/model/flow.ts'
import { arrange, heightsOf } from '../../../src/tui/panels/monitor/arrange.ts'
import { chosenRow, rowsOf } from '../../../src/tui/panels/monitor/lists.ts'
import { LIST_NAMES, type Lists } from '../../../src/tui/panels/monitor/places.ts'
import { sparkline } from '../../../src/tui/panels/monitor/rows/talk.ts'
import { agent, NOW, Sitting, world } from './world.ts'

const shown = ({ state }: Sitting) => state.places.at(-1)!
const lists = (sitting: Sitting) => shown(sitting) as Lists
const chosen = (sitting: Sitting) => chosenRow(sitting.state.data, lists(sitting))?.key

it('R-APR-5 one moves through the lists and into an agency, an agent, a message, a task, and comes back the same way', () => {
  const sitting = new Sitting()
  expect(chosen(sitting)).toBe('Code')
  sitting.press('enter')
  expect(lists(sitting).scope).toBe('Code')
  expect(rowsOf(sitting.state.data, lists(sitting), 'tasks').map(({ key }) => key)).toEqual(['t1'])
  expect(sitting.press('j', 'enter')).toEqual([{ do: 'look', address: 'Code/go' }])
  expect(sitting.press('escape')).toEqual([{ do: 'look', address: undefined }])
  sitting.press('escape')
  expect(sitting.press('4', 'enter')).toContainEqual({ do: 'fetch-story', what: 'message', id: 'm11' })
  expect(sitting.press('escape', '2', 'enter')).toContainEqual({ do: 'fetch-story', what: 'task', id: 't1' })
  expect(sitting.press('escape', '3', 'enter')).toContainEqual({ do: 'open-approvals', id: 'a1' })
  expect(sitting.press('A')).toEqual([{ do: 'open-approvals', id: undefined }])
  expect(sitting.press('m')).toEqual([])
  // At home there is nowhere to go back to, and nothing ends by mistake.
  expect(sitting.press('escape', 'escape')).toEqual([])
  // What is open is left first, as in the approvals.
  expect(sitting.press('1', 'j', 'enter', 'q')).not.toContainEqual({ do: 'close' })
  expect(sitting.press('q')).toEqual([{ do: 'close' }])
})

it('R-APR-5 what interrupts work is asked first; the rest is done at once', () => {
  const sitting = new Sitting()
  sitting.press('j', 'j')
  expect(chosen(sitting)).toBe('Code/go')
  expect(sitting.press('R')).toEqual([])
  expect(sitting.state.question?.text).toBe('restart Code/go? its work is cut short')
  expect(sitting.press('n')).toEqual([])
  expect(sitting.state.question).toBe(undefined)
  expect(sitting.press('R', 'y')).toEqual([{ do: 'act', act: 'restart', target: 'Code/go' }])
  expect(sitting.press('p')).toEqual([{ do: 'act', act: 'pause', target: 'Code/go' }])
  expect(sitting.press('n')).toEqual([{ do: 'act', act: 'nudge', target: 'Code/go' }])
  expect(sitting.press('a')).toEqual([{ do: 'attach', target: 'Code/go' }])
  const paused = [{ kind: 'paused', by: 'human', at: '', why: '' }]
  const { agencies } = world()
  const held = agencies!.map(agency => ({ ...agency, agents: agency.agents.map(one => ({ ...one, holds: paused })) }))
  sitting.hear({ on: 'overview', overview: world({ agencies: held }) })
  expect(sitting.press('p')).toEqual([{ do: 'act', act: 'resume', target: 'Code/go' }])
  expect(sitting.press('g', 'p')).toEqual([{ do: 'act', act: 'resume', target: 'Code' }])
})

it('R-APR-4 R-APR-5 what was approved and could not be merged is merged again by a key', () => {
  const [approval] = world().approvals!
  const sitting = new Sitting({ columns: 140, rows: 40 }, world({ approvals: [{ ...approval!, state: 'held' }] }))
  expect(sitting.press('3', 'm')).toEqual([{ do: 'merge-again', id: 'a1' }])
})

it('R-APR-5 what is pasted presses no keys', () => {
  const sitting = new Sitting()
  expect(sitting.hear({ on: 'key', key: { kind: 'paste', text: 'Ryq' }, at: NOW })).toEqual([])
  sitting.press('/')
  sitting.hear({ on: 'key', key: { kind: 'paste', text: 'go\u001b[2J\n' }, at: NOW })
  expect(lists(sitting).lists.agents.filter).toBe('go\ufffd[2J')
})

it('R-APR-5 a filter narrows with each letter, stays after enter and goes with escape', () => {
  const sitting = new Sitting()
  sitting.press('4', '/', '1', '1')
  expect(rowsOf(sitting.state.data, lists(sitting), 'messages').map(({ key }) => key)).toEqual(['m11'])
  sitting.press('backspace', 'enter', 'j')
  expect(chosen(sitting)).toBe('m10')
  sitting.press('escape')
  expect(lists(sitting).lists.messages.filter).toBe('')
  expect(chosen(sitting)).toBe('m10')
})

it('R-APR-5 what is chosen stays chosen when others come, and the newest message stays in sight while one looks at it', () => {
  const sitting = new Sitting()
  const more = (id: string) => [...sitting.state.data!.messages, { ...sitting.state.data!.messages[0]!, id }]
  sitting.press('4')
  sitting.hear({ on: 'overview', overview: { workspace: '/', messages: more('new1') } })
  expect(chosen(sitting)).toBe('new1')
  sitting.press('j', 'j')
  const before = chosen(sitting)
  sitting.hear({ on: 'overview', overview: { workspace: '/', messages: more('new2') } })
  expect(chosen(sitting)).toBe(before)
})

it('R-APR-5 it asks for what has changed and for nothing else, and never by the clock but for programs that tell of nothing', () => {
  const sitting = new Sitting()
  const changed = (kind: string, ...ids: string[]) => sitting.hear({ on: 'changed', changes: [{ kind, ids }] })
  expect(changed('message', 'm1')).toEqual([{ do: 'fetch', parts: ['queues', 'messages'] }])
  expect(changed('submission')).toEqual([{ do: 'fetch', parts: ['approvals', 'events'] }])
  sitting.press('4', 'enter')
  expect(changed('message', 'other')).not.toContainEqual(expect.objectContaining({ do: 'fetch-story' }))
  expect(changed('message', 'm11')).toContainEqual({ do: 'fetch-story', what: 'message', id: 'm11' })
  expect(sitting.hear({ on: 'clock', at: NOW + 5_000 })).toEqual([{ do: 'sample-host' }])
  sitting.hear({ on: 'overview', overview: world({ unheard: 1 }) })
  expect(sitting.hear({ on: 'clock', at: NOW + 10_000 })).toContainEqual({ do: 'fetch', parts: ['agents'] })
})

it('R-APR-5 a daemon that is lost is told of, what was known stays, and all is asked for when it is back', () => {
  const sitting = new Sitting()
  sitting.hear({ on: 'lost', why: 'no daemon runs for this workspace' })
  expect([sitting.state.lost, sitting.state.data?.agencies.length]).toEqual(['no daemon runs for this workspace', 2])
  expect(sitting.hear({ on: 'joined' })[0]).toMatchObject({
    do: 'fetch',
    parts: ['agents', 'queues', 'tasks', 'approvals', 'messages', 'events'],
  })
  expect(sitting.state.lost).toBe(undefined)
})

it('R-APR-5 on every screen each list that is shown has its place, all rows are used, and the chosen row is in sight', () => {
  const size = fc.record({ columns: fc.integer({ min: 20, max: 260 }), rows: fc.integer({ min: 5, max: 90 }) })
  const keys = fc.array(
    fc.constantFrom('j', 'k', 'G', 'g', 'tab', 'shift-tab', 'ctrl-d', 'enter', 'escape', '1', '4'),
    { maxLength: 12 },
  )
  const many = world({
    agencies: [{ ...world().agencies![0]!, agents: Array.from({ length: 60 }, (_, at) => agent(`Code/a${at}`)) }],
  })
  fc.assert(
    fc.property(size, size, keys, (first, second, pressed) => {
      const sitting = new Sitting(first, many)
      sitting.press(...pressed)
      sitting.hear({ on: 'resize', size: second })
      const place = shown(sitting)
      if (place.at !== 'lists') return
      const arrangement = arrange(sitting.state.data, place, second)
      for (const { blocks } of arrangement.columns)
        expect(blocks.reduce((sum, { rows }) => sum + rows, arrangement.hasTabs ? 1 : 0)).toBe(second.rows - 2)
      const heights = heightsOf(arrangement)
      for (const name of LIST_NAMES) {
        const { scroll } = place.lists[name]
        expect(scroll.selected).toBeGreaterThanOrEqual(scroll.top)
        expect(scroll.selected).toBeLessThan(scroll.top + heights[name])
      }
    }),
    { numRuns: 300 },
  )
})

it('what passes is counted in tens of seconds, and told for the last minute', () => {
  let flow = NO_FLOW
  for (const seconds of [0, 1, 9, 10, 65]) flow = counted(flow, NOW + seconds * 1_000)
  expect(flow.counts.slice(-7)).toEqual([3, 1, 0, 0, 0, 0, 1])
  expect(lastMinute(flow)).toBe(2)
  expect(lastMinute(flowAt(flow, NOW + 3_600_000))).toBe(0)
  expect(flowAt(flow, NOW + 36_000_000).counts).toHaveLength(180)
  expect(counted(flow, NOW - 50_000).counts.at(-1)).toBe(2)
  expect(sparkline({ bucketSeconds: 10, counts: [0, 0, 1, 4, 0, 8], lastMinute: 13 }, 30)).toBe('▁▄ █')
})
