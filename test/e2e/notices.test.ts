import { chmod, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { openReceiver } from '../notices/receiver.ts'
import { temporaryFolder } from '../storage/sqlite/setup.ts'
import { openDesk } from './desk.ts'
import { createTeam } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

const SECRET = 'known to both ends alone'

it('R-APR-2 R-ALL-3 what needs the person rings, is shown by tmux and the desktop, and is posted; agency notify tells and tries each way', async () => {
  await using receiver = await openReceiver()
  const { folder, shown } = await fakeDesktop()
  await using bench = await Workbench.open({
    settings: `notices: { webhook: { url: "${receiver.url}", secretFile: hook-secret } }`,
    env: { DISPLAY: ':7', PATH: `${folder}${delimiter}${process.env.PATH}` },
  })
  await using desk = openDesk(bench)
  await writeFile(bench.file('hook-secret'), SECRET)
  // The daemon is started here, with a desktop.
  await createTeam(bench, 'Crew', { agents: ['a'] })
  await desk.open(`env -u TMUX tmux -L ${bench.socket} attach -t =Crew`)

  await bench.ok(['send', '--from', 'Crew/a', 'human', 'QUESTION a: which \u001b[31mport?'])
  await desk.sees(/agency: Crew\/a: QUESTION a: which .+port\?/)
  expect(await until(() => desk.hasRung(), { timeoutMs: 5_000, everyMs: 50 })).toBe(true)
  expect(await until(() => receiver.received.length > 0, { timeoutMs: 5_000, everyMs: 20 })).toBe(true)
  expect(receiver.received[0]!.body).toMatchObject({ count: 1, items: [{ kind: 'asked' }] })
  const onDesktop = () => readFile(shown, 'utf8').catch(() => '')
  expect(await until(async () => (await onDesktop()).includes('which'), { timeoutMs: 5_000, everyMs: 20 })).toBe(true)

  const tried = await bench.ok(['notify', 'test'])
  expect(tried.ways.map(({ way, outcome }: { way: string; outcome: string }) => `${way} ${outcome}`)).toEqual([
    'tmux sent',
    'bell sent',
    'desktop sent',
    'webhook sent',
  ])
  expect((await bench.ok(['notify'])).ways[3]).toMatchObject({ way: 'webhook', state: 'on', waiting: 0 })

  receiver.answer = response => response.writeHead(500).end()
  const failed = await bench.run(['notify', 'test', 'webhook'])
  expect([failed.code, failed.stdout]).toEqual([6, expect.stringMatching(/^webhook {2}failed {2}.+ answered 500$/)])
  await bench.ok(['send', '--from', 'Crew/a', 'human', 'QUESTION a: and now?'])
  const doctor = async () => JSON.stringify((await bench.run(['doctor', '--json'])).json.findings)
  const told = await until(async () => /the webhook for notices fails: .+ answered 500/.test(await doctor()), {
    timeoutMs: 15_000,
    everyMs: 200,
  })
  expect(told).toBe(true)
  expect((await bench.run(['notify', 'nonsense'])).code).toBe(2)
  expect((await bench.run(['config', 'notices.quiet', '22-7'])).code).toBe(2)
  const log = await bench.text('registry', 'agencyd.log')
  expect(log).toContain('the person could not be told')
  expect(log + (await bench.run(['config'])).stdout).not.toContain(SECRET)
})

/** A notify-send that writes down what it is given, in a folder that goes before everything else. */
async function fakeDesktop(): Promise<{ folder: string; shown: string }> {
  const folder = temporaryFolder()
  const shown = join(folder, 'shown')
  await writeFile(join(folder, 'notify-send'), `#!/bin/sh\nprintf '%s\\n' "$@" >>'${shown}'\n`)
  await chmod(join(folder, 'notify-send'), 0o755)
  return { folder, shown }
}
