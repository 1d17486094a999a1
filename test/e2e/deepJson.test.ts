import { readdir, rename, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { newId } from '../../src/kernel/ids.ts'
import { Workbench } from './workbench.ts'

it('R-BUS-4 R-BUS-5 JSON that is nested without end is refused at every door, and ends neither the daemon nor an outbox', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Code', '--agents', 'a'])
  const pid = await bench.daemonPid()
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  const payload = `{"type":"notice","text":"x","more":${deep}}`
  const leave = async (text: string) => {
    const name = `${newId()}.json`
    await writeFile(bench.file('registry', 'outbox', 'tmp', name), text)
    await rename(bench.file('registry', 'outbox', 'tmp', name), bench.file('registry', 'outbox', 'new', name))
  }
  const sent = await bench.run(['send', 'human', payload, '--json'])
  await leave(`{"id":"${newId()}","to":"human","body":"words","payload":${payload}}`)
  await leave(`{"id":"${newId()}","to":"human","body":"the next one"}`)
  const isEmpty = async () => (await readdir(bench.file('registry', 'outbox', 'new'))).length === 0
  expect(await until(isEmpty, { timeoutMs: 10_000, everyMs: 50 })).toBe(true)
  expect(sent).toMatchObject({ code: 2, json: { error: { message: expect.stringContaining('nested') } } })
  expect(await readdir(bench.file('registry', 'outbox', 'rejected'))).toHaveLength(1)
  const { messages } = await bench.ok(['messages'])
  expect(messages.map((message: { body: string }) => message.body)).toEqual(['the next one'])
  expect(await bench.daemonPid()).toBe(pid)
}, 60_000)
