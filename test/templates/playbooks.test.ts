/** The demo's code, as the js-agent's playbook writes it: each state is judged by the project's own tests. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { copyOf, laidOut, project, putFiles, run, templates } from './workbench.ts'

interface Step {
  readonly write?: { readonly path: string; readonly content: string }
  readonly replace?: { readonly path: string; readonly find: string; readonly with: string }
  readonly if?: string
  readonly else?: readonly Step[]
}
interface Playbook {
  readonly rules: readonly {
    readonly when: { readonly type?: string; readonly body?: string }
    readonly do: readonly Step[]
  }[]
}

const playbook = parse(readFileSync(join(templates, 'agencies/CodeAgency/rehearsal/js-agent.yaml'), 'utf8')) as Playbook

/** The steps of the first rule that a TASK with this text meets. */
function stepsFor(task: string): readonly Step[] {
  const rule = playbook.rules.find(({ when }) => when.type === 'TASK' && new RegExp(when.body ?? '').test(task))
  if (!rule) throw new Error(`no rule for ${task}`)
  return rule.do
}

/** Edits as the rehearsal agent does. The only `if` asks whether the profile exists already; here it does not. */
function edit(folder: string, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.write) putFiles(folder, { [step.write.path]: step.write.content })
    if (step.replace) replaceOnce(join(folder, step.replace.path), step.replace.find, step.replace.with)
    edit(folder, step.else ?? [])
  }
}

function replaceOnce(path: string, find: string, replacement: string): void {
  const parts = readFileSync(path, 'utf8').split(find)
  expect(parts, `${path} holds ${find} once`).toHaveLength(2)
  writeFileSync(path, parts.join(replacement))
}

const runTests = join(await laidOut('QAAgency'), 'scripts/run-tests')

function judge(folder: string, suite: string) {
  const report = join(folder, 'report.md')
  const { status, summary } = run(runTests, ['--script', suite, '--report', report], { cwd: folder })
  const failures = [...readFileSync(report, 'utf8').matchAll(/^- (REQ-.*)$/gm)].map(match => match[1])
  return { status, passed: summary.passed, failed: summary.failed, failures }
}

const IMPLEMENT = 'TASK-001: implement REQ-3 of README.md, the profile of a user'
const FIX = 'TASK-001: fix what QA found on agency/CodeAgency/js-agent: 17 passed, 1 failed'

describe('the user-profile project under the js-agent playbook', () => {
  it('R-BUS-2 ships with a requirement that only the acceptance tests see', () => {
    const folder = copyOf(project)
    expect(judge(folder, 'test')).toMatchObject({ status: 0, passed: 9, failed: 0 })
    expect(judge(folder, 'acceptance')).toMatchObject({ status: 1, passed: 0, failed: 5 })
  })

  it('R-BUS-2 first attempt: the unit tests pass, and exactly one acceptance test fails', () => {
    const folder = copyOf(project)
    edit(folder, stepsFor(IMPLEMENT))
    expect(judge(folder, 'test')).toMatchObject({ status: 0, passed: 13, failed: 0 })
    expect(judge(folder, 'acceptance')).toEqual({
      status: 1,
      passed: 4,
      failed: 1,
      failures: ['REQ-3 other signed-in people do not see the email'],
    })
  })

  it('R-BUS-2 after the fix everything passes, and the new unit test fails without it', () => {
    const folder = copyOf(project)
    edit(folder, stepsFor(IMPLEMENT))
    const firstAttempt = readFileSync(join(folder, 'src/profile.js'), 'utf8')
    edit(folder, stepsFor(FIX))
    expect(judge(folder, 'test')).toMatchObject({ status: 0, passed: 14, failed: 0 })
    expect(judge(folder, 'acceptance')).toMatchObject({ status: 0, passed: 5, failed: 0 })
    writeFileSync(join(folder, 'src/profile.js'), firstAttempt)
    expect(judge(folder, 'test')).toMatchObject({ status: 1, failed: 1 })
  })

  it('R-BUS-2 leaves code that the linter of this repository accepts', () => {
    const folder = copyOf(project)
    edit(folder, stepsFor(IMPLEMENT))
    edit(folder, stepsFor(FIX))
    const root = join(templates, '..')
    const biome = join(root, 'node_modules/.bin/biome')
    writeFileSync(join(folder, 'biome.json'), readFileSync(join(root, 'biome.json'), 'utf8'))
    const ran = run(biome, ['check', 'src', 'test'], { cwd: folder })
    expect(ran.status, ran.stdout + ran.stderr).toBe(0)
  })
})
