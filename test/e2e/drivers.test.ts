import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Workbench } from './workbench.ts'

let bench: Workbench

beforeAll(async () => {
  bench = await Workbench.open()
  const drivers = bench.file('templates', 'drivers')
  await mkdir(drivers, { recursive: true })
  await writeFile(join(drivers, 'brief.yaml'), 'title: Ends at once\ndoors: [typing]\ncommand: ["false"]\n')
  await writeFile(
    join(drivers, 'missing.yaml'),
    'title: Missing\ndoors: [typing]\ninstall: pip install it\ncommand: [no-such-program]\n',
  )
  await writeFile(
    join(drivers, 'broken.yaml'),
    'title: Broken\ndoors: [typing]\ncommand: [cat]\nrules: [{ name: x }]\n',
  )
}, 30_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

it('R-AGY-4 driver test starts the program in a scratch pane and says which rule matched what', async () => {
  const ran = await bench.run(['driver', 'test', 'rehearsal'])
  expect(ran.code).toBe(0)
  expect(ran.stdout).toMatch(/screen\s+ready\s+composer/)
  expect(ran.stdout).toMatch(/hook\s+ready\s+SessionStart/)
  expect(ran.stdout).toMatch(/composer\s+shows pasted text/)
  const report = await bench.ok(['driver', 'test', 'rehearsal'])
  expect(report).toMatchObject({ driver: 'rehearsal', isComposerSeen: true })
  expect(await bench.tmux('list-sessions', '-F', '#{session_name}')).not.toContain('driver-test')
})

it('R-AGY-4 a program that ends at its start is told as it is, with its screen', async () => {
  const ran = await bench.run(['driver', 'test', 'brief', '--json'])
  expect(ran.code).toBe(6)
  expect(ran.json.readyAfterMs).toBeUndefined()
  expect(ran.json.screen.join('\n')).toContain('ended with status 1')
})

it('R-AGY-4 drivers are listed with what is installed, and shown with their file', async () => {
  const { drivers } = await bench.ok(['driver']).catch(error => ({ drivers: String(error) }))
  // One profile with a mistake must not hide the others.
  expect(drivers.find(({ name }: { name: string }) => name === 'missing')).toMatchObject({ install: 'pip install it' })
  expect(drivers.find(({ name }: { name: string }) => name === 'broken').problem).toContain('rules')
  const shown = await bench.ok(['driver', 'show', 'brief'])
  expect(shown).toMatchObject({ file: bench.file('templates', 'drivers', 'brief.yaml') })
  expect(shown.text).toContain('Ends at once')
})

it('R-AGY-4 what cannot be tried says why', async () => {
  expect(await bench.run(['driver', 'test', 'missing', '--json'])).toMatchObject({
    code: 8,
    json: { error: { hint: 'pip install it' } },
  })
  expect((await bench.run(['driver', 'test', 'nonesuch'])).code).toBe(3)
  expect((await bench.run(['driver', 'show', '../../../etc/passwd'])).code).toBe(3)
  expect((await bench.run(['driver', 'prod', 'claude'])).code).toBe(2)
})
