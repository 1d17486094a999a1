import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { connect, readCredentials } from '../../src/cli/client.ts'
import { findWorkspace } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

it('R-BUS-4 a script agent confirms, acks, gives back, replies and sends by JSON lines; other words are for its pane', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'b'] })
  const replied = await bench.ok(['send', 'Duo/a', 'QUESTION: port? do=reply', '--wait', 'acked'])
  expect((await bench.ok(['inbox'])).messages).toMatchObject([{ from: 'Duo/a', type: 'ANSWER', replyTo: replied.id }])
  await bench.ok(['send', 'Duo/a', 'do=send to=Duo/b', '--wait', 'confirmed'])
  await until(async () => (await got(bench, 'Duo/b')).length > 0, { timeoutMs: 5000 })
  expect(await got(bench, 'Duo/b')).toMatchObject([{ from: 'Duo/a', type: 'STATUS', body: 'STATUS: passed on' }])
  await bench.ok(['send', 'Duo/a', 'do=babble', '--wait', 'confirmed'])
  const pane = await bench.tmux('capture-pane', '-p', '-t', (await bench.agent('Duo/a')).pane)
  expect(pane).toContain('these are words, and no JSON')
  expect(pane).toContain('there is no agency "Nowhere"')
  expect(await bench.ok(['send', 'Duo/a', 'still alive?', '--wait', 'confirmed'])).toBeTruthy()

  // Its program ends in the middle: the next start gets it again, marked, and in order before what came after.
  const deadly = await bench.ok(['send', 'Duo/b', 'do=die'])
  const after = await bench.ok(['send', 'Duo/b', 'after'])
  await bench.whenDelivery(after.id, 'Duo/b', 'confirmed')
  await bench.whenDelivery(deadly.id, 'Duo/b', 'confirmed')
  const lines = (await got(bench, 'Duo/b')).filter(line => line.id === deadly.id)
  expect(lines.map(line => line.redelivery)).toEqual([undefined, true])
})

it('R-BUS-4 a script agent that was ended in the middle of a line is heard from the first line of its next start', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const sent = await bench.ok(['send', 'Duo/a', 'do=half'])
  await bench.whenDelivery(sent.id, 'Duo/a', 'confirmed')
  expect((await got(bench, 'Duo/a')).map(line => line.redelivery)).toEqual([undefined, true])
  expect(await bench.text('registry', 'run', 'Duo', 'a', 'out')).toBe(`{"reply":"\n{"confirm":"${sent.id}"}\n`)
})

it('R-BUS-4 the answer of a script agent to a message that was given up meanwhile is not lost', async () => {
  await using bench = await Workbench.open({ settings: 'delivery: { ackTimeout: 1, maxAttempts: 1 }' })
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const asked = await bench.ok(['send', 'Duo/a', 'QUESTION: anybody?', '--ack'])
  await bench.whenDelivery(asked.id, 'Duo/a', 'dead')
  await bench.ok(['send', 'Duo/a', `do=answer of=${asked.id}`, '--wait', 'confirmed'])
  const answers = async () => (await bench.ok(['trace', asked.id])).replies
  await until(async () => (await answers()).length > 0, { timeoutMs: 5000, everyMs: 100 })
  expect(await answers()).toMatchObject([{ from: 'Duo/a', type: 'ANSWER', body: 'better late than never' }])
})

it('R-BUS-4 a large output of a script agent is begun anew at its next start, and not a line is lost or taken twice', async () => {
  await using bench = await Workbench.open({ settings: 'keep: { log: 0.002 }' })
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const out = (file: string) => bench.text('registry', 'run', 'Duo', 'a', file).catch(() => undefined)
  const answers = async () =>
    (await bench.ok(['inbox', '--all'])).messages.map((one: { body: string }) => one.body.slice(0, 24))
  await bench.ok(['send', 'Duo/a', 'do=reply', '--wait', 'acked'])
  await bench.ok(['restart', 'Duo/a'])
  expect(await out('out.1'), 'a small one stays').toBeUndefined()
  await bench.ok(['send', 'Duo/a', 'do=leave', '--wait', 'confirmed'])
  await until(async () => (await out('out'))!.length > 4000, { timeoutMs: 5000 })
  await bench.ok(['restart', 'Duo/a'])
  // The daemon that reads on is another one.
  await bench.ok(['daemon', 'restart'])
  await bench.ok(['send', 'Duo/a', 'do=reply', '--wait', 'acked'])
  await until(async () => (await answers()).length === 3, { timeoutMs: 10_000, everyMs: 100 })
  expect((await answers()).sort()).toEqual(['STATUS: from beyond', 'for human: 8080', 'for human: 8080'])
  expect((await out('out.1'))!.length).toBeGreaterThan(4000)
  expect((await out('out'))!.length).toBeLessThan(500)
})

it('R-BUS-4 500 messages of 1 B to 256 KB to 5 script agents, one of them ended meanwhile: none lost, none split, none twice without a mark, in order', async () => {
  await using bench = await Workbench.open()
  const names = ['a', 'b', 'c', 'd', 'e']
  await createTeam(bench, 'Five', { agents: names })
  for (const name of names) await bench.whenAgent(`Five/${name}`, 'ready', 'busy', 'unknown')
  const workspace = findWorkspace({ flag: bench.root, cwd: bench.root, env: {} })
  const client = connect({
    socket: workspace.socket,
    ownerFile: workspace.ownerFile,
    live: undefined,
    credentials: readCredentials(workspace, {}),
    onVersion: () => {},
  })
  const sizes = [1, 17, 300, 1_023, 2_900, 3_500, 4_095, 5_000, 30_000, 262_144]
  const sent = new Map<string, { to: string; digest: string; number: number }>()
  const sendAll = names.map(async name => {
    for (let number = 0; number < 100; number++) {
      const body = bodyOf(sizes[(number * 7) % sizes.length]!, number)
      const { id } = (await client.send('POST', '/v1/messages', { to: `Five/${name}`, body, type: 'NOTE' })) as {
        id: string
      }
      sent.set(id, { to: `Five/${name}`, digest: digest(body), number })
      if (name === 'c' && number === 50) await endProgram(bench, 'Five/c')
    }
  })
  await Promise.all(sendAll)
  const isSettled = async () => {
    const agents = (await bench.ok(['status'])).agencies[0].agents
    return agents.every((agent: { queued: number }) => agent.queued === 0)
  }
  expect(await until(isSettled, { timeoutMs: 25_000, everyMs: 200 })).toBe(true)

  for (const name of names) {
    const lines = await got(bench, `Five/${name}`)
    const seen = new Set<string>()
    const firsts: number[] = []
    for (const line of lines) {
      const expected = sent.get(line.id)!
      const body = line.body ?? (await readFile(line.bodyFile, 'utf8'))
      expect(digest(body), `${line.id} is whole`).toBe(expected.digest)
      expect(line.to).toBe(expected.to)
      if (seen.has(line.id)) expect(line.redelivery, `${line.id} came again without a mark`).toBe(true)
      else firsts.push(expected.number)
      seen.add(line.id)
    }
    expect(seen.size).toBe(100)
    if (name !== 'c') expect(firsts, 'in the order of acceptance').toEqual([...Array(100).keys()])
  }
}, 60_000)

function bodyOf(bytes: number, number: number): string {
  const text = `${number}·"quotes" \\ back\nslash 💡 `
  return bytes < 40 ? 'x'.repeat(bytes) : text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes)
}

async function endProgram(bench: Workbench, address: string): Promise<void> {
  const { pid } = await bench.agent(address)
  process.kill(pid, 'SIGKILL')
}

it('R-BUS-4 a script that hangs is given its window and no more; its next start gets what the last one had not answered, marked', async () => {
  await using bench = await Workbench.open({ settings: 'delivery:\n  confirmTimeout: 1' })
  await createTeam(bench, 'Duo', { agents: ['a'] })
  await bench.whenAgent('Duo/a', 'ready')
  const ids: string[] = []
  for (let number = 0; number < 20; number++)
    ids.push((await bench.ok(['send', 'Duo/a', `${number} do=silentonce`, '--type', 'NOTE'])).id)
  await bench.whenDelivery(ids[15]!, 'Duo/a', 'unknown')
  const held = await bench.whenDelivery(ids[16]!, 'Duo/a', 'held')
  expect(held.deliveries[0].reason).toContain('unanswered')
  // More than one time-out later it has been written nothing more.
  const later = await bench.ok(['send', 'Duo/a', 'later do=silentonce'])
  await bench.whenDelivery(later.id, 'Duo/a', 'queued', 'held')
  expect(await got(bench, 'Duo/a')).toHaveLength(16)

  await bench.ok(['restart', 'Duo/a'])
  for (const id of [...ids, later.id]) await bench.whenDelivery(id, 'Duo/a', 'confirmed')
  const lines = await got(bench, 'Duo/a')
  for (const [number, id] of ids.entries())
    expect(lines.filter(line => line.id === id).map(line => line.redelivery)).toEqual(
      number < 16 ? [undefined, true] : [undefined],
    )
})
