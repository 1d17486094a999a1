import { once } from 'node:events'
import { existsSync, readlinkSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import { markedProcesses } from '../../src/sandboxes/processes.ts'
import { commit, git, gitProject, worktrees } from './gitProject.ts'
import { sandboxProject } from './sandboxProject.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
type Document = any

const worktree = (bench: Workbench, agent = 'a') => bench.file('sandbox', 'worktrees', 'Crew', agent)
const STAGED = 'agency-crew-a'

/** Two agents that stay where they are, and lead: what they do is typed in their name. */
async function crew(bench: Workbench, repo: string, team: { sandbox?: object; checks?: string[] } = {}): Promise<void> {
  await createTeam(bench, 'Crew', { agents: ['a', 'b'], repo, ...team, drivers: { b: 'shell', lead: 'shell' } })
  await git(repo, 'checkout', '--quiet', '-b', 'elsewhere')
}

async function make(bench: Workbench, files: Readonly<Record<string, string>>, agent = 'a'): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(worktree(bench, agent), name)), { recursive: true })
    await writeFile(join(worktree(bench, agent), name), text)
  }
  return commit(worktree(bench, agent), `Make ${Object.keys(files).join(', ')}`)
}

async function submit(bench: Workbench, agent = 'a', env: Record<string, string> = {}): Promise<Document> {
  const ran = await bench.run(['submit', '--wait', '--json'], {
    env: { ...asAgent(bench, `Crew/${agent}`).env, ...env },
    timeoutMs: 60_000,
  })
  if (!ran.json?.submission) throw new Error(`submit ended with ${ran.code}: ${ran.stdout}${ran.stderr}`)
  return ran.json.submission
}

async function sandboxes(bench: Workbench): Promise<Document[]> {
  return (await bench.ok(['sandbox', 'list'])).sandboxes
}

it('R-APR-2 R-APR-3 what is handed in is deployed, tested there, staged with a preview that answers, and taken away after the decision', async () => {
  await using bench = await Workbench.open()
  const repo = await sandboxProject(bench.file('project'))
  await crew(bench, repo, { checks: ['echo checked'] })
  await make(bench, { 'profile.txt': 'new\n' })
  const made = await submit(bench)
  expect(made).toMatchObject({
    state: 'waiting',
    counts: { passed: 2, failed: 0 },
    checks: [{ command: 'echo checked', status: 0 }],
    tests: [{ command: 'npm test', status: 0 }],
    testedIn: expect.stringContaining(`the sandbox ${STAGED}`),
    notes: expect.arrayContaining(['its tests were guessed from the project: npm test']),
    risks: [],
  })
  expect(await fetch(made.preview).then(answer => answer.json())).toMatchObject({ seeded: 'first' })
  expect(await sandboxes(bench)).toMatchObject([{ slug: STAGED, place: 'staging', state: 'passed' }])
  expect(await git(bench.file('sandbox', 'staging', STAGED), 'rev-parse', 'HEAD')).toBe(made.change.commit)
  // The recording is kept with the submission, with what programs send to a terminal; what we print of it is letters.
  expect(made.recording).toContain(bench.file('registry', 'checks', made.id))
  const [head] = (await readFile(made.recording, 'utf8')).split('\n')
  expect(JSON.parse(head!)).toMatchObject({ version: 2, title: 'npm test' })
  expect(await bench.ok(['approvals', 'demo', made.id])).toMatchObject({
    preview: made.preview,
    recording: made.recording,
  })
  const played = await bench.run(['approvals', 'demo', made.id, '--play'])
  expect(played.stdout).toMatch(/pass 2/)
  const shown = await bench.run(['approvals', 'show', made.id])
  expect(shown.stdout).toContain(made.preview)
  expect(shown.stdout).toMatch(/1 file, \+1 -0/)
  // An agent destroys nothing that waits for a decision, and a workspace that is taken down keeps it, at rest.
  expect((await bench.run(['sandbox', 'destroy', STAGED], asAgent(bench, 'Crew/a'))).code).toBe(5)
  await bench.ok(['down'])
  expect(await fetch(made.preview).catch(() => 'nobody')).toBe('nobody')
  expect(await sandboxes(bench)).toMatchObject([{ slug: STAGED, isResting: true, state: 'passed' }])
  const { preview } = await bench.ok(['approvals', 'demo', made.id])
  expect(await fetch(preview).then(answer => answer.json())).toMatchObject({ seeded: 'first' })
  const { submission } = await bench.ok(['approvals', 'approve', made.id, '--wait'])
  expect(submission.state).toBe('merged')
  expect(await until(async () => (await sandboxes(bench)).length === 0, { timeoutMs: 20_000, everyMs: 100 })).toBe(true)
  expect(await readdir(bench.file('sandbox', 'staging'))).toEqual([])
  expect((await worktrees(repo)).filter(folder => /testing|staging/.test(folder))).toEqual([])
  expect((await bench.run(['approvals', 'demo', made.id])).stdout).toContain('.cast')
}, 120_000)

const LCOV = 'mkdir -p coverage; { echo SF:a; echo LF:10; echo "LH:$(cat covered.txt)"; } > coverage/lcov.info'

it('R-APR-2 a test that fails in the sandbox never reaches the queue: its agent is told by name; coverage is told with its change', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('project'))
  await writeFile(join(repo, 'covered.txt'), '8')
  await commit(repo, 'Cover eight of ten')
  const test = `${LCOV}; cat tap.txt 2>/dev/null || printf 'TAP version 13\\n1..1\\nok 1 - adds\\n'; test ! -f tap.txt`
  await crew(bench, repo, { sandbox: { test, app: '', isolation: 'none' } })
  const tap = 'TAP version 13\n1..2\nok 1 - adds\nnot ok 2 - keeps the \u001b[2Jpassword secret\n'
  await make(bench, { 'tap.txt': tap })
  const bad = await submit(bench)
  expect(bad).toMatchObject({
    state: 'returned',
    counts: { passed: 1, failed: 1 },
    tests: [{ status: 1, failures: [{ name: expect.stringContaining('password secret') }] }],
    reason: expect.stringMatching(/^tests: .* failed with 1: keeps the .*password secret$/),
  })
  expect((await bench.ok(['approvals'])).submissions).toEqual([])
  expect((await bench.run(['approvals', 'show', bad.id])).stdout).toMatch(/✖ keeps the .*password secret/)
  expect((await bench.run(['approvals', 'demo', bad.id, '--play'])).stdout).not.toContain('\u001b')
  expect(await sandboxes(bench)).toEqual([])
  const told = await until(async () => (await got(bench, 'Crew/a')).find(({ type }) => type === 'TASK'), {
    timeoutMs: 10_000,
  })
  expect(told?.body).toContain('password secret')
  await rm(join(worktree(bench), 'tap.txt'))
  await make(bench, { 'covered.txt': '6' })
  const good = await submit(bench)
  expect(good).toMatchObject({
    ...{ state: 'waiting', coverage: 60, coverageBefore: 80 },
    risks: ['failing-before: handed in before, it did not pass', 'coverage: 60 %, and 80 % before'],
    previous: { id: bad.id },
  })
  // Without a program there is nothing to see, so nothing runs on its account.
  expect(good.preview).toBeUndefined()
  expect(await sandboxes(bench)).toMatchObject([{ isResting: true, place: 'staging' }])
  expect((await bench.run(['approvals', 'demo', good.id])).stdout).toContain('--play')
  const queue = (await bench.run(['approvals'])).stdout
  expect(queue).toMatch(/60 % \(-20\)/)
  expect(queue).toContain('failing-before')
  // The target moves on: what is merged is another tree, and is tested as a whole once more.
  await git(repo, 'checkout', '--quiet', 'main')
  await writeFile(join(repo, 'tap.txt'), tap)
  await commit(repo, 'Break it elsewhere')
  await git(repo, 'checkout', '--quiet', 'elsewhere')
  const red = await bench.run(['approvals', 'approve', good.id, '--wait', '--json'], { timeoutMs: 60_000 })
  expect(red.json.submission).toMatchObject({
    ...{ state: 'waiting', reason: expect.stringMatching(/merged into main, .*failed with 1/) },
    mergedChecks: [{ status: 1 }],
  })
  expect(await git(repo, 'rev-list', '--merges', '--count', 'main')).toBe('0')
  expect(await sandboxes(bench)).toHaveLength(1)
}, 120_000)

it('R-APR-2 without checks and without tests it says so plainly; a guessed program that does not come up costs the preview only', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('project'))
  await crew(bench, repo)
  await make(bench, { 'work.txt': 'made' })
  const untested = await submit(bench)
  expect(untested).toMatchObject({
    ...{ state: 'waiting', tests: [], checks: [], testedIn: 'no place' },
    risks: ['untested: neither a check nor a test ran'],
    notes: [expect.stringContaining('nothing ran')],
  })
  expect((await bench.run(['approvals', 'show', untested.id])).stdout).toMatch(/tests +none ran/)
  expect((await bench.run(['approvals', 'demo', untested.id])).code).toBe(4)
  const manifest = { scripts: { start: 'echo no server; exit 3', test: "echo '# pass 3'; echo '# fail 0'" } }
  await make(bench, { 'package.json': JSON.stringify(manifest) })
  const guessed = await submit(bench)
  expect(guessed).toMatchObject({ state: 'waiting', counts: { passed: 3 } })
  expect(guessed.preview).toBeUndefined()
  expect(guessed.notes).toEqual(
    expect.arrayContaining([expect.stringMatching(/^no preview, its program ended with 3 before it answered/)]),
  )
  expect(await sandboxes(bench)).toHaveLength(1)
}, 120_000)

it('R-APR-4 after the merge the branch goes on from there, only where it is clean; and what is left to finalise becomes a task', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('project'))
  await writeFile(join(repo, 'CHANGELOG.md'), '# Changelog\n')
  await commit(repo, 'Keep a changelog')
  await crew(bench, repo)
  await make(bench, { 'src/work.js': 'made' })
  await make(bench, { 'src/other.js': 'made', 'CHANGELOG.md': '# Changelog\n\n- Other\n' }, 'b')
  const [first, second] = [await submit(bench), await submit(bench, 'b')]
  const tip = await git(repo, 'rev-parse', 'agency/Crew/b')
  // Begun after it was handed in: nobody's to touch.
  await writeFile(join(worktree(bench, 'b'), 'src', 'other.js'), 'half a thought')
  const { submission: merged } = await bench.ok(['approvals', 'approve', first.id, '--wait'])
  await bench.ok(['approvals', 'approve', second.id, '--wait'])
  const told = async (agent: string) =>
    (await bench.ok(['messages', `Crew/${agent}`])).messages.find(({ body }: Document) => body.includes('is merged'))
  const [toA, toB] = [
    await until(() => told('a'), { timeoutMs: 10_000, everyMs: 100 }),
    await until(() => told('b'), { timeoutMs: 10_000, everyMs: 100 }),
  ]
  expect(toA?.body).toContain('your branch goes on from there')
  expect(toB?.body).not.toContain('your branch')
  expect(await git(repo, 'rev-parse', 'agency/Crew/a')).toBe(merged.merge.commit)
  expect(await git(worktree(bench), 'status', '--porcelain')).toBe('')
  expect(await git(repo, 'rev-parse', 'agency/Crew/b')).toBe(tip)
  expect(await readFile(join(worktree(bench, 'b'), 'src', 'other.js'), 'utf8')).toBe('half a thought')
  // The other one has written its own line.
  const { tasks } = await bench.ok(['task', 'list'])
  expect(tasks).toMatchObject([
    { title: 'Finalise and document: Make src/work.js', assignee: 'Crew/lead', createdBy: 'system' },
  ])
  expect(tasks[0].body).toMatch(/is merged into main as .*1\. Add what it means for a user to CHANGELOG\.md/s)
}, 120_000)

it('R-APR-3 R-ALL-4 changes of every odd kind are told without a character that moves the cursor, and merged as they are', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('project'))
  await writeFile(join(repo, 'old.txt'), 'a line that stays\n'.repeat(20))
  await commit(repo, 'An old name')
  await crew(bench, repo)
  const odd = 'we\u001b[31mird\nname \u202e.txt'
  const folder = worktree(bench)
  await writeFile(join(folder, odd), 'clear\u001b[2J the \u009b screen\n')
  await writeFile(join(folder, 'picture.bin'), Buffer.from([0, 1, 2, 255, 254, 0]))
  await writeFile(join(folder, '.gitattributes'), '*.psd filter=lfs diff=lfs merge=lfs -text\n')
  await writeFile(join(folder, 'big.psd'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n')
  await writeFile(join(folder, 'zz-huge.txt'), 'x'.repeat(99).concat('\n').repeat(250_000))
  await git(folder, 'mv', 'old.txt', 'new.txt')
  await git(folder, 'add', '-A')
  await mkdir(join(folder, 'module'))
  await git(folder, 'update-index', '--add', '--cacheinfo', `160000,${await git(repo, 'rev-parse', 'HEAD')},module`)
  await git(folder, 'commit', '--quiet', '-m', 'Odd \u001b]0;title\u0007 \u202e things')
  const made = await submit(bench)
  expect(made).toMatchObject({ state: 'waiting', change: { facts: { insertions: expect.any(Number) } } })
  const { facts } = made.change
  expect(facts.files.find(({ path }: Document) => path === odd)).toMatchObject({ insertions: 1 })
  const binary = facts.files.find(({ path }: Document) => path === 'picture.bin')
  expect(binary.insertions).toBeUndefined()
  for (const risk of ['holds binary files', 'changes what git does', 'is large', 'makes executable, or a link: module'])
    expect(made.risks.join('\n')).toContain(risk)
  const moves = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/
  for (const words of ['list', `show ${made.id}`, `diff ${made.id}`, 'list --json', `diff ${made.id} --json`]) {
    const { stdout, code } = await bench.run(['approvals', ...words.split(' ')], { timeoutMs: 60_000 })
    expect([words, code, moves.exec(stdout)?.[0]]).toEqual([words, 0, undefined])
  }
  const diff = await bench.ok(['approvals', 'diff', made.id], { timeoutMs: 60_000 })
  expect(diff.isCut).toBe(true)
  expect(diff.text.includes('Binary files')).toBe(true)
  expect(diff.text.includes('+Subproject commit')).toBe(true)
  const { submission: merged } = await bench.ok(['approvals', 'approve', made.id, '--wait'], { timeoutMs: 60_000 })
  expect(merged.state).toBe('merged')
  expect(await git(repo, 'diff', '--stat', 'main', made.change.commit)).toBe('')
}, 180_000)

it('R-APR-1 R-APR-2 a port that somebody else has taken meanwhile is another when the preview is woken; a trial that hangs or forks is bounded', async () => {
  await using bench = await Workbench.open()
  const repo = await sandboxProject(bench.file('project'))
  await crew(bench, repo, { sandbox: { isolation: 'none', timeout: 20 } })
  await make(bench, { 'work.txt': 'made' })
  const made = await submit(bench)
  await bench.ok(['down'])
  const taker = createServer((_, response) => response.end('not yours'))
  taker.listen(Number(new URL(made.preview).port), '127.0.0.1')
  await once(taker, 'listening')
  try {
    const { preview } = await bench.ok(['approvals', 'demo', made.id], { timeoutMs: 60_000 })
    expect(preview).not.toBe(made.preview)
    // Whoever asks is told where it is now, and not where it was.
    expect((await bench.ok(['approvals', 'show', made.id])).submission.preview).toBe(preview)
    const shown = async () => JSON.parse(await bench.text('registry', 'approval_queue.json')).items[0].demo
    expect(await until(async () => (await shown()) === preview, { timeoutMs: 5_000 })).toBe(true)
    expect(await fetch(preview).then(answer => answer.json())).toMatchObject({ seeded: 'first' })
    expect((await bench.ok(['approvals', 'show', made.id])).submission.state).toBe('waiting')
  } finally {
    taker.close()
  }
  const file = bench.file('agencies', 'Crew', 'agency.json')
  const definition = JSON.parse(await readFile(file, 'utf8'))
  const test = '(setsid sleep 1000 &); sleep 1000'
  // A daemon that begins with it need not notice it first.
  const edit = async (sandbox: object) => {
    await writeFile(file, JSON.stringify({ ...definition, sandbox }))
    await bench.ok(['daemon', 'restart'])
  }
  await edit({ test, app: '', isolation: 'none', timeout: 2 })
  await make(bench, { 'more.txt': 'more' })
  const hung = await submit(bench)
  expect(hung).toMatchObject({ state: 'returned', reason: expect.stringContaining('it was not done after 2 s') })
  expect(hung.tests).toMatchObject([{ ended: 'it was not done after 2 s' }])
  // Its branch moves while it is tried: it is handed in no longer, and nothing of its trial stays.
  const slow = { test: 'sleep 3', app: '', isolation: 'none' }
  await edit(slow)
  await make(bench, { 'again.txt': 'again' })
  const { submission } = await bench.ok(['submit'], asAgent(bench, 'Crew/a'))
  const isTried = async () => (await sandboxes(bench)).some(({ state }) => state === 'testing')
  expect(await until(isTried, { timeoutMs: 20_000, everyMs: 50 })).toBe(true)
  await make(bench, { 'other.txt': 'other' })
  const isOver = async () =>
    (await bench.ok(['approvals', 'show', submission.id])).submission.state === 'withdrawn' &&
    (await sandboxes(bench)).length === 0
  expect(await until(isOver, { timeoutMs: 30_000, everyMs: 200 })).toBe(true)
  const left = () => [...markedProcesses('').values()].flat().filter(pid => isRunning(pid) && isOurs(pid, bench.root))
  await until(() => left().length === 0, { timeoutMs: 5_000, everyMs: 50 })
  expect(left()).toEqual([])
}, 180_000)

/** Its working folder lies in the workspace. */
function isOurs(pid: number, root: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(root)
  } catch {
    return false
  }
}

const LATE = ['submission-followed', 'sandbox-destroying']

it.each(['test-deployed', 'test-ran', 'sandbox-staging', 'sandbox-staged', 'submission-staged', ...LATE])(
  'R-APR-2 R-APR-4 a daemon that is killed at %s leaves one trial, one merge and nothing else',
  async point => {
    await using bench = await Workbench.open()
    const repo = await gitProject(bench.file('project'))
    await crew(bench, repo, { sandbox: { test: "echo '# pass 1'; echo '# fail 0'", app: '', isolation: 'none' } })
    await make(bench, { 'work.txt': 'made' })
    await bench.ok(['daemon', 'stop'])
    const crash = { AGENCY_CRASH_AT: point }
    await bench.ok(['daemon', 'start'], { env: crash })
    const pid = await bench.daemonPid()
    await bench.run(['submit', '--json'], asAgent(bench, 'Crew/a'))
    const isLate = LATE.includes(point)
    const waiting = async () =>
      (await bench.ok(['approvals'])).submissions.find(({ state }: Document) => state === 'waiting')
    if (isLate) await bench.ok(['approvals', 'approve', (await until(waiting, { timeoutMs: 20_000 })).id])
    expect(await until(() => !isRunning(pid), { timeoutMs: 20_000 })).toBe(true)
    if (!isLate) {
      const { id } = await until(waiting, { timeoutMs: 30_000, everyMs: 100 })
      expect(await sandboxes(bench)).toMatchObject([{ place: 'staging' }])
      expect(existsSync(bench.file('sandbox', 'staging', STAGED, 'work.txt'))).toBe(true)
      await bench.ok(['approvals', 'approve', id, '--wait'])
    }
    const isGone = async () =>
      (await sandboxes(bench)).length === 0 && (await bench.ok(['approvals', 'list'])).submissions.length === 0
    expect(await until(isGone, { timeoutMs: 20_000, everyMs: 100 })).toBe(true)
    expect(await git(repo, 'rev-list', '--merges', '--count', 'main')).toBe('1')
    expect((await worktrees(repo)).filter(folder => /testing|staging/.test(folder))).toEqual([])
  },
  120_000,
)

it('R-APR-1 R-APR-2 nine previews are never awake at once: the oldest rests, is said to, and another rests when it is woken', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('project'))
  const server = `require('http').createServer((_, answer) => answer.end('here')).listen(process.env.PORT, '127.0.0.1')`
  await writeFile(join(repo, 'server.js'), server)
  await commit(repo, 'A server')
  const agents = Array.from({ length: 9 }, (_, at) => `p${at}`)
  const drivers = Object.fromEntries([...agents, 'lead'].map(name => [name, 'shell']))
  const sandbox = { app: 'node server.js', isolation: 'none' }
  await createTeam(bench, 'Crew', { agents, repo, sandbox, drivers, checks: ['true'] })
  await Promise.all(agents.map(agent => make(bench, { [`${agent}.txt`]: agent }, agent)))
  const first = await submit(bench, 'p0')
  const others = await Promise.all(agents.slice(1).map(agent => submit(bench, agent)))
  expect(others.map(({ state, preview }) => [state, typeof preview])).toEqual(others.map(() => ['waiting', 'string']))

  const resting = async () => (await sandboxes(bench)).filter(({ isResting }) => isResting).map(({ slug }) => slug)
  expect(await resting()).toEqual(['agency-crew-p0'])
  expect((await bench.run(['sandbox', 'list'])).stdout).toMatch(/agency-crew-p0 .*staged, resting/)
  const answers = (url: string) =>
    fetch(url).then(
      answer => answer.text(),
      () => 'nobody',
    )
  expect(await answers(first.preview)).toBe('nobody')
  expect(await Promise.all(others.map(({ preview }) => answers(preview)))).toEqual(others.map(() => 'here'))
  expect((await bench.run(['approvals', 'show', first.id])).stdout).toMatch(
    /approvals demo \w+ wakes it where it rests/,
  )

  const { preview } = await bench.ok(['approvals', 'demo', first.id])
  expect(await answers(preview)).toBe('here')
  const [other, ...more] = await resting()
  expect([other === 'agency-crew-p0', more]).toEqual([false, []])
}, 180_000)
