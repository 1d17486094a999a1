import { expect, it } from 'vitest'
import { type Able, type AbleAgency, findAble, refuseUnknown } from '../../src/model/able.ts'

function able(name: string, capabilities: readonly string[], changes: Partial<Able> = {}): Able {
  const load = { messages: 0, openTasks: 0, waitingTasks: 0 }
  return { name, capabilities, isInherited: false, state: 'ready', takesWork: true, ...load, ...changes }
}

const agencies: readonly AbleAgency[] = [
  {
    ...able('Code', ['backend', 'api-design', 'frontend'], { state: 'running' }),
    agents: [
      able('Code/go', ['backend'], { openTasks: 1 }),
      able('Code/js', ['frontend']),
      able('Code/any', ['backend', 'api-design', 'frontend'], { isInherited: true }),
    ],
  },
  { ...able('QA', ['testing']), agents: [able('QA/tester', ['testing', 'backend'], { takesWork: false })] },
  { ...able('Docs', []), agents: [] },
]
const search = (capabilities: string[], isAny = false, isFree = false) =>
  findAble(agencies, { capabilities, isAny, isFree }).map(({ name, why, agents }) => [
    name,
    why,
    agents.map(agent => agent.name),
  ])

it('R-AGY-7 finds agencies and agents that have all, or any, of the capabilities, and says why each', () => {
  expect(search(['backend'])).toEqual([
    ['Code', 'has backend', ['Code/go', 'Code/any']],
    ['QA', undefined, ['QA/tester']],
  ])
  expect(search(['backend', 'api-design'])).toEqual([['Code', 'has backend, api-design', ['Code/any']]])
  expect(search(['frontend', 'testing'])).toEqual([])
  expect(search(['frontend', 'testing'], true)).toEqual([
    ['Code', 'has frontend', ['Code/js', 'Code/any']],
    ['QA', 'has testing', ['QA/tester']],
  ])
  const [code] = findAble(agencies, { capabilities: ['backend'], isAny: false, isFree: false })
  expect(code!.agents.map(({ why }) => why)).toEqual(['has backend', 'has backend, as its agency says'])
})

it('R-AGY-7 free is who takes work and has nothing at all to do', () => {
  expect(search(['backend'], false, true)).toEqual([['Code', 'has backend', ['Code/any']]])
  expect(search(['testing'], false, true)).toEqual([])
})

it('R-AGY-7 a capability that nobody has is refused with what there is, and with what may have been meant', () => {
  const hint = (word: string) => {
    try {
      refuseUnknown(agencies, [word])
    } catch (error) {
      return (error as { hint: string }).hint
    }
    return 'known'
  }
  expect(hint('backend')).toBe('known')
  expect(hint('bakcend')).toBe('did you mean backend? there are: api-design, backend, frontend, testing')
  expect(hint('api')).toContain('did you mean api-design?')
  expect(hint('cooking')).toBe('there are: api-design, backend, frontend, testing')
  expect(() => refuseUnknown([], ['x'])).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
})
