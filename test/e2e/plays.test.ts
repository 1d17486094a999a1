/** Each demo beside the main one, to its end: what the agents received, and what stands in the repository. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { endServer } from './workbench.ts'

const socket = `agency-test-${process.pid}-demo`
afterAll(() => endServer(socket))

const bin = join(packageRoot, 'bin', 'agency.js')
/** The demo's own key: it opens nothing, and is to appear in no message and no report all the same. */
const KEY = ['AKIA', 'IOSFODNN7EXAMPLE'].join('')

/** A demo that has ended and is still there: its report, the logs of its agents, its repository. */
class Played implements AsyncDisposable {
  private constructor(
    readonly outcome: { passed: boolean; report: string; commits: string[]; workspace: string },
    readonly narrated: string,
    private readonly project: string,
  ) {}

  static async run(name: string, project: string): Promise<Played> {
    const { AGENCY_WORKSPACE: _, ...env } = process.env
    const options = {
      env: { ...env, SHELL: '/bin/sh', AGENCY_TMUX_SOCKET: socket, AGENCY_TMUX_CONFIG: '/dev/null' },
      extendEnv: false,
      reject: false,
    } as const
    const words = [bin, 'demo', name, '--json', '--keep', '--timeout', '80s']
    const ran = await execa(process.execPath, words, { ...options, stdin: 'ignore' })
    expect(ran.exitCode, ran.stderr).toBe(0)
    const outcome = JSON.parse(ran.stdout)
    return new Played(outcome, ran.stderr, join(dirname(outcome.workspace), project))
  }

  async git(...args: readonly string[]): Promise<string> {
    const { stdout } = await execa('git', ['-C', this.project, ...args])
    return stdout
  }

  /** What an agent was truly handed, in order. */
  async received(address: string): Promise<readonly string[]> {
    const file = join(this.outcome.workspace, 'registry', 'run', address, 'received.jsonl')
    const entries = (await readFile(file, 'utf8')).split('\n').filter(Boolean)
    return entries.map(line => JSON.parse(line).text ?? '').filter((text: string) => text.startsWith('['))
  }

  async written(agency: string, folder: string): Promise<Readonly<Record<string, string>>> {
    const home = join(this.outcome.workspace, 'agencies', agency, 'context', folder)
    const names = (await readdir(home)).sort()
    return Object.fromEntries(
      await Promise.all(names.map(async name => [name, await readFile(join(home, name), 'utf8')])),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execa(process.execPath, [bin, '--workspace', this.outcome.workspace, 'down'], { reject: false })
    await rm(dirname(this.outcome.workspace), { recursive: true, force: true, maxRetries: 5 })
  }
}

it('R-AGY-3 agency demo devops: a build is measured, made faster, and measured again by somebody else', async () => {
  await using played = await Played.run('devops', 'slow-build')
  const ratio = /([\d.]+) ms before, ([\d.]+) ms after, ([\d.]+) of the time/.exec(played.outcome.report)
  expect(Number(ratio?.[2])).toBeLessThan(Number(ratio?.[1]))
  expect(Number(ratio?.[3])).toBeLessThanOrEqual(0.5)
  const monitor = await played.received('DevOpsAgency/ops-monitor')
  expect(monitor.map(text => /TASK-001: (measure \S+)/.exec(text)?.[1])).toEqual(['measure node', 'measure again'])
  expect((await played.received('DevOpsAgency/cicd-engineer'))[0]).toMatch(
    /make it faster: node build\.js takes [\d.]+ ms/,
  )
  const figures = await played.written('DevOpsAgency', 'measurements')
  expect(Object.keys(figures)).toEqual(['TASK-001-after.json', 'TASK-001-before.json'])
  expect(played.outcome.commits).toHaveLength(1)
  const build = await played.git('show', 'agency/DevOpsAgency/cicd-engineer:build.js')
  expect(build.indexOf('listOfPages()\n')).toBeLessThan(build.indexOf('for (const file'))
  // Nobody has merged it.
  expect(await played.git('show', 'main:build.js')).toContain('  const pages = listOfPages()')
})

it('R-AGY-3 agency demo security: a secret and a vulnerable dependency are found, mended and gone at the second scan', async () => {
  await using played = await Played.run('security', 'leaky-notes')
  expect(played.outcome.report).toMatch(
    /found 2 \(secrets 1, dependencies 1\).*second scan: 0 \(secrets 0, dependencies 0\)/,
  )
  expect(played.outcome.report).toContain('Not checked: other kinds of secrets')
  expect(played.outcome.report).toContain('revoke the key')
  const reports = Object.values(await played.written('SecurityAgency', 'findings'))
  const found = reports.filter(text => text.includes('src/store.js:4: AWS access key'))
  expect(found).toHaveLength(1)
  expect(found[0]).toContain('minimist 1.2.5: CVE-2021-44906')
  expect(reports.filter(text => text.includes('"findings":0'))).toHaveLength(1)
  const branch = 'agency/SecurityAgency/security-auditor'
  await expect(played.git('grep', '-q', KEY, branch)).rejects.toThrow()
  await expect(played.git('grep', '-q', 'minimist', branch, '--', '*.js', '*.json')).rejects.toThrow()
  expect(await played.git('show', `${branch}:src/store.js`)).toContain('process.env.NOTES_ACCESS_KEY')
  // The value went nowhere but where it was.
  const agents = ['security-coordinator', 'security-auditor', 'vulnerability-scanner']
  const told = await Promise.all(agents.map(agent => played.received(`SecurityAgency/${agent}`)))
  expect([played.narrated, ...reports, ...told.flat()].join('\n')).not.toContain(KEY)
})

it('R-AGY-3 agency demo docs: the reference is made from the source, the dead link mended, the README typed', async () => {
  await using played = await Played.run('docs', 'young-library')
  expect(played.outcome.commits).toHaveLength(2)
  const page = await played.git('show', 'agency/DocsAgency/api-documenter:docs/api/parse.md')
  expect(page).toContain('## parse\n\n```js\nfunction parse(text)\n```\n\nSeconds of a duration in words')
  const changed = await played.git('diff', '--name-only', 'main', 'agency/DocsAgency/api-documenter')
  expect(changed.split('\n')).toEqual(['docs/api/README.md', 'docs/api/format.md', 'docs/api/parse.md', 'src/parse.js'])
  const readme = await played.git('show', 'agency/DocsAgency/tech-writer:README.md')
  expect(readme).toContain('[how to use it](docs/guide.md)')
  expect((await played.received('DocsAgency/tutorial-creator'))[0]).toMatch(/run README\.md at [0-9a-f]{7}/)
  expect(played.outcome.report).toContain('every command of README.md runs')
})

it('R-AGY-3 agency demo duo: one round of changes, and then approval of exactly that commit', async () => {
  await using played = await Played.run('duo', 'split-the-bill')
  const tasks = await played.received('ReviewDuo/author')
  expect(tasks).toHaveLength(2)
  expect(tasks[1]).toContain('split(1000, 3) gives 333+333+333 = 999')
  expect(played.outcome.commits).toHaveLength(2)
  const [, approved] = /approved agency\/ReviewDuo\/author at ([0-9a-f]+) after 2 rounds/.exec(played.outcome.report)!
  expect(played.outcome.commits[1]).toContain(approved)
  expect(await played.git('show', `${approved}:test/split.test.js`)).toContain('[334, 333, 333]')
  await expect(played.git('cat-file', '-e', 'main:src/split.js')).rejects.toThrow()
})

it('R-AGY-3 agency demo triad: three topics side by side, and one report whose points have their sources', async () => {
  await using played = await Played.run('triad', 'support-desk')
  const reporter = await played.received('ResearchTriad/reporter')
  expect(reporter.map(text => /TASK-001: (topic|synthesis)/.exec(text)?.[1])).toEqual(['topic', 'synthesis'])
  for (const [agent, topic] of [
    ['researcher', 'mechanism'],
    ['content-writer', 'voices'],
  ] as const) {
    // Each has its own note alone: nobody has read another's.
    const notes = await played.git('ls-tree', '--name-only', `agency/ResearchTriad/${agent}`, 'notes/')
    expect(notes).toBe(`notes/${topic}.md`)
    expect(reporter[1]).toContain(topic)
  }
  const report = await played.git('show', 'agency/ResearchTriad/reporter:reports/TASK-001.md')
  expect(report).toContain(
    'rose from 3.1 hours (January to March, 3 months) to 8.1 hours (April to June, 3 months). [1]',
  )
  expect(report).toContain('- Waiting is the matter of 6 of 9 tickets in the sample. [3]')
  expect(report.match(/^- .*\[[123]\]$/gm)).toHaveLength(7)
  expect(played.outcome.report).toContain('nobody owns a question')
})

it('R-AGY-3 agency demo --list names them all, and an unknown one is refused with the list', async () => {
  const ran = await execa(process.execPath, [bin, 'demo', '--list', '--json'])
  const names = JSON.parse(ran.stdout).demos.map(({ name }: { name: string }) => name)
  expect(names).toEqual(['main', 'devops', 'security', 'docs', 'duo', 'triad'])
  const unknown = await execa(process.execPath, [bin, 'demo', 'opera'], { reject: false })
  expect([unknown.exitCode, unknown.stderr]).toEqual([3, expect.stringContaining('demos: main, devops')])
})
