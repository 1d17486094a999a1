import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'

it('R-BUS-2 npm start: handoff, a failing test, results, fix, handoff, passed, and the report to the person', async () => {
  const { AGENCY_WORKSPACE: _, AGENCY_TMUX_SOCKET: __, ...env } = process.env
  const ran = await execa(process.execPath, [join(packageRoot, 'bin', 'bootstrap.js'), 'start', '--json'], {
    cwd: packageRoot,
    env: { ...env, AGENCY_TMUX_CONFIG: '/dev/null' },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 170_000,
  })
  expect(ran.exitCode, ran.stderr).toBe(0)
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
}, 180_000)
