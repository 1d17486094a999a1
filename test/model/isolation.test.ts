import { expect, it } from 'vitest'
import { definitionSchema, isolationOf, isWalled, launchOf, wantsWall } from '../../src/model/definition.ts'
import { isolationSchema, PLAIN_ENVIRONMENT, readIsolation, sayIsolation } from '../../src/model/isolation.ts'

const define = (extra: object) =>
  definitionSchema.parse({ name: 'Iso', coordinator: { name: 'lead' }, agents: [{ name: 'a', ...extra }] })

it('R-ALL-4 a level is a word or an object, an agent’s goes before its agency’s, and without one it is cooperative', () => {
  const [lead, a] = [0, 1]
  const plain = define({})
  expect(isolationOf(plain, plain.agents[0]!)).toMatchObject({ level: 'none', network: true })
  expect(wantsWall(plain)).toBe(false)
  expect(wantsWall(undefined)).toBe(false)
  const own = define({ isolation: { level: 'bubblewrap', network: false, readable: ['~/data'] } })
  const levels = [own.coordinator, own.agents[0]!].map(agent => isWalled(own, agent))
  expect([levels[lead], levels[a]]).toEqual([false, true])
  expect(isolationOf(own, own.agents[0]!)).toEqual({
    ...{ level: 'bubblewrap', network: false, readable: ['~/data'], writable: [], environment: [] },
  })
  expect(wantsWall(own)).toBe(true)
  const whole = definitionSchema.parse({
    ...{ name: 'Iso', coordinator: { name: 'lead' }, isolation: 'bubblewrap' },
    agents: [{ name: 'a', isolation: 'none' }],
  })
  expect([whole.coordinator, whole.agents[0]!].map(agent => isWalled(whole, agent))).toEqual([true, false])
})

it('R-ALL-4 a program that is to run at another level has to be started anew, and one at the cooperative level as before', () => {
  const launches = [define({}), define({ isolation: 'none' }), define({ isolation: 'bubblewrap' })].map(definition =>
    JSON.stringify(launchOf(definition, definition.agents[0]!, 'script')),
  )
  expect(launches[0]).toBe(launches[1])
  expect(launches[0]).not.toBe(launches[2])
})

it.each(['/', '~', '~/', 'data', '../x', '/a/../b', '~/./x', '/a\nb'])('R-ALL-4 %j is no place to be opened', place => {
  expect(isolationSchema.safeParse({ level: 'bubblewrap', readable: [place] }).success).toBe(false)
  expect(isolationSchema.safeParse({ level: 'bubblewrap', writable: [place] }).success).toBe(false)
})

it.each(['A B', '*', 'A*B', '$(x)', "X'Y", ''])('R-ALL-4 %j is no name of variables', name => {
  expect(isolationSchema.safeParse({ level: 'bubblewrap', environment: [name] }).success).toBe(false)
})

it('R-ALL-4 what opens a door is not among the variables that every program gets', () => {
  const opens = [
    'SSH_AUTH_SOCK',
    'SSH_AGENT_PID',
    'DBUS_SESSION_BUS_ADDRESS',
    'TMUX',
    'TMUX_PANE',
    'XDG_RUNTIME_DIR',
    'GPG_AGENT_INFO',
  ]
  for (const name of opens) {
    const isGiven = PLAIN_ENVIRONMENT.some(plain =>
      plain.endsWith('*') ? name.startsWith(plain.slice(0, -1)) : plain === name,
    )
    expect(isGiven, name).toBe(false)
  }
})

it('a level in words', () => {
  expect(sayIsolation({ level: 'none' })).toBe('cooperative')
  expect(sayIsolation({ level: 'bubblewrap' })).toBe('isolated')
  expect(sayIsolation(readIsolation('bubblewrap'))).toBe('isolated by bubblewrap, with the network')
  expect(sayIsolation({ ...readIsolation('bubblewrap'), network: false })).toContain('without the network')
})
