import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Id } from '../../src/kernel/ids.ts'
import { definitionSchema } from '../../src/model/definition.ts'
import { findMock, mockBody, mockFileSchema } from '../../src/model/mocks.ts'
import {
  freeSlug,
  isHalfDone,
  isUp,
  nextSandboxState,
  SANDBOX_STATES,
  sessionOf,
  slugOf,
  surplusPreviews,
} from '../../src/model/sandbox.ts'
import { planSandbox } from '../../src/model/sandboxPlan.ts'

const EVENTS = ['prepared', 'up', 'test', 'pass', 'fail', 'interrupt', 'lost', 'destroy', 'gone'] as const

describe('R-APR-1 states of a sandbox', () => {
  it('100 from every state but the last it can be destroyed, and that ends it', () => {
    for (const state of SANDBOX_STATES) {
      if (state === 'destroyed') continue
      expect(nextSandboxState(state, 'destroy')).toBe('destroying')
      expect(nextSandboxState('destroying', 'gone')).toBe('destroyed')
    }
    for (const event of EVENTS) expect(nextSandboxState('destroyed', event)).toBe('refuse')
  })

  it('101 passed is reached only from testing, by pass', () => {
    for (const state of SANDBOX_STATES)
      for (const event of EVENTS)
        if (nextSandboxState(state, event) === 'passed') expect([state, event]).toEqual(['testing', 'pass'])
  })

  it('102 tests begin only in one that is up, and in one at a time', () => {
    for (const state of SANDBOX_STATES)
      expect(nextSandboxState(state, 'test') === 'testing').toBe(isUp({ state }) && state !== 'testing')
  })

  it('103 what is neither up, down nor destroyed is half done', () => {
    for (const state of SANDBOX_STATES)
      expect(
        [isUp({ state }), state === 'down', state === 'destroyed', isHalfDone({ state })].filter(Boolean),
      ).toHaveLength(1)
  })

  it('104 a slug is good as a folder and for tmux, whatever the branch', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        name => void expect(slugOf(name)).toMatch(/^[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?$/),
      ),
    )
    expect(slugOf('feature/User.Profile')).toBe('feature-user-profile')
    expect(freeSlug('a', slug => ['a', 'a-2'].includes(slug))).toBe('a-3')
    expect(sessionOf('CodeAgency', 'main')).toBe('CodeAgency-main')
  })
})

describe('R-APR-1 what is run is guessed from the project', () => {
  const plan = (texts: Record<string, string>, names: string[] = [], wishes?: Parameters<typeof planSandbox>[0]) =>
    planSandbox(wishes, { texts, names: new Set([...Object.keys(texts), ...names]) })

  it('package.json: the scripts that are there, by the manager of its lock file', () => {
    const text = JSON.stringify({ scripts: { start: 'x', test: 'y', seed: 'z' } })
    expect(plan({ 'package.json': text })).toMatchObject({
      app: 'npm start',
      test: 'npm test',
      seed: 'npm run seed',
      share: ['node_modules'],
    })
    expect(plan({ 'package.json': text }, ['pnpm-lock.yaml']).test).toBe('pnpm test')
    const empty = JSON.stringify({ scripts: { test: 'echo "Error: no test specified" && exit 1' } })
    expect(plan({ 'package.json': empty })).toMatchObject({ app: undefined, test: undefined })
    expect(plan({ 'package.json': '{ broken' }).test).toBeUndefined()
  })

  it('pyproject.toml, go.mod, Cargo.toml, Makefile', () => {
    expect(plan({ 'pyproject.toml': 'dependencies = ["fastapi", "pytest"]' }, ['main.py'])).toMatchObject({
      app: 'python3 -m uvicorn main:app --host 127.0.0.1 --port $PORT',
      test: 'python3 -m pytest',
    })
    expect(plan({ 'pyproject.toml': '[project]' }, ['tests', '.venv']).test).toBe('.venv/bin/python -m unittest -v')
    expect(plan({ 'go.mod': 'module a' }, ['main.go'])).toMatchObject({ app: 'go run .', test: 'go test -v ./...' })
    expect(plan({ 'Cargo.toml': '' }).test).toBe('cargo test')
    expect(plan({ Makefile: 'CC := gcc\nrun:\n\t./a\ntest: build\n\t./b\nseed:\n' })).toMatchObject({
      app: 'make run',
      test: 'make test',
      seed: 'make seed',
    })
  })

  it('what is said goes before what is guessed, and an empty command means none', () => {
    const said = plan({ Makefile: 'run:\ntest:\n' }, ['mocks'], {
      app: '',
      test: 'sh t.sh',
      timeout: 5,
      database: 'none',
    })
    expect(said).toMatchObject({
      app: undefined,
      test: 'sh t.sh',
      timeout: 5,
      database: 'none',
      mocks: 'mocks',
      ready: { path: '/', timeout: 60 },
    })
  })

  it('agency.json refuses what is no sandbox', () => {
    const definition = (sandbox: unknown) =>
      definitionSchema.safeParse({ name: 'A', coordinator: { name: 'lead' }, sandbox }).success
    expect(definition({ app: 'npm start', ready: { path: '/health', timeout: 5 }, isolation: 'none' })).toBe(true)
    for (const bad of [
      { database: 'mysql' },
      { mocks: '../elsewhere' },
      { isolation: 'docker' },
      { timeout: -1 },
      { apps: 'x' },
    ])
      expect(definition(bad)).toBe(false)
  })
})

describe('R-APR-1 mocks', () => {
  const { routes, env } = mockFileSchema.parse({
    env: 'RATES_URL',
    routes: [
      { path: '/rates/:name', body: { of: '{name}', rate: 1.5 } },
      { method: 'post', path: '/orders', status: 201, body: 'made' },
      { path: '/files/*', body: 'file' },
    ],
  })

  it('the first route that fits answers, and its parts stand in the body', () => {
    expect(env).toEqual(['RATES_URL'])
    expect(mockBody(findMock(routes, 'GET', '/rates/e%22u')!)).toEqual({
      text: '{"of":"e\\"u","rate":1.5}',
      type: 'application/json',
    })
    expect(findMock(routes, 'POST', '/orders')!.route.status).toBe(201)
    expect(findMock(routes, 'HEAD', '/files/a/b')).toBeDefined()
    for (const [method, path] of [
      ['GET', '/orders'],
      ['GET', '/rates'],
      ['GET', '/rates/a/b'],
      ['PUT', '/files/a'],
    ])
      expect(findMock(routes, method!, path!)).toBeUndefined()
  })

  it('a plain list is a file too, and a mistake is refused', () => {
    expect(mockFileSchema.parse([{ path: '/' }]).routes[0]).toMatchObject({ method: 'GET', status: 200, delay: 0 })
    for (const bad of [[{ path: 'x' }], [{ path: '/', status: 9 }], { routes: [{ path: '/', delay: -1 }] }, 'text'])
      expect(mockFileSchema.safeParse(bad).success).toBe(false)
  })
})

it('R-APR-1 of previews eight run at once: the ninth puts to rest the one that nobody has asked for the longest', () => {
  const previews = Array.from({ length: 9 }, (_, at) => ({ id: `p${at}` as Id, createdAt: at }))
  expect(surplusPreviews(previews.slice(0, 8), new Map())).toEqual([])
  expect(surplusPreviews(previews, new Map())).toEqual(['p0'])
  expect(surplusPreviews(previews, new Map([['p0' as Id, 100]]))).toEqual(['p1'])
  expect(
    surplusPreviews(
      [...previews].reverse(),
      new Map([
        ['p1' as Id, 50],
        ['p0' as Id, 60],
      ]),
    ),
  ).toEqual(['p2'])
})
