import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { isAlive } from '../../src/kernel/process.ts'
import { git, gitProject } from './gitProject.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { add, type Document, whenSaid, whenTask } from './taskSteps.ts'
import { Workbench } from './workbench.ts'

const events = (story: Document): string[] => story.events.map(({ event }: { event: string }) => event)

it('R-TSK-1 tasks are given out as what they wait for is done, to whoever has what they need, and the graph shows it', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a', 'b'], skills: { a: ['backend'], b: ['frontend'] } })
  const file = bench.file('tasks.yaml')
  await writeFile(
    file,
    `- { key: api, title: "Design the interface do=complete", to: Crew/lead }
- { key: server, title: "Build the server do=complete", to: Crew, needs: backend, after: api }
- { key: page, title: "Build the page do=complete", to: Crew, needs: [frontend], after: [api] }
- { key: ship, title: "Put it together do=complete", to: Crew/a, after: ["server", "page:done"], priority: high }
`,
  )
  const { tasks } = await bench.ok(['task', 'add', '--file', file])
  expect(tasks.map(({ label, state }: Document) => [label, state])).toEqual([
    ['TASK-001', 'ready'],
    ['TASK-002', 'blocked'],
    ['TASK-003', 'blocked'],
    ['TASK-004', 'blocked'],
  ])
  const { task, dependsOn } = await whenTask(bench, 'TASK-004', 'succeeded').then(story => ({
    ...story,
    dependsOn: story.task.dependsOn,
  }))
  expect(task).toMatchObject({ claimant: 'Crew/a', epoch: 1, attempts: 0, isUnapproved: false })
  expect(dependsOn).toMatchObject([
    { label: 'TASK-002', on: 'success' },
    { label: 'TASK-003', on: 'done' },
  ])
  expect((await whenTask(bench, 'TASK-002', 'succeeded')).task.claimant).toBe('Crew/a')
  expect((await whenTask(bench, 'TASK-003', 'succeeded')).task.claimant).toBe('Crew/b')
  const [given] = (await got(bench, 'Crew/a')).slice(-1)
  expect(given).toMatchObject({
    type: 'TASK',
    from: 'human',
    body: expect.stringContaining('TASK-004: Put it together'),
  })
  expect(given.body).toContain('Builds on:\n- TASK-002 Build the server do=complete, by Crew/a')
  // Nothing is told twice: each agent got each of its tasks once.
  for (const agent of ['lead', 'a', 'b']) {
    const labels = (await got(bench, `Crew/${agent}`)).map(({ body }) => body.slice(0, 8))
    expect(new Set(labels).size).toBe(labels.length)
  }
  const tree = await bench.run(['task', 'graph', '--all'])
  expect(tree.stdout.split('\n')[0]).toMatch(/^TASK-001 succeeded/)
  expect(tree.stdout).toMatch(/└─ TASK-004 succeeded .*also after TASK-002/)
  expect((await bench.run(['task', 'graph', '--all', '--format', 'mermaid'])).stdout).toMatch(
    /^flowchart TD\n {2}t[0-9a-f]{8}\["TASK-001/,
  )
  expect((await bench.run(['task', 'graph', '--all', '--format', 'dot'])).stdout).toMatch(
    /^digraph tasks \{[\s\S]*\[label="done"\]\n\}$/,
  )
  const seen = await until(
    async () => {
      const view = JSON.parse(await bench.text('registry', 'task_graph.json'))
      return view.items.every((item: Document) => item.state === 'succeeded') && view.items.length === 4 && view.items
    },
    { timeoutMs: 5000, everyMs: 100 },
  )
  expect(seen).toMatchObject([{}, { dependsOn: [{ task: tasks[0].id, on: 'success' }] }, {}, {}])
  // What cannot be done is called as the person called it.
  await bench.ok(['task', 'add', 'Mine first', '--to', 'human'])
  await bench.ok(['task', 'add', 'Mine then', '--to', 'human', '--after', 'TASK-005'])
  const early = await bench.run(['task', 'done', 'TASK-006', 'made'])
  expect([early.code, early.stderr]).toEqual([4, expect.stringContaining('cannot end TASK-006: it is blocked')])
  const past = await bench.run(['task', 'after', 'TASK-001', 'TASK-005'])
  expect([past.code, past.stderr]).toEqual([4, expect.stringContaining('cannot change what comes before TASK-001')])
})

it('R-TSK-4 done counts when the checks pass: until then nobody reads that it is done, and its agent gets the output', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('repo'))
  await createTeam(bench, 'Crew', {
    agents: ['a'],
    repo,
    checks: ['echo looking; grep -q mended work.txt || { echo "work.txt is not mended" >&2; exit 3; }'],
  })
  const { id } = await add(bench, 'Make it do=complete file=work.txt', '--to', 'Crew/a')
  const story = await whenTask(bench, id, 'succeeded')
  expect(events(story)).toEqual(['add', 'unblock', 'claim', 'begin', 'submit', 'return', 'submit', 'pass'])
  expect(story.task).toMatchObject({
    attempts: 1,
    isUnapproved: true,
    evidence: { ahead: 2, files: ['work.txt'], problems: [] },
  })
  expect(story.task.evidence.commit).toBe(await git(repo, 'rev-parse', 'agency/Crew/a'))
  expect(await readFile(story.task.evidence.checks[0].log, 'utf8')).toBe('looking\n')
  const back = (await got(bench, 'Crew/a')).at(-1)
  expect(back.body).toMatch(/TASK-001: not done yet \(1 of 3\): .* failed with 3\n[\s\S]*work\.txt is not mended/)
  const { messages } = await bench.ok(['inbox', '--all'])
  expect(messages.filter(({ type, state }: Document) => type === 'COMPLETE' && state !== 'cancelled')).toHaveLength(1)
  const said = (await bench.ok(['messages', 'Crew/a', '--type', 'COMPLETE'])).messages
  expect(said.map(({ state }: Document) => state)).toEqual(['cancelled', expect.stringMatching(/queued|confirmed/)])
})

it('R-TSK-4 what is not committed, or names commits that are not there, is not done; after the last try it has failed', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('repo'))
  await createTeam(bench, 'Crew', { agents: ['a'], drivers: { a: 'shell' }, repo, checks: ['exit 9'] })
  const own = asAgent(bench, 'Crew/a')
  const { id } = await add(bench, 'Make it', '--to', 'Crew/a', '--attempts', '3')
  await bench.ok(['task', 'start', id], own)
  const worktree = bench.file('sandbox', 'worktrees', 'Crew', 'a')
  await bench.ok(['task', 'done', id, 'made', '--commit', 'abcdef1'], own)
  await whenSaid(bench, id, 'there is no commit abcdef1 in its repository')
  await writeFile(`${worktree}/one.txt`, '1')
  await git(worktree, 'add', '-A')
  await git(worktree, 'commit', '--quiet', '-m', 'One')
  await writeFile(`${worktree}/two.txt`, '2')
  await bench.ok(['task', 'done', id, 'made'], own)
  await whenSaid(bench, id, '1 uncommitted: two.txt')
  await git(worktree, 'add', '-A')
  await git(worktree, 'commit', '--quiet', '-m', 'Two')
  await bench.ok(['task', 'done', id, 'made'], own)
  const failed = await whenTask(bench, id, 'failed')
  expect(failed.task).toMatchObject({ attempts: 3, reason: 'exit 9 failed with 9' })
  const { messages } = await bench.ok(['inbox', '--all'])
  expect(messages.map(({ body }: Document) => body).join()).toContain('TASK-001')
  expect(messages.some(({ type, state }: Document) => type === 'COMPLETE' && state !== 'cancelled')).toBe(false)
  const again = await bench.ok(['task', 'retry', id])
  expect(again.task).toMatchObject({ state: 'ready', iteration: 2, attempts: 0 })
})

it('R-BUS-8 a check speaks for nobody: what an agent has written into its tests is never taken for the person', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('repo'))
  const agency = `'${process.execPath}' '${join(packageRoot, 'bin', 'agency.js')}'`
  const asks = `AGENCY_WORKSPACE='${bench.root}' ${agency} send human "the check is the person" > said.txt 2>&1; echo "status $?" >> said.txt; cat said.txt; rm said.txt; false`
  await createTeam(bench, 'Crew', { agents: ['a'], repo, checks: [asks] })
  const { id } = await add(bench, 'Make it do=complete file=other.txt', '--to', 'Crew/a', '--attempts', '1')
  const { task } = await whenTask(bench, id, 'failed')
  expect(await readFile(task.evidence.checks[0].log, 'utf8')).toMatch(
    /the token of nobody cannot be read[\s\S]*status 5/,
  )
  const { messages } = await bench.ok(['messages'])
  expect(messages.some(({ body }: Document) => body === 'the check is the person')).toBe(false)
})

it('R-BUS-1 TASK, BLOCKED and COMPLETE in words move tasks; an answer lets its agent go on, the same label again is its next iteration', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a'] })
  await bench.ok(['send', 'Crew', 'TASK-007: the goal'])
  const goal = await whenTask(bench, 'TASK-007', 'running')
  expect(goal.task).toMatchObject({ claimant: 'Crew/lead', createdBy: 'human', title: 'the goal' })
  await bench.ok(['send', 'Crew/a', 'TASK-007: its part do=stuck'], asAgent(bench, 'Crew/lead'))
  const [part] = (await until(
    async () => {
      const { tasks } = await bench.ok(['task', 'list', '--agent', 'Crew/a', '--state', 'awaiting-input'])
      return tasks.length > 0 && tasks
    },
    { timeoutMs: 10_000, everyMs: 100 },
  )) as Document[]
  expect(part).toMatchObject({ parent: goal.task.id, reason: expect.stringContaining('which port?') })
  await bench.ok(['send', 'Crew/a', 'QUESTION: how far are you?', '--wait', 'confirmed'], asAgent(bench, 'Crew/lead'))
  expect((await bench.ok(['task', 'show', part.id])).task.state).toBe('awaiting-input')
  await bench.ok(['send', 'Crew/a', 'ANSWER code: 8080'], asAgent(bench, 'Crew/lead'))
  await whenTask(bench, part.id, 'running')
  // The label is its whole's as well: that is shown, and whoever works means its own. What changes them asks which.
  expect((await bench.ok(['task', 'show', 'TASK-007'])).task.id).toBe(goal.task.id)
  await bench.ok(['task', 'block', 'TASK-007', 'and which host?'], asAgent(bench, 'Crew/a'))
  await bench.ok(['send', 'Crew/a', 'the build is slow today', '--wait', 'confirmed'], asAgent(bench, 'Crew/lead'))
  expect((await bench.ok(['task', 'show', part.id])).task.state).toBe('awaiting-input')
  const { messages } = await bench.ok(['messages'])
  const asked = messages.findLast(({ type }: Document) => type === 'BLOCKED')
  await bench.ok(['reply', asked.id, 'localhost'], asAgent(bench, 'Crew/lead'))
  await whenTask(bench, part.id, 'running')
  // Whoever finds a way without an answer says so.
  await bench.ok(['task', 'block', 'TASK-007', 'and which user?'], asAgent(bench, 'Crew/a'))
  expect((await bench.ok(['task', 'start', 'TASK-007'], asAgent(bench, 'Crew/a'))).task).toMatchObject({
    ...{ id: part.id, state: 'running', epoch: 1 },
  })
  const which = await bench.run(['task', 'cancel', 'TASK-007', '--json'])
  expect([which.code, which.json.error.hint]).toEqual([
    4,
    expect.stringMatching(/[0-9a-f]{8} \(Crew\/a: its part do=stuck\) or [0-9a-f]{8} \(Crew\/lead: the goal\)/),
  ])
  const taken = await bench.run(['task', 'add', 'Another', '--to', 'Crew/a', '--label', 'TASK-007', '--json'])
  expect([taken.code, taken.json.error.hint]).toEqual([4, expect.stringContaining('leave --label out')])
  // The whole does not count while a part of it is open.
  await bench.ok(['send', 'human', 'COMPLETE lead: TASK-007: all done'], asAgent(bench, 'Crew/lead'))
  await whenSaid(bench, goal.task.id, 'its parts are still open')
  await bench.ok(['send', 'Crew', 'COMPLETE a: TASK-007: done'], asAgent(bench, 'Crew/a'))
  await whenTask(bench, part.id, 'succeeded')
  await bench.ok(['send', 'human', 'COMPLETE lead: TASK-007: all done'], asAgent(bench, 'Crew/lead'))
  await whenTask(bench, goal.task.id, 'succeeded')
  await bench.ok(['send', 'Crew/a', 'TASK-007: once more do=complete'], asAgent(bench, 'Crew/lead'))
  await until(async () => (await bench.ok(['task', 'show', part.id])).task.iteration === 2, {
    timeoutMs: 10_000,
    everyMs: 100,
  })
  expect((await whenTask(bench, part.id, 'succeeded')).task).toMatchObject({ iteration: 2, epoch: 2 })
})

it('R-TSK-3 an agent that dies loses its task at once and gets it again at its next start, told that it was interrupted', async () => {
  await using bench = await Workbench.open({ settings: 'supervision: { tick: 0.2 }' })
  await createTeam(bench, 'Crew', { agents: ['a', 'b'] })
  const { id } = await add(bench, 'Work long', '--to', 'Crew/a')
  const other = await add(bench, 'Work long as well', '--to', 'Crew/b')
  await whenTask(bench, id, 'running')
  await whenTask(bench, other.id, 'running')
  expect((await bench.agent('Crew/a')).tasks).toEqual(['TASK-001'])
  expect((await bench.run(['status'])).stdout).toMatch(/ a +ready .* script +TASK-001/)
  expect((await bench.run(['explain', 'Crew/a'])).stdout).toMatch(
    /task +TASK-001 [0-9a-f]{8} +running for .* Work long/,
  )
  process.kill((await bench.agent('Crew/a')).pid, 'SIGKILL')
  const story = await until(
    async () => {
      const found = await bench.ok(['task', 'show', id])
      return found.task.epoch === 2 && found.task.state === 'running' && found
    },
    { timeoutMs: 15_000, everyMs: 100 },
  )
  expect(events(story)).toEqual(['add', 'unblock', 'claim', 'begin', 'interrupt', 'unblock', 'claim', 'begin'])
  expect(story.task).toMatchObject({ interruptions: 1, attempts: 0 })
  const lines = (await got(bench, 'Crew/a')).map(({ body }) => body)
  expect(lines).toHaveLength(2)
  expect(lines[1]).toContain('This task was given before and interrupted (1): its agent died')
  expect((await bench.ok(['task', 'show', other.id])).task).toMatchObject({
    state: 'running',
    epoch: 1,
    interruptions: 0,
  })
})

it('R-TSK-1 survives the death of the daemon: nothing is given twice, and what was said meanwhile is heard', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a'] })
  const running = await add(bench, 'Work long', '--to', 'Crew/a')
  const next = await add(bench, 'Then this do=complete', '--to', 'Crew/a', '--after', running.id)
  await whenTask(bench, running.id, 'running')
  const pid = await bench.daemonPid()
  process.kill(pid, 'SIGKILL')
  await until(() => !isAlive(pid), { timeoutMs: 5000 })
  // Said into the outbox of a daemon that is not there: heard by the next one.
  await writeFile(
    bench.file('registry', 'outbox', 'tmp', 'one'),
    JSON.stringify({
      id: '01900000-0000-7000-8000-0000000000aa',
      to: 'human',
      body: 'COMPLETE a: TASK-001: done',
      token: (await bench.text('registry', 'tokens', 'Crew.a')).trim(),
    }),
  )
  const { rename } = await import('node:fs/promises')
  await rename(bench.file('registry', 'outbox', 'tmp', 'one'), bench.file('registry', 'outbox', 'new', 'one.json'))
  expect((await whenTask(bench, next.id, 'succeeded')).task).toMatchObject({ epoch: 1, interruptions: 0 })
  expect((await bench.ok(['task', 'show', running.id])).task).toMatchObject({ state: 'succeeded', epoch: 1 })
  expect((await got(bench, 'Crew/a')).map(({ body }) => body.slice(0, 8))).toEqual(['TASK-001', 'TASK-002'])
})

it('R-TSK-1 an agent pulls what it can do, keeps its claim alive, and loses it when it is silent', async () => {
  await using bench = await Workbench.open({ settings: 'tasks: { lease: 1 }' })
  await createTeam(bench, 'Crew', { agents: ['sh1'], drivers: { sh1: 'shell' }, skills: { sh1: ['backend'] } })
  const own = asAgent(bench, 'Crew/sh1')
  expect(await bench.ok(['task', 'next'], own)).toEqual({ task: null })
  await add(bench, 'For others', '--to', 'Crew', '--needs', 'frontend')
  const fits = await add(bench, 'For this one', '--to', 'Crew', '--needs', 'backend')
  expect((await bench.ok(['task', 'next'], own)).task).toMatchObject({
    id: fits.id,
    state: 'running',
    claimant: 'Crew/sh1',
    epoch: 1,
  })
  await bench.ok(['task', 'heartbeat', fits.id, '--epoch', '1'], own)
  // One at a time; and none while it is paused.
  const more = await bench.run(['task', 'next', '--json'], own)
  expect(more).toMatchObject({ code: 4, json: { error: { message: 'Crew/sh1 has TASK-002 already' } } })
  const late = await bench.run(['task', 'heartbeat', fits.id, '--epoch', '7', '--json'], own)
  expect(late).toMatchObject({ code: 4, json: { error: { code: 'CONFLICT' } } })
  // Its program lives, which is a sign of life; a dead one gives none.
  await bench.ok(['stop', 'Crew/sh1'])
  expect((await whenTask(bench, fits.id, 'ready')).task).toMatchObject({ interruptions: 0 })
  expect(await bench.run(['task', 'done', fits.id, 'too late', '--json'], own)).toMatchObject({ code: 4 })
  await bench.ok(['start', 'Crew/sh1'])
  await bench.ok(['pause', 'Crew/sh1'])
  const paused = await bench.run(['task', 'next', '--json'], own)
  expect(paused).toMatchObject({ code: 4, json: { error: { message: 'Crew/sh1 takes no work now' } } })
})

it('R-TSK-1 cancel takes its parts along and tells who works on it; assign moves it; a deadline ends it', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a', 'b'] })
  const whole = await add(bench, 'The whole', '--to', 'Crew/a')
  const part = await add(bench, 'A part', '--to', 'Crew/b', '--parent', whole.id)
  await whenTask(bench, whole.id, 'running')
  await whenTask(bench, part.id, 'running')
  const { task } = await bench.ok(['task', 'assign', part.id, 'Crew/lead'])
  expect(task).toMatchObject({ assignee: 'Crew/lead' })
  expect((await whenTask(bench, part.id, 'running')).task).toMatchObject({
    claimant: 'Crew/lead',
    epoch: 2,
    interruptions: 0,
  })
  const { tasks } = await bench.ok(['task', 'cancel', whole.id, 'no longer wanted'])
  expect(tasks.map(({ state }: Document) => state)).toEqual(['cancelled', 'cancelled'])
  const told = async (address: string) => (await got(bench, address)).map(({ body }) => body).join('\n')
  await until(async () => (await told('Crew/a')).includes('is cancelled: no longer wanted'), { timeoutMs: 10_000 })
  expect(await told('Crew/b')).toContain('TASK-002 is taken from you: given to Crew/lead')
  const short = await add(
    bench,
    'Soon',
    '--to',
    'Crew/a',
    '--deadline',
    '1s',
    '--after',
    (await add(bench, 'Never', '--to', 'human')).id,
  )
  const itsPart = await add(bench, 'A part of it', '--to', 'human', '--parent', short.id)
  expect((await whenTask(bench, short.id, 'dead')).task.reason).toBe('its deadline has passed')
  expect((await whenTask(bench, itsPart.id, 'cancelled')).task.reason).toBe(`${short.label} is given up`)
  expect(await bench.run(['task', 'retry', short.id, '--json'])).toMatchObject({
    code: 4,
    json: { error: { code: 'CONFLICT' } },
  })
})

it('R-AGY-7 assign gives a goal to a coordinator, or to whoever is best suited, with the reasons', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a', 'b'], skills: { a: ['backend', 'api-design'], b: ['backend'] } })
  const goal = await bench.ok(['assign', 'Crew', 'A goal\nwith more to say'])
  expect(goal.task).toMatchObject({ assignee: 'Crew/lead', title: 'A goal', body: 'with more to say' })
  await bench.ok(['assign', 'Crew/b', 'Busy with this'])
  const auto = await bench.ok(['assign', '--auto', 'Something', '--needs', 'backend'])
  expect(auto.task).toMatchObject({ assignee: 'Crew/a', needs: ['backend'] })
  expect(auto.choices.map(({ agent }: Document) => agent)).toEqual(['Crew/a', 'Crew/b'])
  expect(auto.choices[0].reasons).toContain('has backend')
  const dry = await bench.run(['assign', '--auto', 'Something', '--needs', 'backend', '--dry-run'])
  expect(dry.stdout).toMatch(/^best {2}Crew\/b {2}0\.\d\d .*no record yet/)
  const nobody = await bench.run(['assign', '--auto', 'Fly', '--needs', 'wings', '--json'])
  expect(nobody).toMatchObject({
    code: 3,
    json: { error: { code: 'NOT_FOUND', hint: 'there are: api-design, backend' } },
  })
})

it('R-BUS-8 an agent gives work inside its agency, and ends or changes only what is its own', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a', 'b'] })
  await createTeam(bench, 'Other', { agents: ['x'] })
  const [a, b, lead] = ['Crew/a', 'Crew/b', 'Crew/lead'].map(address => asAgent(bench, address))
  const { id } = await add(bench, 'Theirs', '--to', 'Crew/b')
  await whenTask(bench, id, 'running')
  const refused = async (words: readonly string[], as = a) =>
    expect(await bench.run([...words, '--json'], as), words.join(' ')).toMatchObject({
      code: 5,
      json: { error: { code: 'NOT_ALLOWED' } },
    })
  await refused(['task', 'done', id, 'mine'])
  await refused(['task', 'cancel', id])
  await refused(['task', 'assign', id, 'Crew/a'])
  await refused(['task', 'start', (await add(bench, 'For b', '--to', 'Crew/b')).id])
  await refused(['task', 'add', 'Do it', '--to', 'Other/x'])
  await refused(['task', 'add', 'Do it', '--to', 'Other'])
  await refused(['task', 'add', 'Do it'])
  await refused(['task', 'add', 'Do it', '--to', 'Other/x'], lead)
  expect((await bench.ok(['task', 'add', 'Handed over', '--to', 'Other'], lead)).tasks[0]).toMatchObject({
    assignee: 'Other/lead',
    createdBy: 'Crew/lead',
  })
  expect((await bench.ok(['task', 'add', 'A part', '--to', 'Crew/a'], b)).tasks[0]).toMatchObject({
    parent: id,
    createdBy: 'Crew/b',
  })
  expect((await bench.ok(['task', 'cancel', id], lead)).tasks[0].state).toBe('cancelled')
})

it('R-ALL-3 bad input is refused by name, with what to type next', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a'] })
  const refused = async (code: number, name: string, words: readonly string[], said?: string, input?: string) => {
    const ran = await bench.run([...words, '--json'], input === undefined ? {} : { input })
    expect(ran, words.join(' ')).toMatchObject({ code, json: { error: { code: name } } })
    if (said) expect(ran.json.error.message).toContain(said)
  }
  await refused(2, 'USAGE', ['task', 'dance'], 'task dance')
  await refused(2, 'USAGE', ['task', 'add', ' '])
  await refused(2, 'USAGE', ['task', 'add', 'x', '--label', '../7'])
  await refused(2, 'TOO_LARGE', ['task', 'add', 'x'.repeat(300)])
  await refused(3, 'NOT_FOUND', ['task', 'add', 'x', '--to', 'Nowhere'])
  await refused(3, 'NOT_FOUND', ['task', 'add', 'x', '--after', 'TASK-99'])
  await refused(3, 'NOT_FOUND', ['task', 'show', 'ffffffff'])
  await refused(2, 'USAGE', ['task', 'add', '--file', '-'], 'holds no list', 'a: 1')
  await refused(2, 'USAGE', ['task', 'add', 'x', '--deadline', 'soon'])
  await refused(2, 'USAGE', ['task', 'add', 'x', '--attempts', 'some'], '--attempts "some" is no number')
  await refused(2, 'USAGE', ['task', 'cancel', 'TASK-1', 'TASK-2'], 'TASK-2 is a second one')
  const round = ['task', 'add', '--file', '-']
  await refused(
    4,
    'CONFLICT',
    round,
    'would wait for each other',
    '[{key: a, title: A, label: TASK-A, after: b}, {key: b, title: B, label: TASK-B, after: a}]',
  )
  await refused(4, 'CONFLICT', round, 'TASK-A → TASK-A', '[{key: a, title: A, label: TASK-A, after: a}]')
  expect((await bench.ok(['task', 'list', '--all'])).tasks).toEqual([])
})

it('R-TSK-1 what the person is to do stands in the inbox, and is begun by reading it', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a'] })
  const own = await add(bench, 'Choose a name', '--to', 'human')
  const next = await add(bench, 'Use it do=complete', '--to', 'Crew/a', '--after', own.id)
  await whenTask(bench, own.id, 'claimed')
  const { messages } = await bench.ok(['inbox'])
  expect(messages).toMatchObject([
    { type: 'TASK', from: 'system', body: expect.stringContaining('TASK-001: Choose a name') },
  ])
  await whenTask(bench, own.id, 'running')
  await bench.ok(['task', 'done', own.id, 'Fred'])
  expect((await whenTask(bench, own.id, 'succeeded')).task.result.summary).toBe('Fred')
  await whenTask(bench, next.id, 'succeeded')
})
