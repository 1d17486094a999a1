/** What says that work is done reaches nobody before the checks have passed, and no work gets around them. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { git, gitProject } from './gitProject.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { add, type Document, whenSaid, whenTask } from './taskSteps.ts'
import { Workbench } from './workbench.ts'

it('R-TSK-4 a task for anybody is checked by the agency of whoever did it', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('repo'))
  await createTeam(bench, 'Crew', { agents: ['a'], repo, checks: ['grep -q mended work.txt'] })
  const { id, agency } = await add(bench, 'Make it do=complete file=work.txt')
  expect(agency).toBeUndefined()
  const { task } = await whenTask(bench, id, 'succeeded')
  expect(task).toMatchObject({ attempts: 1, evidence: { checks: [{ status: 0 }] } })
})

it('R-TSK-4 a report that comes with others, a second one, and one of a task that was cancelled reach nobody', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('repo'))
  const go = bench.file('go')
  await createTeam(bench, 'Crew', {
    agents: ['a'],
    drivers: { a: 'shell' },
    repo,
    checks: [`until [ -e ${go} ]; do sleep 0.05; done; exit 5`],
  })
  const own = asAgent(bench, 'Crew/a')
  const { id } = await add(bench, 'Make it', '--to', 'Crew/a')
  await bench.ok(['task', 'start', id], own)
  const worktree = bench.file('sandbox', 'worktrees', 'Crew', 'a')
  await writeFile(`${worktree}/one.txt`, '1')
  await git(worktree, 'add', '-A')
  await git(worktree, 'commit', '--quiet', '-m', 'One')
  // Its reader takes several messages at a time, of which the first may go.
  await bench.ok(['pause', 'Crew/lead'])
  await bench.ok(['send', 'Crew', 'STATUS: first'], own)
  await bench.ok(['send', 'Crew', 'COMPLETE a: TASK-001: done'], own)
  await bench.ok(['send', 'Crew', 'COMPLETE a: it is done, as I said'], own)
  await bench.ok(['send', 'human', 'COMPLETE a: TASK-001: done'], own)
  await whenTask(bench, id, 'verifying')
  await bench.ok(['resume', 'Crew/lead'])
  await until(async () => (await got(bench, 'Crew/lead')).length > 0, { timeoutMs: 10_000, everyMs: 50 })
  await bench.ok(['send', 'Crew', 'STATUS: second'], own)
  await until(async () => (await got(bench, 'Crew/lead')).length > 1, { timeoutMs: 10_000, everyMs: 50 })
  const reports = async () =>
    (await bench.ok(['inbox', '--peek'])).messages.filter(({ type }: Document) => type === 'COMPLETE')
  expect((await got(bench, 'Crew/lead')).map(({ body }) => body)).toEqual(['STATUS: first', 'STATUS: second'])
  expect(await reports()).toEqual([])
  await writeFile(go, '')
  await whenSaid(bench, id, 'failed with 5')
  expect(await reports()).toEqual([])
  await rename(go, `${go}.not`)
  await bench.ok(['task', 'done', id, 'once more'], own)
  await whenTask(bench, id, 'verifying')
  await bench.ok(['task', 'cancel', id])
  const said = (await bench.ok(['messages', 'Crew/a', '--type', 'COMPLETE'])).messages
  expect(said.map(({ state }: Document) => state)).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled'])
  await writeFile(go, '')
})

it('R-TSK-4 commits on another branch, a branch that has a second name, and a worktree that is gone do not get around the checks', async () => {
  await using bench = await Workbench.open()
  const repo = await gitProject(bench.file('repo'))
  await createTeam(bench, 'Crew', { agents: ['a'], drivers: { a: 'shell' }, repo, checks: ['exit 6'] })
  const own = asAgent(bench, 'Crew/a')
  const worktree = bench.file('sandbox', 'worktrees', 'Crew', 'a')
  const { id } = await add(bench, 'Make it', '--to', 'Crew/a', '--attempts', '9')
  await bench.ok(['task', 'start', id], own)
  await git(worktree, 'checkout', '--quiet', '-b', 'feature/user-profile')
  await writeFile(`${worktree}/one.txt`, '1')
  await git(worktree, 'add', '-A')
  await git(worktree, 'commit', '--quiet', '-m', 'One')
  await bench.ok(['task', 'done', id, 'made'], own)
  await whenSaid(bench, id, 'is not on its branch agency/Crew/a')
  await git(worktree, 'checkout', '--quiet', 'agency/Crew/a')
  await bench.ok(
    ['task', 'done', id, 'made', '--commit', (await git(repo, 'rev-parse', 'feature/user-profile')).slice(0, 9)],
    own,
  )
  await until(async () => (await bench.ok(['task', 'show', id])).task.attempts === 2, {
    timeoutMs: 10_000,
    everyMs: 100,
  })
  expect((await bench.ok(['task', 'show', id])).task.reason).toContain('is not on its branch')
  await git(worktree, 'merge', '--quiet', 'feature/user-profile')
  await bench.ok(['task', 'done', id, 'made'], own)
  await whenSaid(bench, id, 'exit 6 failed with 6')
  await rename(worktree, `${worktree}.away`)
  await bench.ok(['task', 'done', id, 'made'], own)
  await whenSaid(bench, id, 'cannot be read')
  // Looking at what a person has made on a branch is no work of one's own.
  await rename(`${worktree}.away`, worktree)
  await git(worktree, 'reset', '--quiet', '--hard', 'main')
  await git(repo, 'checkout', '--quiet', '-b', 'by-a-person')
  await writeFile(`${repo}/two.txt`, '2')
  await git(repo, 'add', '-A')
  await git(repo, 'commit', '--quiet', '-m', 'Two')
  await git(repo, 'checkout', '--quiet', 'main')
  await git(worktree, 'checkout', '--quiet', '--detach', 'by-a-person')
  await bench.ok(['task', 'done', id, 'looked at'], own)
  expect((await whenTask(bench, id, 'succeeded')).task.isUnapproved).toBe(false)
  expect(await readFile(`${worktree}/two.txt`, 'utf8')).toBe('2')
})
