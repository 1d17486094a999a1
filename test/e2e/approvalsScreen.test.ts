import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import { commit, git, gitProject } from './gitProject.ts'
import { asAgent, createTeam } from './scriptAgents.ts'
import { Viewer } from './viewer.ts'
import { Workbench } from './workbench.ts'

const AGENTS = ['a', 'b', 'c', 'd'] as const
const worktree = (bench: Workbench, agent: string) => bench.file('sandbox', 'worktrees', 'Crew', agent)

async function handIn(bench: Workbench, agent: string, title: string): Promise<string> {
  const folder = worktree(bench, agent)
  await mkdir(join(folder, 'src', 'profile'), { recursive: true })
  await writeFile(
    join(folder, 'src', 'profile', `${agent}.ts`),
    `export const picture = '${agent}' // \u001b[2Jhidden\u202e\n`,
  )
  await writeFile(join(folder, `${agent}.md`), `# Picture of ${agent}\n\nOpen **Settings**.\n`)
  await commit(folder, `Work of ${agent}`)
  const handed = await bench.ok(['submit', '--wait', '--title', title], asAgent(bench, `Crew/${agent}`))
  return handed.submission.id
}

it('R-APR-3 R-APR-4 the approvals screen shows, decides and takes back, at every size, and gives the terminal back', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('repo'))
  const drivers = Object.fromEntries([...AGENTS, 'lead'].map(name => [name, 'shell']))
  const checks = ['echo "# pass 14"; echo "# fail 0"']
  await createTeam(bench, 'Crew', { agents: [...AGENTS], repo, approval: 'required', checks, drivers })
  await git(repo, 'checkout', '--quiet', '-b', 'elsewhere')
  const editor = bench.file('editor.sh')
  await writeFile(editor, '#!/bin/sh\n{ echo "name it as the others"; cat "$1"; } > "$1.new"; mv "$1.new" "$1"\n', {
    mode: 0o755,
  })
  const paged = bench.file('paged.txt')

  const viewer = await Viewer.open(bench, { columns: 60, rows: 15 }, { EDITOR: editor, PAGER: `cat > ${paged}` })
  await viewer.type('echo before; agency approvals')
  expect(await viewer.sees(/Nothing waits for you/)).toContain('agency submit')

  // Live: it appears while the screen is open.
  const first = await handIn(bench, 'a', 'First \u001b[31mred\u202e work of Crew 日本語')
  const list = await viewer.sees(/1 waits for you/)
  expect(list).toMatch(/First �\[31mred� .*14 ✓/)
  expect(list).toMatch(/enter open {2}a approve/)
  const second = await handIn(bench, 'b', 'Second')
  const third = await handIn(bench, 'c', 'Third')
  await viewer.sees(/3 wait for you/)

  // Wider and wider, while it is open.
  await viewer.resize({ columns: 100, rows: 30 })
  await viewer.sees(/coverage[\s\S]*risk|no risk was seen/)
  await viewer.resize({ columns: 250, rows: 80 })
  expect(await viewer.sees(/branch .*coverage .*demo .*risk/)).toContain('agency/Crew/a')

  // One that is open, page by page; the diff side by side.
  await viewer.press('g', 'Enter')
  await viewer.sees(/\[summary\][\s\S]*What its author says/)
  await viewer.press('Tab')
  const wide = await viewer.sees(/\[diff\][\s\S]*▾ src\/profile\//)
  expect(wide).toMatch(/▾ src\/profile\/a\.ts {2}new \+1/)
  expect(wide).toMatch(/1 \+ export const picture = 'a' \/\/ �\[2Jhidden�/)
  await viewer.press('t')
  await viewer.sees(/\[tests\][\s\S]*✓ passed[\s\S]*# pass 14/)
  await viewer.press('Tab')
  expect(await viewer.sees(/\[documents\][\s\S]*Picture of a/)).toContain('+ Open Settings.')
  await viewer.press('6')
  await viewer.sees(/\[story\][\s\S]*pass-tests/)
  await viewer.resize({ columns: 60, rows: 15 })
  await viewer.press('2')
  await viewer.sees(/1 \+ # Picture of a/)
  await viewer.press('f')
  await viewer.sees(/▾ src\/profile\/ +│/)
  await viewer.press('q', 'q')
  await viewer.sees(/3 wait for you/)

  // Taken back within its seconds: nothing was decided.
  await viewer.press('a')
  await viewer.sees(/approve in [1-5] s · u/)
  await viewer.press('u')
  await viewer.sees(/taken back/)
  expect((await bench.ok(['approvals', 'show', first])).submission.state).toBe('waiting')

  // The whole diff in the pager, and the screen after it.
  await viewer.press('d')
  await expect
    .poll(() => readFile(paged, 'utf8').catch(() => ''), { timeout: 10_000 })
    .toContain("+export const picture = 'a'")
  expect(await readFile(paged, 'utf8')).not.toMatch(/\u001b\[2J|\u202e/)
  await viewer.sees(/3 wait for you/)

  // Approved: it takes effect by itself, and how it ends is told.
  await viewer.press('a')
  await viewer.sees(/merged as [0-9a-f]{12}/, 30_000)
  expect((await bench.ok(['approvals', 'show', first])).submission).toMatchObject({
    state: 'merged',
    decision: { kind: 'approve', by: 'human' },
  })

  // What has changed meanwhile is refused, in its place.
  await viewer.sees(/2 wait for you/)
  await viewer.press('g', 'a')
  await viewer.sees(/approve in/)
  await writeFile(join(worktree(bench, 'b'), 'late.txt'), 'late')
  await git(worktree(bench, 'b'), 'add', '-A')
  await git(worktree(bench, 'b'), 'commit', '--quiet', '--amend', '-m', 'Amended')
  await viewer.sees(/is not decided|Second.* is withdrawn|1 waits for you/, 20_000)
  expect((await bench.ok(['approvals', 'show', second])).submission.state).toBe('withdrawn')

  // Words from the editor; leaving asks about what has not taken effect.
  await viewer.sees(/1 waits for you/)
  await viewer.press('g', 'c')
  await viewer.sees(/ask for changes in [1-5] s/)
  await viewer.press('q')
  await viewer.sees(/A decision has not taken effect/)
  await viewer.press('Enter')
  await viewer.sees(/^before[\s\S]*\$ *$/m)
  expect(await viewer.isAlternate()).toBe(false)
  expect((await bench.ok(['approvals', 'show', third])).submission).toMatchObject({
    state: 'changes-requested',
    decision: { words: 'name it as the others' },
  })

  // Without an editor the words are typed on the screen; pasted text presses no keys.
  const fourth = await handIn(bench, 'd', 'Fourth')
  const plain = await Viewer.open(bench, { columns: 100, rows: 30 }, { EDITOR: '', VISUAL: '', NO_COLOR: '1' })
  await plain.type('agency approvals')
  await plain.sees(/Fourth/)
  await bench.tmux('set-buffer', '-b', 'words', 'aaa rrr')
  await bench.tmux('paste-buffer', '-p', '-b', 'words', '-t', plain.target)
  await plain.press('r')
  await plain.sees(/Why is it rejected\?/)
  await bench.tmux('paste-buffer', '-p', '-b', 'words', '-t', plain.target)
  await plain.press('C-j', 'n', 'o', 'Enter')
  await plain.sees(/reject in [1-5] s/)

  // The daemon goes and comes back, and the screen with it.
  await plain.press('u')
  await plain.sees(/taken back/)
  await bench.ok(['daemon', 'stop'])
  await plain.sees(/no daemon for[\s\S]*agency daemon start/)
  await bench.ok(['daemon', 'start'])
  await plain.sees(/live *$/m)
  await plain.press('r')
  await plain.sees(/Why is it rejected\?/)
  await plain.press('n', 'o', 'Enter')
  await plain.sees(/Nothing waits for you/, 20_000)
  expect((await bench.ok(['approvals', 'show', fourth])).submission).toMatchObject({
    state: 'rejected',
    decision: { words: 'no' },
  })

  // A signal ends it, and the terminal is as it was.
  const pid = await plain.runningPid()
  process.kill(pid, 'SIGTERM')
  const hasEnded = async () => !isRunning(pid) && !(await plain.isAlternate())
  expect(await until(hasEnded, { timeoutMs: 10_000, everyMs: 50 }), await plain.screen()).toBe(true)
  await plain.type('echo it ended with $?')
  await plain.sees(/it ended with 143/)
  expect(await plain.isAlternate()).toBe(false)
})

it('R-APR-3 R-APR-4 R-APR-5 an agent may look and decides nothing; what is held is opened from the monitor and merged again', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('repo'))
  const drivers = { a: 'shell', lead: 'shell' }
  await createTeam(bench, 'Crew', { agents: ['a'], repo, approval: 'required', checks: ['true'], drivers })
  await git(repo, 'checkout', '--quiet', '-b', 'elsewhere')
  const id = await handIn(bench, 'a', 'Mine: pay\u00adpal')
  const viewer = await Viewer.open(bench, { columns: 100, rows: 30 }, asAgent(bench, 'Crew/a').env)
  await viewer.type('agency approvals')
  await viewer.sees(/Crew\/a: looks, and decides nothing[\s\S]*Mine/)
  await viewer.press('a')
  await viewer.sees(/is not decided: .*Crew\/a/, 20_000)
  expect((await bench.ok(['approvals', 'show', id])).submission.state).toBe('waiting')
  // Printed it shows what hides in it; as a document it is exact.
  expect((await bench.run(['approvals'])).stdout).toContain('Mine: pay\ufffdpal')
  expect((await bench.ok(['approvals', 'show', id])).submission.title).toBe('Mine: pay\u00adpal')

  // Something lies in the way of the merge: the monitor opens that very submission, and both screens try again.
  await git(repo, 'checkout', '--quiet', 'main')
  await mkdir(join(repo, 'src', 'profile'), { recursive: true })
  await writeFile(join(repo, 'src', 'profile', 'a.ts'), 'in the way')
  await bench.ok(['approvals', 'approve', id])
  const person = await Viewer.open(bench, { columns: 100, rows: 30 })
  await person.type('agency monitor')
  await person.sees(/● live/)
  await person.press('3')
  await person.sees(/held .* Mine[\s\S]*m merge again/)
  await person.press('m')
  await person.sees(/its merge is tried again/)
  const tries = async () => {
    const { events } = await bench.ok(['approvals', 'show', id])
    return events.filter(({ event, by }: { event: string; by: string }) => event === 'resume' && by === 'human').length
  }
  await expect.poll(tries).toBe(1)
  await person.sees(/held .* Mine/)
  await person.press('Enter')
  await person.sees(/Mine: .*held[\s\S]*\[summary\][\s\S]*overwritten by merge[\s\S]*m merge again/)
  await rm(join(repo, 'src', 'profile'), { recursive: true })
  await person.press('m')
  await person.sees(/merged as [0-9a-f]{12}/, 30_000)
  await person.press('q')
  await person.sees(/● live[\s\S]*nothing waits for you/)
})
