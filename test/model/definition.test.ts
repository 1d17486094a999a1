import { expect, it } from 'vitest'
import { definitionSchema, driverOf, launchOf, members } from '../../src/model/definition.ts'

const parse = (changes: object) =>
  definitionSchema.safeParse({ name: 'Duo', coordinator: { name: 'lead' }, agents: [{ name: 'a' }], ...changes })

it('R-AGY-2 a definition that says little has everything else at its default, coordinator first', () => {
  const definition = parse({}).data!
  expect(definition).toMatchObject({ capabilities: [], policies: { peerMessages: 'copy' }, limits: {} })
  expect(members(definition).map(({ name }) => name)).toEqual(['lead', 'a'])
  expect(definition.agents[0]).toEqual({ name: 'a', capabilities: [], args: [], env: {} })
})

it('R-AGY-2 what a definition must not say is told with its place', () => {
  const problems = (changes: object) =>
    parse(changes).error!.issues.map(({ path, message }) => [path.join('.'), message] as const)
  expect(problems({ name: 'a b' })).toEqual([['name', expect.stringContaining('the name "a b"')]])
  expect(problems({ agents: [{ name: 'human' }] })).toEqual([['agents.0.name', expect.stringContaining('reserved')]])
  expect(problems({ agents: [{ name: 'b' }, { name: 'B' }] })).toEqual([['agents.1.name', 'two agents are called B']])
  expect(problems({ agents: [{ name: 'LEAD' }] })).toEqual([['agents.0.name', 'two agents are called LEAD']])
  expect(problems({ driver: 'Claude' })).toEqual([['driver', expect.stringContaining('lower case')]])
  expect(problems({ colour: 'red' })).toEqual([['', expect.stringContaining('colour')]])
})

it('R-AGY-2 an agent has its own driver, else its agency’s, else the workspace’s; each change of them is another start', () => {
  const plain = parse({}).data!
  const led = parse({ driver: 'shell', agents: [{ name: 'a', driver: 'script', command: ['./a'], env: { K: 'v' } }] })
    .data!
  expect(driverOf(plain, plain.coordinator, 'claude')).toBe('claude')
  expect(driverOf(led, led.coordinator, 'claude')).toBe('shell')
  expect(driverOf(led, led.agents[0]!, 'claude')).toBe('script')
  expect(launchOf(plain, plain.agents[0]!, 'claude')).toEqual(['claude', null, [], {}])
  expect(launchOf(led, led.agents[0]!, 'claude')).toEqual(['script', ['./a'], [], { K: 'v' }])
})

it('R-AGY-6 what is shared lies inside the repository, and not in git’s own folder', () => {
  const parse = (path: string) =>
    definitionSchema.safeParse({ name: 'Code', coordinator: { name: 'lead' }, worktrees: { share: [path] } }).success
  for (const good of ['node_modules', '.venv', 'packages/a/node_modules', '.github/cache', '.gitlab'])
    expect([good, parse(good)]).toEqual([good, true])
  for (const bad of [
    '',
    '../up',
    '/etc',
    '.git',
    '.git/hooks',
    'a/../b',
    'a/..',
    './a',
    '~/x',
    'a//b',
    'a/',
    'a\\b',
    'a\nb',
  ])
    expect([bad, parse(bad)]).toEqual([bad, false])
})
