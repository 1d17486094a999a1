import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { endServer } from './workbench.ts'

const socket = `agency-test-${process.pid}-demo`
afterAll(() => endServer(socket))

function npmStart(...words: readonly string[]) {
  const { AGENCY_WORKSPACE: _, ...env } = process.env
  return execa(process.execPath, [join(packageRoot, 'bin', 'bootstrap.js'), 'start', '--json', ...words], {
    cwd: packageRoot,
    env: { ...env, SHELL: '/bin/sh', AGENCY_TMUX_SOCKET: socket, AGENCY_TMUX_CONFIG: '/dev/null' },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 170_000,
  })
}

it('R-BUS-2 R-APR-2 npm start: handoff, a failing test, results, fix, handoff, passed, handed in, and waiting for the person', async () => {
  // A team of the person's, of the same name on the same server, is neither in its way nor touched by it.
  await execa('tmux', ['-L', socket, '-f', '/dev/null', 'new-session', '-d', '-s', 'CodeAgency', '-n', 'mine'])
  const ran = await npmStart()
  expect(ran.exitCode, ran.stderr).toBe(0)
  const theirs = await execa('tmux', ['-L', socket, 'list-windows', '-a', '-F', '#{session_name} #{window_name}'])
  expect(theirs.stdout).toBe('CodeAgency mine')
  const outcome = JSON.parse(ran.stdout)
  expect(outcome.passed).toBe(true)
  expect(outcome.commits).toHaveLength(2)
  const story = ran.stderr.split('\n').flatMap(line => /\s(TASK|COMPLETE|handoff|results)\s/.exec(line)?.[1] ?? [])
  expect(story).toEqual([
    'TASK',
    'TASK',
    'COMPLETE',
    'handoff',
    'TASK',
    'COMPLETE',
    'results',
    'TASK',
    'COMPLETE',
    'handoff',
    'TASK',
    'COMPLETE',
    'results',
    'COMPLETE',
  ])
  expect(ran.stderr).toMatch(/results {2}TASK-001: issues_found, 17 passed, 1 failed/)
  expect(ran.stderr).toMatch(/results {2}TASK-001: passed, 19 passed, 0 failed/)
  // Nobody says yes, so nothing is merged; and nothing is left running.
  expect(outcome.submission).toMatchObject({ state: 'waiting', author: 'CodeAgency/js-agent' })
  expect(ran.stderr).toMatch(/preview http:\/\/127\.0\.0\.1:\d+ answers/)
  expect(ran.stderr).toMatch(/tests pass in the sandbox agency-codeagency-js-agent/)
  expect(ran.stderr).toContain('waits for your decision')
  expect(ran.stderr).toContain('nobody is here to decide, so nothing is merged')
  expect(ran.stderr).toContain('cleaned up')
}, 180_000)

it("R-APR-4 npm start -- --yes: the person says yes, and exactly that commit is merged into the project's main", async () => {
  const ran = await npmStart('--yes')
  expect(ran.exitCode, ran.stderr).toBe(0)
  const { submission } = JSON.parse(ran.stdout)
  expect(submission).toMatchObject({ state: 'merged', decision: { kind: 'approve', by: 'human' } })
  const [, said] = ran.stderr.split("merged into the project's main:")
  expect(said).toContain(`${submission.merge.commit.slice(0, 7)} Merge agency/CodeAgency/js-agent into main`)
  expect(said).toContain(submission.change.commit.slice(0, 7))
}, 180_000)
