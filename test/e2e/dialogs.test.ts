import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRehearsal } from './rehearsalTeam.ts'
import { asAgent } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

let bench: Workbench

beforeAll(async () => {
  bench = await Workbench.open()
  await createRehearsal(bench, {
    name: 'Ask',
    agents: { a: {}, b: {}, c: {} },
    rules: [{ when: { body: 'may I (?<what>.+)' }, do: [{ permission: 'run {{match.what}}' }, { say: 'went on' }] }],
    policies: { answers: [{ rule: 'permission dialog', question: 'run npm test$', answer: 'yes' }] },
  })
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

const kinds = async (agent: string) => (await bench.received(`Ask/${agent}`)).map(({ kind }) => kind)

it('R-AGY-5 an agent whose program asks is waiting, with the question; the person answers, and nobody else', async () => {
  await bench.ok(['send', 'Ask/a', 'may I rm -rf build', '--wait', 'confirmed'])
  await bench.whenAgent('Ask/a', 'waiting')
  expect((await bench.agent('Ask/a')).evidence).toContain('run rm -rf build')
  const asked = await bench.ok(['answer', 'Ask/a'])
  expect(asked).toMatchObject({ agent: 'Ask/a', rule: 'permission dialog', choices: ['yes', 'no'] })
  expect(asked.question).toContain('run rm -rf build')

  expect((await bench.run(['answer', 'Ask/a', 'yes', '--json'], asAgent(bench, 'Ask/lead'))).code).toBe(5)
  expect((await bench.run(['answer', 'Ask/a', 'perhaps', '--json'])).json.error).toMatchObject({
    code: 'USAGE',
    hint: expect.stringContaining('yes, no'),
  })
  expect(await kinds('a')).not.toContain('approved')

  expect(await bench.ok(['answer', 'Ask/a', 'no'])).toMatchObject({ choice: 'no', isClosed: true })
  await bench.whenAgent('Ask/a', 'ready')
  expect(await kinds('a')).toContain('denied')
  expect(await bench.run(['answer', 'Ask/a', 'no', '--json'])).toMatchObject({ code: 4 })
})

it('R-AGY-5 keys by name answer a dialog that the profile has no choice for', async () => {
  await bench.ok(['send', 'Ask/b', 'may I push', '--wait', 'confirmed'])
  await bench.whenAgent('Ask/b', 'waiting')
  await bench.ok(['answer', 'Ask/b', 'Down Up Enter'])
  await bench.whenAgent('Ask/b', 'ready')
  expect((await kinds('b')).filter(kind => kind === 'approved')).toHaveLength(1)
})

it('R-AGY-5 a policy of the agency answers what it names, and only that', async () => {
  await bench.ok(['send', 'Ask/c', 'may I npm test', '--wait', 'confirmed'])
  await bench.whenAgent('Ask/c', 'ready')
  expect(await kinds('c')).toContain('approved')
  await bench.ok(['send', 'Ask/c', 'may I npm test && rm -rf .', '--wait', 'confirmed'])
  await bench.whenAgent('Ask/c', 'waiting')
  expect((await kinds('c')).filter(kind => kind === 'approved')).toHaveLength(1)
})

it('R-AGY-2 a policy with a bad expression is refused with its place', async () => {
  const file = bench.file('agencies', 'Ask', 'agency.json')
  const { readFile, writeFile } = await import('node:fs/promises')
  const good = await readFile(file, 'utf8')
  await writeFile(file, good.replace('run npm test$', '('))
  const problem = async () => (await bench.ok(['status'])).agencies[0].problem
  await expect.poll(problem, { timeout: 10_000 }).toContain('policies.answers')
  await writeFile(file, good)
})
