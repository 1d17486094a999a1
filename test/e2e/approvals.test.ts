import { rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { workspaceAt } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { isAlive } from '../../src/kernel/process.ts'
import { commit, git, gitProject } from './gitProject.ts'
import { asAgent, createTeam, got, type Team } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
type Document = any

const worktree = (bench: Workbench, agent = 'a') => bench.file('sandbox', 'worktrees', 'Crew', agent)

/** A team whose agents stay where they are: what they do is typed in their name. */
async function crew(
  bench: Workbench,
  team: { checks?: Team['checks']; approval?: 'required' | 'off'; drivers?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const repo = await gitProject(bench.file('repo'))
  const drivers = team.drivers ?? { a: 'shell', b: 'shell', lead: 'shell' }
  await createTeam(bench, 'Crew', { agents: ['a', 'b'], repo, ...team, drivers })
  // Beside the branch that work goes to, so that it moves without anybody's files.
  await git(repo, 'checkout', '--quiet', '-b', 'elsewhere')
  return repo
}

async function made(bench: Workbench, file: string, text: string, agent = 'a'): Promise<string> {
  await writeFile(join(worktree(bench, agent), file), text)
  return commit(worktree(bench, agent), `Make ${file}`)
}

async function handIn(bench: Workbench, agent = 'a', ...words: readonly string[]): Promise<Document> {
  return (await bench.ok(['submit', '--wait', ...words], asAgent(bench, `Crew/${agent}`))).submission
}

async function whenSubmission(bench: Workbench, id: string, ...states: readonly string[]): Promise<Document> {
  let story: Document
  const found = await until(
    async () => {
      story = await bench.ok(['approvals', 'show', id])
      return states.includes(story.submission.state)
    },
    { timeoutMs: 20_000, everyMs: 100 },
  )
  if (!found) throw new Error(`${id} is not ${states.join(' or ')}: ${JSON.stringify(story, null, 1)}`)
  return story
}

const eventsOf = (story: Document): string[] => story.events.map(({ event }: { event: string }) => event)

async function personHears(bench: Workbench, words: RegExp, timeoutMs = 10_000): Promise<Document> {
  let last: Document
  const heard = await until(
    async () => {
      last = (await bench.ok(['messages', 'human'])).messages
      return last.find(({ body, payload }: Document) => words.test(payload?.text ?? body))
    },
    { timeoutMs, everyMs: 50 },
  )
  if (!heard) throw new Error(`the person is not told ${words}: ${JSON.stringify(last, null, 1)}`)
  return heard
}

/** As a program would that speaks to the daemon itself. */
async function curl(bench: Workbench, token: string, path: string, body: object): Promise<string> {
  const { socket } = workspaceAt(bench.root)
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const asked = request({ socketPath: socket, method: 'POST', path, headers }, answer => {
      let text = ''
      answer.on('data', chunk => {
        text += chunk
      })
      answer.on('end', () => resolve(text))
    })
    asked.on('error', reject)
    asked.end(JSON.stringify(body))
  })
}

it('R-APR-2 R-APR-4 what passes its checks and tests waits for the person, and what is approved is merged as exactly that commit', async () => {
  await using bench = await Workbench.open()
  const repo = await crew(bench, { checks: ['echo "# pass 14"; echo "# fail 0"; pwd; test -f work.txt'] })
  const before = await git(repo, 'rev-parse', 'main')
  const hash = await made(bench, 'work.txt', 'made')
  await made(bench, 'NOTES.md', 'read me')
  const tip = await git(repo, 'rev-parse', 'agency/Crew/a')
  const submission = await handIn(bench, 'a', '--title', 'Work', '--measure', 'Build time: 8 min → 3 min')
  expect(submission).toMatchObject({
    state: 'waiting',
    author: 'Crew/a',
    measures: ['Build time: 8 min → 3 min'],
    counts: { passed: 14, failed: 0 },
    testedIn: expect.stringContaining('scratch'),
    change: { branch: 'agency/Crew/a', commit: tip, target: 'main', base: before },
  })
  expect(submission.change.facts).toMatchObject({ insertions: 2, deletions: 0, documents: ['NOTES.md', 'work.txt'] })
  expect(submission.change.facts.commits.map((each: Document) => each.hash)).toEqual([tip, hash])
  // Tried in two places: where it was made, and apart.
  const [checked, tested] = await Promise.all(
    [submission.checks, submission.tests].map(async ([run]: Document) =>
      bench.text(run.log.slice(bench.root.length + 1)),
    ),
  )
  expect(checked).toContain(worktree(bench))
  expect(tested).toContain(bench.file('sandbox', 'testing'))
  expect(await git(repo, 'rev-parse', 'main')).toBe(before)
  await personHears(bench, /"Work" of Crew\/a .*waits for your decision/)
  const view = await until(
    async () => {
      const { items } = JSON.parse(await bench.text('registry', 'approval_queue.json'))
      return items.length === 1 && items[0].state === 'waiting' && items
    },
    { timeoutMs: 5000, everyMs: 50 },
  )
  expect(view).toMatchObject([{ id: submission.id, commit: tip, tests: { passed: 14 }, files: 2 }])

  const { submission: merged } = await bench.ok(['approvals', 'approve', submission.id.slice(-8), '--wait'])
  expect(merged).toMatchObject({ state: 'merged', decision: { kind: 'approve', by: 'human', commit: tip } })
  expect((await git(repo, 'rev-list', '--parents', '-1', 'main')).split(' ')).toEqual([
    merged.merge.commit,
    before,
    tip,
  ])
  expect(await git(repo, 'show', 'main:work.txt')).toBe('made')
  expect(eventsOf(await bench.ok(['approvals', 'show', submission.id]))).toEqual([
    ...['submit', 'pass-checks', 'pass-tests', 'approve', 'begin-merge', 'prepare', 'finish'],
  ])
  expect(await git(repo, 'worktree', 'list')).not.toContain('testing')
  const again = await bench.run(['approvals', 'approve', submission.id])
  expect(again.code).toBe(4)
  expect(again.stderr).toContain('it is merged by human')
})

it('R-APR-2 what fails its checks, or its tests apart, never reaches the queue: its agent gets the output as a task', async () => {
  await using bench = await Workbench.open()
  const repo = await crew(bench, {
    // Passes where it was made, and fails on the commit alone.
    checks: [
      { name: 'nothing bad', run: 'test ! -f bad.txt || { echo "bad.txt must go" >&2; exit 3; }' },
      'test -f ignored.txt || { echo apart >&2; exit 4; }',
    ],
    drivers: { b: 'shell', lead: 'shell' },
  })
  await writeFile(join(repo, '.git', 'info', 'exclude'), 'ignored.txt\n')
  await writeFile(join(worktree(bench), 'ignored.txt'), '')
  await made(bench, 'bad.txt', 'bad')
  const bad = await bench.run(['submit', '--wait', '--json'], asAgent(bench, 'Crew/a'))
  expect(bad.code).toBe(4)
  expect(bad.json.submission).toMatchObject({
    state: 'returned',
    tests: [],
    reason: 'nothing bad failed with 3: bad.txt must go',
  })
  const told = await until(async () => (await got(bench, 'Crew/a')).find(({ type }) => type === 'TASK'), {
    timeoutMs: 10_000,
  })
  // By its name and its last words: a shell script tells nobody anything.
  expect(told?.body).toContain('did not pass: nothing bad failed with 3: bad.txt must go')
  expect(told?.body).not.toContain('test ! -f')
  const shown = (await bench.run(['approvals', 'show', bad.json.submission.id])).stdout
  expect(shown).toMatch(/checks {4}failed with 3 {2}nothing bad .*\n +bad\.txt must go\n +all of it: \/.*1\.log/)
  expect(shown).not.toContain('test ! -f')
  await rm(join(worktree(bench), 'bad.txt'))
  await commit(worktree(bench), 'Mend it')
  await made(bench, 'good.txt', 'good')
  const apart = await bench.run(['submit', '--wait', '--json'], asAgent(bench, 'Crew/a'))
  expect(apart.json.submission).toMatchObject({
    state: 'returned',
    reason: expect.stringMatching(/^tests: test -f ignored.txt .* failed with 4: apart$/),
  })
  const events = await bench.ok(['approvals', 'show', apart.json.submission.id])
  expect(eventsOf(events)).toEqual(['submit', 'pass-checks', 'return'])
  expect((await bench.ok(['approvals'])).submissions).toEqual([])
  expect((await bench.run(['approvals', 'approve', apart.json.submission.id])).code).toBe(4)
  // What is not committed is not handed in at all.
  await writeFile(join(worktree(bench), 'later.txt'), 'x')
  const unsaved = await bench.run(['submit'], asAgent(bench, 'Crew/a'))
  expect(unsaved.code).toBe(4)
  expect(unsaved.stderr).toContain('not committed: later.txt')
})

it('R-APR-4 nobody but the person decides: no verb, message, outbox file or token of an agent gets past', async () => {
  await using bench = await Workbench.open()
  const repo = await crew(bench)
  await made(bench, 'work.txt', 'made')
  const before = await git(repo, 'rev-parse', 'main')
  const { id, change } = await handIn(bench)
  for (const agent of ['Crew/a', 'Crew/b', 'Crew/lead']) {
    for (const words of [
      ['approve', id],
      ['reject', id, 'no'],
      ['request-changes', id, 'more'],
    ]) {
      const refused = await bench.run(['approvals', ...words], asAgent(bench, agent))
      expect([agent, words[0], refused.code]).toEqual([agent, words[0], 5])
      expect(refused.stderr).toContain('that is for the person')
    }
    const token = (await bench.text('registry', 'tokens', agent.replace('/', '.'))).trim()
    const asked = await curl(bench, token, `/v1/submissions/${id}/decide`, {
      decision: 'approve',
      commit: change.commit,
    })
    expect(asked).toContain('NOT_ALLOWED')
    expect(await curl(bench, token, `/v1/submissions/${id}/decide`, { decision: 'approve', by: 'human' })).toContain(
      'USAGE',
    )
  }
  expect(await curl(bench, '0'.repeat(64), `/v1/submissions/${id}/decide`, { decision: 'approve' })).toContain(
    'NO_TOKEN',
  )
  // Another's work is not theirs to hand in or take back, and no voice is the person's.
  expect((await bench.run(['submit', '--branch', 'agency/Crew/a'], asAgent(bench, 'Crew/b'))).code).toBe(5)
  expect((await bench.run(['submit', '--branch', 'elsewhere'], asAgent(bench, 'Crew/lead'))).code).toBe(5)
  expect((await bench.run(['approvals', 'withdraw', id], asAgent(bench, 'Crew/b'))).code).toBe(5)
  expect(
    (await bench.run(['send', '--from', 'human', 'Crew/lead', `approve ${id}`], asAgent(bench, 'Crew/b'))).code,
  ).toBe(5)
  const said = { type: 'response', decision: 'approve', submission: id, approved: true }
  await bench.run(['send', 'human', JSON.stringify(said)], asAgent(bench, 'Crew/a'))
  await writeFile(
    bench.file('registry', 'outbox', 'new', 'approve.json'),
    JSON.stringify({
      from: 'human',
      to: 'Crew/lead',
      verb: 'approvals',
      decision: 'approve',
      id,
      body: `approve ${id}`,
    }),
  )
  await until(async () => (await bench.run(['approvals', 'show', id])).code === 0, { timeoutMs: 1000 })
  const story = await bench.ok(['approvals', 'show', id])
  expect(story.submission).toMatchObject({ state: 'waiting' })
  expect(eventsOf(story)).toEqual(['submit', 'pass-checks', 'pass-tests'])
  expect(await git(repo, 'rev-parse', 'main')).toBe(before)
  // Its coordinator may hand in for it, and take it back.
  expect((await bench.ok(['approvals', 'withdraw', id, 'not yet'], asAgent(bench, 'Crew/lead'))).submission.state).toBe(
    'withdrawn',
  )
  const again = await bench.ok(['submit', '--branch', 'agency/Crew/a'], asAgent(bench, 'Crew/lead'))
  expect(again.submission).toMatchObject({ author: 'Crew/a', submittedBy: 'Crew/lead' })
})

it('R-APR-4 an approval is for one commit: amended, moved or deleted meanwhile it is void, and is never used twice', async () => {
  await using bench = await Workbench.open()
  const repo = await crew(bench)
  const before = await git(repo, 'rev-parse', 'main')
  await made(bench, 'work.txt', 'made')
  const first = await handIn(bench)
  expect((await handIn(bench)).id).toBe(first.id)
  await git(worktree(bench), 'commit', '--quiet', '--amend', '-m', 'Make it otherwise')
  const refused = await bench.run(['approvals', 'approve', first.id])
  expect(refused.code).toBe(4)
  expect(await git(repo, 'rev-parse', 'main')).toBe(before)
  expect((await whenSubmission(bench, first.id, 'withdrawn')).submission.reason).toMatch(/moved|no longer/)
  const second = await handIn(bench)
  expect(second).toMatchObject({ state: 'waiting', previous: { id: first.id, commit: first.change.commit } })
  expect((await bench.ok(['approvals', 'diff', second.id, '--since-previous'])).text).toBe('')
  expect((await bench.ok(['approvals', 'diff', second.id])).text).toContain('+made')
  // A commit more, seen without anybody asking.
  await made(bench, 'more.txt', 'more')
  expect((await whenSubmission(bench, second.id, 'withdrawn')).submission.reason).toContain('moved to')
  const third = await handIn(bench)
  const wrong = await bench.run(['approvals', 'approve', third.id, '--commit', second.change.commit])
  expect(wrong.code).toBe(4)
  // The worktree is not what is approved.
  await rm(worktree(bench), { recursive: true, force: true })
  const decided = await Promise.all([
    bench.run(['approvals', 'approve', third.id, '--wait', '--json']),
    bench.run(['approvals', 'reject', third.id, 'no', '--json']),
    bench.run(['approvals', 'approve', third.id, '--wait', '--json']),
  ])
  expect(decided.map(({ code }) => code).sort()).toEqual([0, 4, 4])
  const { submission } = await whenSubmission(bench, third.id, 'merged', 'rejected')
  const merges = Number(await git(repo, 'rev-list', '--merges', '--count', 'main'))
  expect(merges).toBe(submission.state === 'merged' ? 1 : 0)
})

it('R-APR-4 a branch that somebody works in moves with its clean files; with others it is held, and nothing of theirs is touched', async () => {
  await using bench = await Workbench.open()
  const repo = await crew(bench)
  await git(repo, 'checkout', '--quiet', 'main')
  await made(bench, 'work.txt', 'made')
  const { id } = await handIn(bench)
  await writeFile(join(repo, 'README.md'), 'half a thought')
  const held = await bench.run(['approvals', 'approve', id, '--wait', '--json'])
  expect(held.code).toBe(4)
  expect(held.json.submission).toMatchObject({
    state: 'held',
    reason: expect.stringMatching(/checked out in .*1 uncommitted change: commit it,.*stash/),
  })
  const { findings } = (await bench.run(['doctor', '--json'])).json
  expect(findings).toContainEqual({
    level: 'warn',
    what: expect.stringMatching(/^\w{8} ".*" is approved and not merged: main is checked out/),
    hint: expect.stringContaining(`agency approvals retry ${id.slice(-8)}`),
  })
  expect(held.json.submission.decision).toMatchObject({ kind: 'approve' })
  expect(await bench.text('repo', 'README.md')).toBe('half a thought')
  expect(await git(repo, 'rev-list', '--merges', '--count', 'main')).toBe('0')
  await personHears(bench, /could not be merged: main is checked out/)
  // What is not known to git stays, and what it would overwrite keeps it back: also when somebody asks for another try.
  await writeFile(join(repo, 'work.txt'), 'mine')
  await git(repo, 'checkout', '--quiet', '--', 'README.md')
  const agent = await bench.run(['approvals', 'retry', id], asAgent(bench, 'Crew/a'))
  expect(agent.code).toBe(5)
  expect((await bench.run(['approvals', 'retry', id, '--wait', '--json'])).json.submission.state).toBe('held')
  expect(await bench.text('repo', 'work.txt')).toBe('mine')
  await writeFile(join(repo, 'other.txt'), 'mine too')
  await rm(join(repo, 'work.txt'))
  // Approved once: it goes on by itself.
  const story = await whenSubmission(bench, id, 'merged')
  expect(eventsOf(story).filter(event => event === 'approve')).toHaveLength(1)
  expect(eventsOf(story)).toContain('resume')
  expect((await bench.run(['approvals', 'retry', id])).code).toBe(4)
  expect(await bench.text('repo', 'work.txt')).toBe('made')
  expect(await git(repo, 'status', '--porcelain')).toBe('?? other.txt')
})

it('R-APR-4 R-TSK-6 a target that moved on is merged when that is clean and its checks pass, and goes back to the person when not', async () => {
  await using bench = await Workbench.open()
  const repo = await crew(bench, { checks: ['test ! -f left.txt || test ! -f right.txt'] })
  await made(bench, 'README.md', '# Ours\n')
  await made(bench, 'left.txt', 'left')
  const first = await handIn(bench)
  await made(bench, 'right.txt', 'right', 'b')
  const second = await handIn(bench, 'b')
  await bench.ok(['approvals', 'approve', second.id, '--wait'])
  const red = await bench.run(['approvals', 'approve', first.id, '--wait', '--json'])
  expect(red.code).toBe(4)
  expect(red.json.submission).toMatchObject({
    state: 'waiting',
    reason: expect.stringMatching(/merged into main, .*failed with 1/),
  })
  expect(red.json.submission.decision).toBeUndefined()
  await git(repo, 'checkout', '--quiet', 'main')
  await git(repo, 'rm', '--quiet', 'right.txt')
  await writeFile(join(repo, 'README.md'), '# Theirs\n')
  await commit(repo, 'Move on')
  const conflict = await bench.run(['approvals', 'approve', first.id, '--wait', '--json'])
  expect(conflict.json.submission).toMatchObject({
    state: 'waiting',
    reason: expect.stringContaining('does not merge: README.md'),
  })
  await writeFile(join(repo, 'README.md'), '# Project\n')
  await commit(repo, 'Move back')
  const { submission } = await bench.ok(['approvals', 'approve', first.id, '--wait'])
  expect(submission.state).toBe('merged')
  // Red is a judgment of the work, and a target that moved on is none: of the two the other was good at once.
  const sentBack = (await bench.ok(['log', '--subject', first.id])).units.filter(
    ({ metadata }: Document) => metadata.event === 'requeue',
  )
  expect(sentBack.map(({ metadata }: Document) => metadata.isRed)).toEqual([true, undefined])
  expect((await bench.ok(['metrics'])).agencies[0].measures.firstReview).toBe(0.5)
  expect((await git(repo, 'rev-list', '--parents', '-1', 'main')).split(' ')[2]).toBe(first.change.commit)
})

it('R-APR-4 a file under the lease of somebody else is not changed by a merge', async () => {
  await using bench = await Workbench.open()
  const repo = await crew(bench)
  await made(bench, 'work.txt', 'made')
  const { id } = await handIn(bench)
  const b = { ...asAgent(bench, 'Crew/b'), cwd: worktree(bench, 'b') }
  await bench.ok(['lock', 'acquire', 'work.txt', '--ttl', '10m'], b)
  const held = await bench.run(['approvals', 'approve', id, '--wait', '--json'])
  expect(held.json.submission).toMatchObject({
    state: 'held',
    reason: expect.stringContaining('under a lease of Crew/b'),
  })
  expect(await git(repo, 'rev-list', '--merges', '--count', 'main')).toBe('0')
  await bench.ok(['lock', 'release', 'work.txt'], b)
  await whenSubmission(bench, id, 'merged')
})

it('R-APR-4 silence approves nothing: the person is warned, and then it expires', async () => {
  await using bench = await Workbench.open({ settings: 'approvals: { expire: 0.0001, warn: 0.00006 }' })
  const repo = await crew(bench)
  await made(bench, 'work.txt', 'made')
  const { id, expiresAt } = await handIn(bench)
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now())
  await personHears(bench, /expires at .* when nobody decides/, 20_000)
  const story = await whenSubmission(bench, id, 'expired')
  expect(eventsOf(story).slice(-2)).toEqual(['pass-tests', 'expire'])
  expect((await bench.run(['approvals', 'approve', id])).code).toBe(4)
  expect(await git(repo, 'rev-list', '--merges', '--count', 'main')).toBe('0')
  await personHears(bench, /silence approves nothing/)
})

for (const point of [
  'submission-checked',
  'merge-begun',
  'merge-made',
  'merge-prepared',
  'merge-advanced',
  'merge-recorded',
  'submission-told',
])
  it(`R-APR-4 a daemon that is killed at ${point} leaves one merge, and one record of it`, async () => {
    await using bench = await Workbench.open()
    const repo = await crew(bench, { checks: ['test -f work.txt'] })
    await made(bench, 'work.txt', 'made')
    const isEarly = point === 'submission-checked'
    const { id } = isEarly ? { id: '' } : await handIn(bench)
    await bench.ok(['daemon', 'stop'])
    const crash = { env: { AGENCY_CRASH_AT: point } }
    await bench.ok(['daemon', 'start'], crash)
    const pid = await bench.daemonPid()
    if (isEarly) await bench.run(['submit'], { env: { ...asAgent(bench, 'Crew/a').env, ...crash.env } })
    else await bench.run(['approvals', 'approve', id], crash)
    expect(await until(() => !isAlive(pid), { timeoutMs: 20_000 })).toBe(true)
    const known = isEarly ? (await bench.ok(['approvals', 'list', '--all'])).submissions[0].id : id
    if (isEarly) {
      await whenSubmission(bench, known, 'waiting')
      await bench.ok(['approvals', 'approve', known])
    }
    const { submission } = await whenSubmission(bench, known, 'merged')
    expect(await git(repo, 'rev-list', '--merges', '--count', 'main')).toBe('1')
    expect(await git(repo, 'rev-parse', 'main')).toBe(submission.merge.commit)
    expect(await git(repo, 'rev-parse', 'main^2')).toBe(submission.change.commit)
    const told = async () =>
      (await bench.ok(['messages', 'Crew/a'])).messages.filter(({ body }: Document) =>
        body.includes('is merged into main'),
      )
    expect(await until(async () => (await told()).length > 0, { timeoutMs: 10_000 })).toBe(true)
    expect(await told()).toHaveLength(1)
    expect(await git(repo, 'worktree', 'list')).not.toContain('testing')
  })

it('R-APR-2 a report is decided about as well, and a coordinator hands in with its COMPLETE', async () => {
  await using bench = await Workbench.open()
  const repo = await crew(bench)
  const report = await bench.ok(['submit', '--report', '-', '--title', 'Audit', '--wait'], {
    ...asAgent(bench, 'Crew/b'),
    input: 'Nothing was found.\u001b[2J',
  })
  expect(report.submission).toMatchObject({ state: 'waiting', author: 'Crew/b' })
  expect(report.submission.change).toBeUndefined()
  const shown = await bench.run(['approvals', 'show', report.submission.id])
  expect(shown.stdout).toContain('Nothing was found.')
  expect(shown.stdout).not.toContain('\u001b')
  expect((await bench.ok(['approvals', 'approve', report.submission.id, '--wait'])).submission.state).toBe('approved')
  await made(bench, 'work.txt', 'made')
  const body = `COMPLETE lead: TASK-009: done\n{"submit": true, "branch": "agency/Crew/a", "title": "By its coordinator"}`
  await bench.ok(['send', 'human', body], asAgent(bench, 'Crew/lead'))
  const found = await until(
    async () => (await bench.ok(['approvals'])).submissions.find(({ state }: Document) => state === 'waiting'),
    { timeoutMs: 10_000 },
  )
  expect(found).toMatchObject({ author: 'Crew/a', submittedBy: 'Crew/lead', title: 'By its coordinator' })
  await bench.ok(['approvals', 'reject', found.id, 'no'])
  expect(await git(repo, 'rev-list', '--merges', '--count', 'main')).toBe('0')
  // An agent that coordinates nothing hands in nothing this way.
  await bench.ok(['send', 'human', 'COMPLETE b: done\n{"submit": true}'], asAgent(bench, 'Crew/b'))
  expect((await bench.ok(['approvals', 'list', '--all'])).submissions).toHaveLength(2)
})

it('R-APR-4 R-TSK-4 with approval required a task counts when the person approves it, and comes back as its next iteration when not', async () => {
  await using bench = await Workbench.open()
  const repo = await crew(bench, { approval: 'required', drivers: { lead: 'shell' } })
  const [task] = (await bench.ok(['task', 'add', 'Make it do=complete file=work.txt', '--to', 'Crew/a'])).tasks
  const waiting = async () =>
    (await bench.ok(['approvals'])).submissions.find(({ state }: Document) => state === 'waiting')
  const first = await until(waiting, { timeoutMs: 20_000, everyMs: 100 })
  expect(first).toMatchObject({
    author: 'Crew/a',
    task: task.id,
    iteration: 1,
    title: 'Make it do=complete file=work.txt',
  })
  expect((await bench.ok(['task', 'show', task.id])).task).toMatchObject({
    state: 'awaiting-approval',
    isUnapproved: true,
  })
  await bench.ok([
    'approvals',
    'request-changes',
    first.id,
    'say it another way: text=again do=complete file=other.txt',
  ])
  const second = await until(
    async () => {
      const found = await waiting()
      return found?.id !== first.id && found
    },
    { timeoutMs: 20_000, everyMs: 100 },
  )
  expect(second).toMatchObject({ task: task.id, iteration: 2, previous: { id: first.id } })
  const tasks = (await got(bench, 'Crew/a')).filter(({ type }) => type === 'TASK')
  expect(tasks).toHaveLength(2)
  expect(tasks[1].body).toContain('say it another way')
  await bench.ok(['approvals', 'approve', second.id, '--wait'])
  const done = await until(
    async () => {
      const story = await bench.ok(['task', 'show', task.id])
      return story.task.state === 'succeeded' && story
    },
    { timeoutMs: 10_000, everyMs: 100 },
  )
  expect(done.task).toMatchObject({ iteration: 2, isUnapproved: false })
  expect(eventsOf(done).filter(event => ['present', 'reopen', 'approve'].includes(event))).toEqual([
    'present',
    'reopen',
    'present',
    'approve',
  ])
  expect(await git(repo, 'rev-list', '--merges', '--count', 'main')).toBe('1')
  // What is cancelled is decided about no more. By another agent: the note of the merge quotes a title that the first acts upon.
  const [third] = (await bench.ok(['task', 'add', 'Make it do=complete file=third.txt', '--to', 'Crew/b'])).tasks
  const unwanted = await until(waiting, { timeoutMs: 20_000, everyMs: 100 })
  expect(unwanted).toMatchObject({ task: third.id })
  await bench.ok(['task', 'cancel', third.id, 'no longer wanted'])
  expect((await whenSubmission(bench, unwanted.id, 'withdrawn')).submission.reason).toContain('cancelled')
})

it('R-APR-4 a task whose commits hide on another branch, or behind a tag that is named as the main one, waits for approval all the same', async () => {
  await using bench = await Workbench.open()
  await crew(bench, { approval: 'required', drivers: { a: 'shell', b: 'shell', lead: 'shell' } })
  const own = asAgent(bench, 'Crew/a')
  const [task] = (await bench.ok(['task', 'add', 'Make it', '--to', 'Crew/a'])).tasks
  await bench.ok(['task', 'start', task.id], own)
  await made(bench, 'work.txt', 'made')
  await git(worktree(bench), 'branch', 'shelter')
  await git(worktree(bench), 'tag', 'main')
  await bench.ok(['task', 'done', task.id, 'made'], own)
  const isThere = async () => (await bench.ok(['task', 'show', task.id])).task.state === 'awaiting-approval'
  expect(await until(isThere, { timeoutMs: 15_000, everyMs: 100 })).toBe(true)
})

it('R-APR-4 a guarded branch that moves without an approval is told of, with who and what; an approved merge is not', async () => {
  await using bench = await Workbench.open()
  await crew(bench, { approval: 'required' })
  await made(bench, 'work.txt', 'made')
  const { id } = await handIn(bench)
  await bench.ok(['approvals', 'approve', id, '--wait'])
  await git(worktree(bench, 'b'), 'commit', '--quiet', '--allow-empty', '-m', 'Past the gate')
  await git(worktree(bench, 'b'), 'update-ref', '-m', 'sneaked in', 'refs/heads/main', 'HEAD')
  const told = await personHears(bench, /main of .*(moved without an approval|was set)/)
  expect(told.payload.text).toMatch(/Moved by Test <test@example.org>: sneaked in/)
  const all = (await bench.ok(['messages', 'human'])).messages.filter(
    ({ payload }: Document) => payload?.state === 'ungated',
  )
  expect(all).toHaveLength(1)
})
