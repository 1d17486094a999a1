import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { layOver } from '../../src/supervisor/overlay.ts'

function folders(): { of: string; at: string } {
  const root = mkdtempSync(join(tmpdir(), 'agency-overlay-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'theirs', 'chats'), { recursive: true })
  return { of: join(root, 'theirs'), at: join(root, 'run', 'home') }
}

it('R-AGY-4 links to what is the person’s, leaves what is the agent’s own, and lays settings over theirs', async () => {
  const { of, at } = folders()
  writeFileSync(join(of, 'login.json'), 'secret')
  writeFileSync(
    join(of, 'settings.json'),
    '{ // mine\n "theme": "http://x/*no comment*/", "hooks": { "End": [1] }, "auth": { "kind": "key" } }',
  )
  const json = { 'settings.json': '{"hooks":{"End":[2],"Start":[3]},"auth":{"check":false}}' }
  await layOver({ isLinked: true, of, at, own: ['chats'], json })
  expect(readlinkSync(join(at, 'login.json'))).toBe(join(of, 'login.json'))
  expect(() => lstatSync(join(at, 'chats'))).toThrow('ENOENT')
  const merged = { End: [1, 2], Start: [3] }
  const laidOver = JSON.parse(readFileSync(join(at, 'settings.json'), 'utf8'))
  expect(laidOver).toEqual({ theme: 'http://x/*no comment*/', hooks: merged, auth: { kind: 'key', check: false } })
  // A second start begins with theirs again, and not with what the first one made of it.
  await layOver({ isLinked: true, of, at, own: ['chats'], json })
  expect(JSON.parse(readFileSync(join(at, 'settings.json'), 'utf8')).hooks).toEqual(merged)
  expect(readFileSync(join(of, 'settings.json'), 'utf8')).toContain('// mine')
})

it('what a program has put in the place of a link stays until the person’s file is the newer one', async () => {
  const { of, at } = folders()
  writeFileSync(join(of, 'trust.json'), 'old')
  utimesSync(join(of, 'trust.json'), 1, 1)
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, 'trust.json'), 'answered in the pane')
  await layOver({ isLinked: true, of, at, own: [], json: {} })
  expect(readFileSync(join(at, 'trust.json'), 'utf8')).toBe('answered in the pane')
  writeFileSync(join(of, 'trust.json'), 'logged in again')
  utimesSync(join(at, 'trust.json'), 1, 1)
  await layOver({ isLinked: true, of, at, own: [], json: {} })
  expect(readFileSync(join(at, 'trust.json'), 'utf8')).toBe('logged in again')
})

it('a program that the person has never started gets our settings alone; a file that is no JSON is named', async () => {
  const { of, at } = folders()
  await layOver({ isLinked: true, of: join(of, 'nowhere'), at, own: [], json: { 'settings.json': '{"a":1}' } })
  expect(JSON.parse(readFileSync(join(at, 'settings.json'), 'utf8'))).toEqual({ a: 1 })
  writeFileSync(join(of, 'settings.json'), '{')
  await expect(layOver({ isLinked: true, of, at, own: [], json: { 'settings.json': '{}' } })).rejects.toMatchObject({
    code: 'ENVIRONMENT',
    message: expect.stringContaining(join(of, 'settings.json')),
  })
})
