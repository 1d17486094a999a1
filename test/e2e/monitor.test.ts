import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { openDesk } from './desk.ts'
import { asAgent, createTeam } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

const agency = `'${process.execPath}' '${packageRoot}/bin/agency.js'`

it('R-APR-5 R-ALL-3 the monitor shows what goes on at three sizes, live, and acts from there', async () => {
  await using bench = await Workbench.open()
  await using desk = openDesk(bench)
  await createTeam(bench, 'Crew', { agents: ['a', 'b'] })
  await desk.open(`${agency} monitor; echo ended with $?; ${agency} create Other --agents x --driver shell; exec cat`, {
    columns: 140,
    rows: 40,
  })
  await desk.sees(/● live/)
  await desk.sees(/ ◆ lead +ready[\s\S]+ a +ready[\s\S]+ b +ready/)

  // Nothing is pressed: what is said shows by itself, and cannot move the cursor.
  await bench.ok(['send', 'Crew/a', 'first \u001b[2Jword'])
  const talk = await desk.sees(/human → Crew\/a +NOTE +confirmed +first .\[2Jword/)
  expect(talk.split('\n')[0]).toMatch(/1 agency +3 ready/)
  await bench.ok(['task', 'add', 'Write it down', '--to', 'Crew/b', '--label', 'TASK-900'])
  await desk.sees(/TASK-900 .+Crew\/b +Write it down/)

  await desk.resize(80, 24)
  await desk.press('j', 'j', 'Enter')
  await desk.sees(/› Crew\/a[\s\S]+state +ready for .+\n program +script[\s\S]+its screen/)
  await bench.ok(['send', 'Crew/a', 'a second word'])
  await desk.sees(/its screen[\s\S]+a second word/)

  await desk.press('p')
  await desk.sees(/held +paused by human: from the monitor/)
  expect((await bench.agent('Crew/a')).holds).toMatchObject([{ kind: 'paused', by: 'human' }])
  await desk.press('p')
  await desk.sees(/Crew\/a goes on/)
  const { pid } = await bench.agent('Crew/a')
  await desk.press('R')
  await desk.sees(/restart Crew\/a\? its work is cut short/)
  await desk.press('y')
  await desk.sees(/Crew\/a is started anew/)
  expect((await bench.agent('Crew/a')).pid).not.toBe(pid)
  await desk.press('n')
  await desk.sees(/Crew\/a is asked what it is doing/)

  // Outside of its server tmux has the terminal, until one detaches.
  await desk.press('a')
  await desk.sees(/\[Crew.*\].*1:a\*/)
  await desk.press('C-b', 'd')
  await desk.sees(/› Crew\/a/)

  await desk.resize(60, 15)
  await desk.press('Escape', '4', 'Enter')
  await desk.sees(/› message [0-9a-f]{8}/)
  await desk.press('Escape', '/', 's', 'e', 'c', 'o', 'n', 'd', 'Enter')
  const narrow = await desk.sees(/4 messages 1 \/second/)
  expect(narrow.split('\n').every(line => line.length <= 60)).toBe(true)
  await desk.press('?')
  await desk.sees(/ask what it is doing/)
  await desk.press('x')

  await bench.ok(['daemon', 'stop'])
  await desk.sees(/○ no daemon/)
  await bench.ok(['daemon', 'start'])
  await desk.sees(/● live/)
  await bench.ok(['send', 'Crew/b', 'a second chance'])
  await desk.sees(/4 messages 2 \/second/)
  await desk.press('q')
  // What takes long tells its steps on a terminal, and nowhere else.
  await desk.sees(/ended with 0\n· writing agencies\/Other[\s\S]+· starting 2 agents[\s\S]+Other is up/)
  expect((await bench.run(['restart', 'Other'])).stderr).toBe('')

  const text = await bench.run(['monitor'])
  expect([text.code, text.stdout]).toEqual([
    0,
    expect.stringMatching(/agents 5[\s\S]+messages \d+[\s\S]+a second chance/),
  ])
  const document = await bench.ok(['monitor'])
  expect(document.agencies.map(({ name }: { name: string }) => name).sort()).toEqual(['Crew', 'Other'])
  expect(document.messages.at(-1)).toMatchObject({ to: 'Crew/b', excerpt: 'a second chance' })
  expect((await bench.run(['monitor'], asAgent(bench, 'Crew/a'))).code).toBe(0)
})
