import { mkdir, rename, rm } from 'node:fs/promises'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { isAlive } from '../../src/kernel/process.ts'
import { createTeam } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

it('R-AGY-2 R-BUS-4 nobody waits for a pipe that lies in place of a file, and the token that is lost is made anew', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a'] })
  await mkdir(bench.file('templates', 'drivers'), { recursive: true })
  const places = [
    ...['agencies/Crew/agency.json', 'agencies/Crew/coordinator.md', 'templates/drivers/script.yaml'],
    'agencies/Crew/logs/activity.log',
  ].map(path => bench.file(...path.split('/')))
  for (const place of places) {
    await rename(place, `${place}.kept`).catch(() => undefined)
    await execa('/bin/sh', ['-c', 'mkfifo "$0.pipe" && mv -f "$0.pipe" "$0"', place])
  }
  const broken = await until(
    async () => {
      const { stdout } = await bench.run(['doctor'])
      return stdout.includes(`${places[0]} cannot be read`) && stdout
    },
    { timeoutMs: 10_000, everyMs: 100 },
  )
  expect(broken).toContain('is no file')
  // More than there are threads that could wait.
  for (let times = 0; times < 3; times++) await bench.run(['restart', 'Crew/a'])
  expect((await bench.run(['driver', 'show', 'script'])).stderr).toContain(`${places[2]} cannot be read`)
  for (const place of places) {
    await rm(place)
    await rename(`${place}.kept`, place).catch(() => undefined)
  }
  await bench.ok(['restart', 'Crew/a'])
  await bench.whenAgent('Crew/a', 'ready')

  const token = bench.file('registry', 'tokens', 'human')
  await rm(token)
  await mkdir(token)
  const lost = await bench.run(['status'])
  expect([lost.code, lost.stderr]).toEqual([5, expect.stringContaining('a daemon that runs makes it anew')])
  expect(await until(async () => (await bench.run(['status'])).code === 0, { timeoutMs: 10_000 })).toBe(true)
})

it('R-LOG-6 a daemon whose registry was taken away ends, so that it does not fight with the next one', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Crew', '--agents', 'a', '--driver', 'shell'])
  const lost = await bench.daemonPid()
  await rename(bench.file('registry'), bench.file('registry.away'))
  await bench.ok(['status'])
  const next = await bench.daemonPid()
  expect(next).not.toBe(lost)
  expect(await until(() => !isAlive(lost), { timeoutMs: 15_000 })).toBe(true)
  expect(await bench.daemonPid()).toBe(next)
})
