import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { git, worktrees } from './gitProject.ts'
import { sandboxProject } from './sandboxProject.ts'
import { Workbench } from './workbench.ts'

it('R-APR-1 a commit is deployed with its own worktree, session, ports, data and mocks, tested, and taken away', async () => {
  await using bench = await Workbench.open()
  const repository = await sandboxProject(bench.file('project'))
  await bench.ok(['create', 'CodeAgency', '--agents', 'a', '--repo', repository])
  const made = await bench.ok(['sandbox', 'deploy', 'CodeAgency', 'feature/user-profile', '--wait'], {
    timeoutMs: 60_000,
  })
  const head = await git(repository, 'rev-parse', 'feature/user-profile')
  expect(made).toMatchObject({
    slug: 'feature-user-profile',
    state: 'passed',
    commit: head,
    branch: 'feature/user-profile',
  })
  expect(made.outcome).toMatchObject({ status: 0, passed: 2, failed: 0, failures: [] })
  expect(made.folder).toBe(bench.file('sandbox', 'testing', 'feature-user-profile'))
  // On no branch: nothing is committed to one by accident.
  expect(await git(made.folder, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD')
  const windows = await bench.tmux('list-windows', '-t', `=${made.session}:`, '-F', '#{window_name}')
  expect(windows.split('\n')).toEqual(['app', 'tests', 'mocks', 'monitor'])
  expect(await fetch(made.url).then(answer => answer.json())).toMatchObject({ seeded: 'first' })
  expect((await bench.ok(['sandbox', 'open', made.slug])).url).toBe(made.url)
  expect((await bench.ok(['sandbox', 'logs', made.slug, 'mocks'])).text).toContain('GET /rates/eur → 200')
  const ran = await bench.run(['sandbox', 'exec', made.slug, '--', 'sh', '-c', 'echo "$RATES_URL" and more; exit 3'])
  expect(ran).toMatchObject({ code: 3 })
  expect(ran.stdout).toMatch(/^http:\/\/127.0.0.1:\d+ and more$/m)
  const gone = await bench.ok(['sandbox', 'destroy', made.slug])
  expect(gone).toMatchObject({ state: 'destroyed', notes: [] })
  expect(existsSync(made.folder)).toBe(false)
  expect(existsSync(made.home)).toBe(false)
  expect((await worktrees(repository)).filter(folder => folder.includes('testing'))).toEqual([])
  expect(await bench.tmux('list-sessions', '-F', '#{session_name}')).not.toContain(made.session)
  await expect(fetch(made.url)).rejects.toThrow()
}, 120_000)
