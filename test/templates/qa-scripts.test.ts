import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  copyOf,
  folderWith,
  isInstalled,
  laidOut,
  pathOf,
  project,
  recorded,
  run,
  runBeside,
  service,
  temporaryFolder,
} from './workbench.ts'

const agency = await laidOut('QAAgency')
const script = (name: string) => join(agency, 'scripts', name)

describe('run-tests', () => {
  it('R-AGY-3 runs npm scripts in their order, counts them, and writes a report with the failed tests', () => {
    const report = join(temporaryFolder(), 'reports', 'TASK-001.md')
    const ran = run(script('run-tests'), ['--script', 'test', '--script', 'acceptance', '--report', report], {
      cwd: project,
    })
    expect(ran.status).toBe(1)
    expect(ran.summary).toMatchObject({
      status: 'findings',
      tool: 'npm',
      findings: 5,
      passed: 9,
      failed: 5,
      exitCode: 1,
      report,
    })
    const text = readFileSync(report, 'utf8')
    expect(text).toContain('- Result: failed, 9 passed, 5 failed\n')
    expect(text).toMatch(/^- Commit: ([0-9a-f]{40}|none)$/m)
    expect(text.match(/^- REQ-3 .*$/gm)).toHaveLength(5)
  })

  it('R-AGY-3 keeps what each runner says as JUnit, for whatever reads that', () => {
    const folder = join(temporaryFolder(), 'junit')
    const args = ['--script', 'test', '--script', 'acceptance', '--junit', folder]
    expect(run(script('run-tests'), args, { cwd: project }).summary).toMatchObject({ passed: 9, failed: 5 })
    expect(readdirSync(folder).sort()).toEqual(['acceptance.xml', 'test.xml'])
    const failures = readFileSync(join(folder, 'acceptance.xml'), 'utf8').match(/<failure /g)
    expect(failures).toHaveLength(5)
  })

  it('R-AGY-3 passes where all pass', () => {
    const ran = run(script('run-tests'), [], { cwd: project })
    expect([ran.status, ran.summary.passed, ran.summary.failed]).toEqual([0, 9, 0])
  })

  it.runIf(isInstalled('pytest'))('R-AGY-3 counts pytest', () => {
    const cwd = folderWith({
      'pyproject.toml': '',
      'test_a.py': 'def test_good(): assert 1\ndef test_bad(): assert 0\ndef test_other(): assert 1\n',
    })
    const report = join(cwd, 'report.md')
    const ran = run(script('run-tests'), ['--report', report], { cwd })
    expect([ran.status, ran.summary.passed, ran.summary.failed]).toEqual([1, 2, 1])
    expect(readFileSync(report, 'utf8')).toContain('- test_a.py::test_bad\n')
  })

  it.runIf(isInstalled('python3'))('R-AGY-3 counts unittest where pytest is missing', () => {
    const cwd = folderWith({
      'pyproject.toml': '',
      'test_a.py':
        'import unittest\nclass A(unittest.TestCase):\n  def test_good(self): pass\n  def test_bad(self): self.fail()\n',
    })
    const ran = run(script('run-tests'), [], { cwd, path: pathOf(['python3']) })
    expect([ran.status, ran.summary.passed, ran.summary.failed]).toEqual([1, 1, 1])
  })

  it.each([
    ['vitest-4.1.11', 1, [1, 1], ['broken.test.js', 'math.test.js > add > adds "quoted" | bars']],
    ['jest-30.5.2', 1, [1, 1], ['./broken.test.js', 'add › adds wrongly']],
    ['mocha-12.0.3', 2, [1, 2], ['add > adds wrongly', 'add > throws']],
    [
      'pytest-9.1.1',
      1,
      [2, 4],
      [
        'test_money.py::TestC::test_e',
        'test_money.py::TestC::test_v',
        'test_money.py::test_bad[a b]',
        'test_money.py::test_bad[c - d]',
      ],
    ],
    [
      'unittest-3.11.7',
      1,
      [1, 4],
      [
        'test_e (test_money.TestC.test_e)',
        'test_sub (test_money.TestC.test_sub) (i=1)',
        'test_sub (test_money.TestC.test_sub) (i=2)',
        'test_v (test_money.TestC.test_v)',
      ],
    ],
    ['go-1.24.4-test', 1, [1, 1], ['TestBad']],
    ['cargo-1.95.0-test', 101, [2, 1], ['tests::bad']],
  ])('R-AGY-3 counts what %s says, and names what failed', (said, exits, counts, names) => {
    const cwd = folderWith({})
    const path = pathOf([], { runner: recorded(said, exits) })
    const ran = run(script('run-tests'), ['--report', 'r.md', '--', 'runner'], { cwd, path })
    expect([ran.status, ran.summary.passed, ran.summary.failed, ran.summary.exitCode]).toEqual([1, ...counts, exits])
    const listed = readFileSync(join(cwd, 'r.md'), 'utf8').split('## Output')[0]!
    const failures = [...listed.matchAll(/^- (.*)$/gm)].map(([, name]) => name!).slice(5)
    expect(failures.sort()).toEqual([...names].sort())
  })

  it('R-AGY-3 reads summaries that are in color', () => {
    const says = '\u001b[2m      Tests \u001b[22m \u001b[31m1 failed\u001b[39m | \u001b[32m3 passed\u001b[39m (4)'
    const ran = run(script('run-tests'), ['--', 'runner'], {
      cwd: folderWith({}),
      path: pathOf([], { runner: { says, exits: 1 } }),
    })
    expect([ran.summary.passed, ran.summary.failed]).toEqual([3, 1])
  })

  it('R-AGY-3 runs what each language has', () => {
    for (const [file, tool] of [
      ['go.mod', 'go'],
      ['Cargo.toml', 'cargo'],
    ] as const) {
      const path = pathOf([], { [tool]: recorded(`${tool}-${tool === 'go' ? '1.24.4' : '1.95.0'}-test`, 1) })
      const ran = run(script('run-tests'), [], { cwd: folderWith({ [file]: '' }), path })
      expect([ran.status, ran.summary.tool, ran.summary.failed]).toEqual([1, tool, 1])
    }
  })

  it('R-AGY-3 takes no test at all for a failure, whatever the runner says', () => {
    const cwd = folderWith({ 'package.json': '{ "scripts": { "test": "true" } }' })
    expect(run(script('run-tests'), [], { cwd }).status).toBe(1)
  })

  it('R-AGY-3 says what is not installed, and that nothing ran', () => {
    const ran = run(script('run-tests'), [], { cwd: folderWith({ 'go.mod': '' }), path: pathOf() })
    expect([ran.status, ran.summary.notChecked]).toEqual([3, ['tests']])
    expect(ran.stderr).toMatch(/go is not installed\. Not checked: tests\. Install it with:\n {2}\S+/)
    expect(run(script('run-tests'), [], { cwd: folderWith({}) }).status).toBe(3)
  })

  it('R-AGY-3 refuses a script that the project does not have', () => {
    expect(run(script('run-tests'), ['--script', 'nothing'], { cwd: project }).status).toBe(2)
    expect(run(script('run-tests'), ['--script', 'a; b'], { cwd: project }).status).toBe(2)
  })
})

describe('coverage', () => {
  it('R-AGY-3 measures node --test', () => {
    const ran = run(script('coverage'), ['--min', '90'], { cwd: project })
    expect([ran.status, ran.summary.status, ran.summary.lines]).toEqual([0, 'clean', 100])
  })

  it('R-AGY-3 reports coverage under the minimum', () => {
    const cwd = folderWith({
      'package.json': '{ "type": "module", "scripts": { "test": "node --test *.test.js" } }',
      'a.js':
        'export function a() {\n  return 1\n}\nexport function b() {\n  return 2\n}\nexport function c() {\n  return 3\n}\n',
      'a.test.js': "import { test } from 'node:test'\nimport { a } from './a.js'\ntest('a', () => void a())\n",
    })
    const ran = run(script('coverage'), ['--min', '95'], { cwd })
    expect([ran.status, ran.summary.status]).toEqual([1, 'findings'])
    expect(ran.summary.lines).toBeGreaterThan(30)
  })

  it('R-AGY-3 leaves the tests themselves out of the figure, on every version of Node, and no file behind', () => {
    const cwd = folderWith({
      'package.json': '{ "scripts": { "test": "node --test" } }',
      'a.js': 'exports.a = () => 1\nexports.b = () => {\n  return 2\n}\nexports.c = () => {\n  return 3\n}\n',
      'a.test.js': `const { test } = require('node:test')\nconst { a } = require('./a.js')\n${'// long\n'.repeat(50)}test('a', () => void a())\n`,
    })
    const ran = run(script('coverage'), [], { cwd })
    expect([ran.status, ran.summary.tool], ran.stdout + ran.stderr).toEqual([0, 'node --test'])
    expect(ran.summary.lines).toBeLessThan(80)
    expect(readdirSync(cwd).sort()).toEqual(['a.js', 'a.test.js', 'package.json'])
  })

  it('R-AGY-3 runs vitest itself: tests, JUnit, and a figure also where a test fails', () => {
    const cwd = folderWith({
      'package.json': '{ "type": "module", "scripts": { "test": "vitest run" } }',
      'math.js': 'export const add = (a, b) => a + b\nexport function never() {\n  return 1\n}\n',
      'math.test.js':
        "import { expect, it } from 'vitest'\nimport { add } from './math.js'\nit('adds', () => expect(add(1, 2)).toBe(3))\nit('adds | wrongly', () => expect(add(1, 2)).toBe(4))\n",
    })
    symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(cwd, 'node_modules'))
    const tested = run(script('run-tests'), ['--report', 'r.md', '--junit', 'junit'], { cwd })
    expect([tested.status, tested.summary.passed, tested.summary.failed], tested.stdout).toEqual([1, 1, 1])
    expect(readFileSync(join(cwd, 'r.md'), 'utf8')).toContain('\n- math.test.js > adds | wrongly\n')
    expect(readFileSync(join(cwd, 'junit/test.xml'), 'utf8')).toContain('failures="1"')
    const covered = run(script('coverage'), [], { cwd })
    expect([covered.status, covered.summary.tool, covered.summary.lines], covered.stdout).toEqual([1, 'vitest', 50])
    expect(readdirSync(cwd)).not.toContain('coverage')
  }, 30_000)

  it('R-AGY-3 reads the total over all statements from go', () => {
    const cwd = folderWith({ 'go.mod': '' })
    const path = pathOf()
    const profile =
      'for a in "$@"; do case "$a" in -coverprofile=*) echo x >"$(echo "$a" | sed s/^[^=]*=//)" ;; esac; done'
    const total = 'example.org/fx/math.go:7:\tAdd\t100.0%\ntotal:\t\t\t(statements)\t25.0%'
    writeFileSync(
      join(path, 'go'),
      `#!/bin/sh\n${profile}\n[ "$1" = test ] || printf '${total.replaceAll('%', '%%')}\\n'\n`,
    )
    chmodSync(join(path, 'go'), 0o755)
    const ran = run(script('coverage'), [], { cwd, path })
    expect([ran.status, ran.summary.lines], ran.stdout).toEqual([0, 25])
  })

  it('R-AGY-3 reads the total of coverage for Python, and fails when its tests fail', () => {
    const cwd = folderWith({ 'pyproject.toml': '' })
    const path = pathOf([], { coverage: { says: 'Name Stmts Miss Cover\nTOTAL 20 3 85%' }, python3: { exits: 1 } })
    expect(run(script('coverage'), [], { cwd, path }).summary).toMatchObject({ status: 'clean', lines: 85 })
    const broken = pathOf([], { coverage: { says: 'TOTAL 20 3 85%', exits: 1 }, python3: { exits: 1 } })
    expect(run(script('coverage'), [], { cwd, path: broken }).summary).toMatchObject({ status: 'findings', lines: 85 })
  })

  it.each([
    ['pyproject.toml', 'python3 -m pip install pytest pytest-cov'],
    ['Cargo.toml', 'cargo install cargo-llvm-cov'],
    ['go.mod', /install/],
  ])('R-AGY-3 says by %s what is not installed', (file, install) => {
    const ran = run(script('coverage'), [], { cwd: folderWith({ [file]: '' }), path: pathOf() })
    expect(ran.status).toBe(3)
    expect(ran.stderr).toMatch(install)
  })
})

describe('perf', () => {
  it('R-AGY-3 times a command and holds it against a limit', () => {
    const cwd = folderWith({})
    const ran = run(script('perf'), ['--runs', '3', '--', 'sh', '-c', 'exit 0'], { cwd })
    expect(ran.status).toBe(0)
    expect(ran.summary).toMatchObject({ status: 'clean', runs: 3 })
    const { minMs, medianMs, maxMs } = ran.summary as Record<string, number>
    expect(minMs).toBeLessThanOrEqual(medianMs!)
    expect(medianMs).toBeLessThanOrEqual(maxMs!)
    const slow = run(script('perf'), ['--runs', '1', '--max-ms', '10', '--', 'sleep', '0.1'], { cwd })
    expect([slow.status, slow.summary.reason]).toEqual([1, 'slow'])
  })

  it('R-AGY-3 compares with figures that were saved before', () => {
    const cwd = folderWith({})
    const figures = join(cwd, 'before.json')
    expect(run(script('perf'), ['--runs', '2', '--save', figures, '--', 'sleep', '0.2'], { cwd }).status).toBe(0)
    const faster = run(script('perf'), ['--runs', '2', '--against', figures, '--', 'true'], { cwd })
    expect([faster.status, Number(faster.summary.ratio) < 0.6]).toEqual([0, true])
    const slower = run(script('perf'), ['--runs', '1', '--against', figures, '--', 'sleep', '0.4'], { cwd })
    expect([slower.status, slower.summary.reason]).toEqual([1, 'slow'])
    expect(run(script('perf'), ['--against', 'nowhere.json', '--', 'true'], { cwd }).status).toBe(2)
  })

  it('R-AGY-3 measures nothing of a command that fails or is not there', () => {
    const cwd = folderWith({})
    expect(run(script('perf'), ['--', 'false'], { cwd }).summary.reason).toBe('failed')
    expect(run(script('perf'), ['--', 'no-such-command'], { cwd }).status).toBe(2)
    expect(run(script('perf'), [], { cwd }).status).toBe(2)
    expect(run(script('perf'), ['--', 'cat'], { cwd, path: pathOf() }).status).toBe(3)
  })
})

describe('bug', () => {
  it('R-AGY-3 keeps bugs as files: add, list, show, close, reopen', () => {
    const home = copyOf(agency)
    const bug = (args: string[], input?: string) =>
      run(join(home, 'scripts', 'bug'), args, { cwd: home, ...(input ? { input } : {}) })
    const title = 'A profile shows "its" email: to $others'
    const added = bug(['add', '--title', title, '--severity', 'high', '--task', 'TASK-001'], 'status: open\nsteps\n')
    expect([added.status, added.summary.id]).toEqual([0, 'BUG-001'])
    expect(bug(['add', '--title', 'Another']).summary.id).toBe('BUG-002')

    const open = bug(['list'])
    expect([open.status, open.summary.open]).toEqual([1, 2])
    expect(open.stdout).toMatch(/^BUG-001 {2}high {6}open {4}"A profile/m)

    expect(bug(['close', 'BUG-001', '--commit', '9f8e7d6']).summary.state).toBe('closed')
    const text = readFileSync(join(home, 'context/bugs/BUG-001.md'), 'utf8')
    expect(text).toContain(`# ${title}\n`)
    expect(text).toMatch(/^status: closed\nclosed: \S+ at 9f8e7d6$/m)
    expect(text).toContain('\nstatus: open\nsteps\n')
    expect(bug(['list']).summary.open).toBe(1)
    expect(bug(['list', '--all']).stdout).toContain('BUG-001')
    expect(bug(['reopen', 'BUG-001']).summary.state).toBe('open')
    expect(bug(['show', 'BUG-001']).stdout).toContain('reopened: ')
  })

  it('R-AGY-3 closes every open bug of a task whose fix was verified, and no other', () => {
    const home = copyOf(agency)
    const bug = (...args: string[]) => run(join(home, 'scripts', 'bug'), args, { cwd: home })
    for (const task of ['TASK-001', 'TASK-001', 'TASK-002']) bug('add', '--title', 'Something', '--task', task)
    expect(bug('close', '--task', 'TASK-001').status).toBe(0)
    expect(bug('list').summary.open).toBe(1)
    expect(bug('close', '--task', 'TASK-001').summary.closed).toBe(0)
    expect(readdirSync(join(home, 'context/bugs'))).toHaveLength(3)
  })

  it('R-AGY-3 refuses an unknown severity, a missing title and an id that is a path', () => {
    const cwd = copyOf(agency)
    const bug = (...args: string[]) => run(join(cwd, 'scripts', 'bug'), args, { cwd }).status
    expect(bug('add', '--title', 'x', '--severity', 'huge')).toBe(2)
    expect(bug('add')).toBe(2)
    expect(bug('show', 'BUG-1/../../agency')).toBe(2)
    expect(bug('close', 'BUG-404')).toBe(1)
  })
})

it('R-AGY-3 load tells requests, errors and the 95th percentile, and counts errors as findings', async () => {
  const origin = await service()
  const env = { PATH: pathOf(['node']) }
  const load = (...args: string[]) => runBeside(script('load'), ['--seconds', '1', ...args], { env })
  const good = await load('--max-ms', '5000', `${origin}/`)
  // Without k6 the loop is our own: it says what it cannot do.
  expect([good.status, good.summary.status, good.summary.errors, good.summary.percentile], good.stderr).toEqual([
    3,
    'incomplete',
    0,
    95,
  ])
  expect(good.summary.requests).toBeGreaterThan(10)
  const bad = await load(`${origin}/bad`)
  expect([bad.status, bad.summary.findings]).toEqual([1, 1])
  expect((await load('https://example.org/')).status).toBe(2)
})

it('R-AGY-3 load reads autocannon, which has no 95th percentile, and says so where it tells nothing', () => {
  const load = (says: string) => {
    const path = pathOf(['node'], { autocannon: { says } })
    return run(script('load'), ['--max-ms', '10', 'http://127.0.0.1:3000/'], { cwd: folderWith({}), path })
  }
  // Of autocannon 9.0.0, the fields that are read.
  const slow = load(
    '{"requests":{"total":4000,"sent":4010},"errors":12,"timeouts":0,"non2xx":0,"latency":{"p90":8,"p97_5":21,"p99":30}}',
  )
  expect(slow.stdout).toContain('4012 requests, 12 errors, 97.5 % within 21 ms')
  expect([slow.status, slow.summary.findings, slow.summary.percentile]).toEqual([1, 2, 97.5])
  const mute = load('')
  expect([mute.status, mute.summary.notChecked]).toEqual([3, ['load: autocannon told no figures']])
})
