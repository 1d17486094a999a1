import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa, execaSync } from 'execa'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { markedProcesses } from '../../src/sandboxes/processes.ts'
import { whyNoWall } from '../../src/walls/grounds.ts'
import { git, worktrees } from './gitProject.ts'
import { sandboxProject } from './sandboxProject.ts'
import { Workbench } from './workbench.ts'

it('R-APR-1 a commit is deployed with its own worktree, session, ports, data and mocks, tested, and taken away', async () => {
  await using bench = await Workbench.open()
  const repository = await sandboxProject(bench.file('project'), { 'mocks/shop.json': JSON.stringify(SHOP) })
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
  const told = (await bench.run(['sandbox', 'show', made.slug])).stdout
  expect(told, 'the line leads to the server that it runs in').toMatch(
    new RegExp(`tmux -L \\S+ attach -t ${made.session}`),
  )
  const windows = await bench.tmux('list-windows', '-t', `=${made.session}:`, '-F', '#{window_name}')
  expect(windows.split('\n')).toEqual(['app', 'tests', 'mocks', 'monitor'])
  expect(await fetch(made.url).then(answer => answer.json())).toMatchObject({ seeded: 'first' })
  expect((await bench.ok(['sandbox', 'open', made.slug])).url).toBe(made.url)
  expect((await bench.ok(['sandbox', 'logs', made.slug, 'mocks'])).text).toContain('GET /rates/eur → 200')
  // The route of the file goes before the document, the document samples what has no example, and what nobody knows is refused.
  const asked = `for (const path of ['/rates/usd', '/orders/7', '/nothing']) {
    const answer = await fetch(process.env.MOCK_URL + path)
    console.log(JSON.stringify([answer.status, await answer.json()]))
  }`
  const mocked = await bench.run(['sandbox', 'exec', made.slug, '--', 'node', '--input-type=module', '-e', asked])
  expect(
    mocked.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toEqual([
    [200, { rate: 1.5, of: 'usd' }],
    [202, { id: 1, state: 'open' }],
    [404, { error: 'no document knows GET /nothing', known: ['GET /rates/{name}', 'GET /orders/{id}'] }],
  ])
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

const ORDER = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 1 }, state: { type: 'string', enum: ['open', 'closed'] } },
}
const SHOP = {
  openapi: '3.0.3',
  info: { title: 'Shop', version: '1' },
  paths: {
    '/rates/{name}': {
      get: { responses: { 200: { content: { 'application/json': { example: 'of the document' } } } } },
    },
    '/orders/{id}': { get: { responses: { 202: { content: { 'application/json': { schema: ORDER } } } } } },
  },
}
const hasWall = (await whyNoWall()) === undefined

it.skipIf(!hasWall)(
  'R-APR-1 R-ALL-4 behind the wall there is no network but its own loopback, no home, no registry, no other work',
  async () => {
    await using bench = await Workbench.open()
    const repository = await sandboxProject(bench.file('project'))
    await bench.ok(['create', 'CodeAgency', '--agents', 'a', '--repo', repository])
    await editSandbox(bench, { isolation: 'bubblewrap' })
    const { isolation, slug, folder } = await bench.ok(['sandbox', 'deploy', 'CodeAgency', 'main', '--no-test'])
    expect(isolation).toBe('bubblewrap')
    const tried = async (script: string) => (await bench.run(['sandbox', 'exec', slug, '--', 'sh', '-c', script])).code
    expect(await tried('true')).toBe(0)
    expect(await tried(`cat '${bench.file('registry', 'tokens', 'human')}'`)).not.toBe(0)
    expect(await tried(`ls '${bench.file('sandbox', 'worktrees')}'`)).not.toBe(0)
    expect(await tried(`ls '${repository}/.git'`)).not.toBe(0)
    expect(await tried(`ls -A '${process.env.HOME}/.ssh'`)).not.toBe(0)
    expect(await tried(`ls '${process.env.TMUX_TMPDIR ?? '/tmp'}'/tmux-*`)).not.toBe(0)
    expect(await tried('touch /usr/of-the-sandbox')).not.toBe(0)
    expect(await tried('rm .git || mv .git away')).not.toBe(0)
    expect(
      await tried('test "$(ls /sys/class/net 2>/dev/null; cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d " ")" = lo'),
    ).toBe(0)
    expect(
      await tried(
        `node -e "fetch('http://127.0.0.1:${await outsidePort()}').then(() => process.exit(0), () => process.exit(9))"`,
      ),
    ).toBe(9)
    expect(await tried('echo work >> README.md')).toBe(0)
    // What somebody has changed in it is not lost with it.
    const { notes } = await bench.ok(['sandbox', 'destroy', slug])
    expect(notes).toEqual([expect.stringContaining('is kept in')])
    expect(existsSync(folder)).toBe(false)
    const [kept] = await readdir(bench.file('sandbox', 'kept'))
    expect(await bench.text('sandbox', 'kept', kept!, 'README.md')).toContain('work')
    // Nothing of ours takes it away, so somebody has to be told.
    const place = bench.file('sandbox', 'kept', kept!)
    const { findings } = await bench.ok(['doctor'])
    expect(findings).toContainEqual({
      level: 'warn',
      what: '1 folder of sandboxes that are gone is kept, since something was changed in it',
      hint: `git -C ${place} worktree remove --force ${place}`,
    })
  },
  120_000,
)

it('R-APR-1 isolation that is asked for and cannot be had refuses to run anything', async () => {
  await using bench = await Workbench.open({ env: { PATH: await pathWithout('bwrap') } })
  const repository = await sandboxProject(bench.file('project'))
  await bench.ok(['create', 'CodeAgency', '--agents', 'a', '--repo', repository])
  await editSandbox(bench, { isolation: 'bubblewrap' })
  const refused = await bench.run(['sandbox', 'deploy', 'CodeAgency', 'main'])
  expect(refused).toMatchObject({ code: 8 })
  expect(refused.stderr).toContain('bubblewrap is not installed')
  expect((await bench.ok(['sandbox', 'list', '--all'])).sandboxes).toEqual([])
  await editSandbox(bench, {})
  const open = await bench.ok(['sandbox', 'deploy', 'CodeAgency', 'main', '--wait'])
  expect(open).toMatchObject({
    isolation: 'none',
    state: 'passed',
    notes: ['not isolated: bubblewrap is not installed'],
  })
  const { findings } = await bench.ok(['doctor'])
  expect(findings.map(({ what }: { what: string }) => what)).toContain(
    'sandboxes are not isolated: bubblewrap is not installed',
  )
  await bench.ok(['sandbox', 'destroy', open.slug])
}, 120_000)

it.each([
  ['hangs', 'sleep 1000', 'it was not done after 2 s'],
  [
    'hangs in the background, in a session of its own',
    '(setsid sleep 1000 &) ; sleep 1000',
    'it was not done after 2 s',
  ],
  ['needs a terminal', 'read answer < /dev/tty', undefined],
  ['waits for an answer', 'read answer', undefined],
  ['prints 300 MB', 'yes "a line of no meaning at all" | head -c 300000000', 'it printed more than 200 MB'],
])(
  'R-APR-1 a test that %s is bounded',
  async (_name, test, ended) => {
    await using bench = await Workbench.open()
    const repository = await sandboxProject(bench.file('project'))
    await bench.ok(['create', 'CodeAgency', '--agents', 'a', '--repo', repository])
    await editSandbox(bench, { test, app: '', isolation: 'none', timeout: test.includes('sleep') ? 2 : 60 })
    const ran = await bench.run(['sandbox', 'deploy', 'CodeAgency', 'main', '--wait', '--json'], { timeoutMs: 90_000 })
    expect(ran).toMatchObject({ code: 4, json: { state: 'failed' } })
    expect(ran.json.outcome.ended).toBe(ended)
    const size = (await stat(`${ran.json.home}/logs/tests.log`)).size
    expect(size).toBeLessThan(9_000_000)
    await bench.ok(['sandbox', 'destroy', 'main'])
    expect([...markedProcesses('').keys()].filter(mark => mark.endsWith(ran.json.id))).toEqual([])
  },
  150_000,
)

it.each(['sandbox-recorded', 'sandbox-worktree', 'sandbox-session', 'sandbox-destroying', 'sandbox-removed'])(
  'R-APR-1 a daemon that dies at %s leaves nothing of a sandbox to its next start',
  async point => {
    await using bench = await Workbench.open({ env: { AGENCY_CRASH_AT: point } })
    const repository = await sandboxProject(bench.file('project'))
    await bench.ok(['create', 'CodeAgency', '--agents', 'a', '--repo', repository])
    const deployed = await bench.run(['sandbox', 'deploy', 'CodeAgency', 'main', '--no-test'])
    if (point.includes('destroying') || point.includes('removed')) {
      expect(deployed.code).toBe(0)
      expect((await bench.run(['sandbox', 'destroy', 'main'])).code).not.toBe(0)
    } else expect(deployed.code).not.toBe(0)
    const env = { AGENCY_CRASH_AT: undefined }
    const isGone = await until(async () => (await bench.ok(['sandbox', 'list'], { env })).sandboxes.length === 0, {
      timeoutMs: 20_000,
      everyMs: 100,
    })
    expect(isGone).toBe(true)
    expect(await readdir(bench.file('sandbox', 'testing'))).toEqual([])
    expect(
      (await readdir(bench.file('registry', 'sandboxes')).catch(() => [])).filter(name => name !== 'results'),
    ).toEqual([])
    expect((await worktrees(repository)).filter(folder => folder.includes('testing'))).toEqual([])
    expect(await bench.tmux('list-sessions', '-F', '#{session_name}')).not.toContain('CodeAgency-main')
    expect((await bench.ok(['sandbox', 'destroy', '--leftovers'], { env })).removed).toEqual([])
  },
  120_000,
)

it('R-APR-1 a sandbox lives on without the daemon, and is known by the next one', async () => {
  await using bench = await Workbench.open()
  const repository = await sandboxProject(bench.file('project'))
  await bench.ok(['create', 'CodeAgency', '--agents', 'a', '--repo', repository])
  const { url, slug, session } = await bench.ok(['sandbox', 'deploy', 'CodeAgency', 'main', '--no-test'])
  process.kill(await bench.daemonPid(), 'SIGKILL')
  expect((await fetch(url)).status).toBe(200)
  expect((await bench.ok(['sandbox', 'list'])).sandboxes).toMatchObject([{ slug, state: 'running' }])
  expect(await bench.ok(['sandbox', 'test', slug])).toMatchObject({ state: 'passed' })
  await bench.tmux('kill-session', '-t', `=${session}:`)
  const isDown = await until(async () => (await bench.ok(['sandbox', 'show', slug])).state === 'down', {
    timeoutMs: 10_000,
    everyMs: 100,
  })
  expect(isDown).toBe(true)
  await bench.ok(['sandbox', 'destroy', slug])
}, 120_000)

it('R-APR-1 what passed and waits is staged: the same commit and data from another folder; and only a person destroys it', async () => {
  await using bench = await Workbench.open()
  const repository = await sandboxProject(bench.file('project'))
  await bench.ok(['create', 'CodeAgency', '--agents', 'a', '--repo', repository])
  const made = await bench.ok(['sandbox', 'deploy', 'CodeAgency', 'main', '--wait'])
  await bench.ok(['sandbox', 'exec', made.slug, '--', 'sh', '-c', 'printf second > "$SQLITE_FILE"'])
  const staged = await bench.ok(['sandbox', 'stage', made.slug])
  expect(staged).toMatchObject({ place: 'staging', state: 'passed', url: made.url, commit: made.commit })
  expect(staged.folder).toBe(bench.file('sandbox', 'staging', 'main'))
  expect(existsSync(made.folder)).toBe(false)
  expect(await git(staged.folder, 'rev-parse', 'HEAD')).toBe(made.commit)
  expect(await fetch(made.url).then(answer => answer.json())).toMatchObject({ seeded: 'second' })
  const agent = { AGENCY_AGENT: 'CodeAgency/a', AGENCY_TOKEN_FILE: bench.file('registry', 'tokens', 'CodeAgency', 'a') }
  for (const words of [
    ['destroy', 'main'],
    ['exec', 'main', '--', 'true'],
    ['destroy', '--leftovers'],
  ])
    expect(await bench.run(['sandbox', ...words], { env: agent })).toMatchObject({ code: 5 })
  expect(await bench.ok(['sandbox', 'destroy', 'main'])).toMatchObject({ state: 'destroyed' })
  expect(existsSync(staged.folder)).toBe(false)
}, 120_000)

it('R-APR-1 a deployment that fails says why, and leaves nothing', async () => {
  await using bench = await Workbench.open()
  const repository = await sandboxProject(bench.file('project'))
  await bench.ok(['create', 'CodeAgency', '--agents', 'a', '--repo', repository])
  const fails = async (sandbox: object, said: string) => {
    await editSandbox(bench, sandbox)
    const ran = await bench.run(['sandbox', 'deploy', 'CodeAgency', 'main', '--json'])
    expect(`${ran.stdout}${ran.stderr}`).toContain(said)
    expect(ran.code).not.toBe(0)
    expect((await bench.ok(['sandbox', 'list'])).sandboxes).toEqual([])
    expect(await readdir(bench.file('sandbox', 'testing'))).toEqual([])
  }
  await fails({ app: 'echo the reason; exit 3' }, 'the reason')
  await fails({ app: 'sleep 100', ready: { path: '/', timeout: 1 } }, 'did not answer')
  await fails({ seed: 'echo no seed; false' }, 'no seed')
  await fails({ setup: 'echo no setup; false' }, 'no setup')
  // What its environment holds may be a secret, and anybody may read argv.
  const looking = fails({ setup: 'sleep 2; echo slept; false', env: { KEY: 'not for all to read' } }, 'slept')
  const isThere = async () => (await commandLines()).some(line => line.includes('sleep 2; echo slept'))
  expect(await until(isThere, { timeoutMs: 10_000, everyMs: 20 })).toBe(true)
  expect((await commandLines()).filter(line => line.includes('not for all to read'))).toEqual([])
  await looking
  await fails({ mocks: 'elsewhere' }, 'no folder elsewhere')
  await fails(
    { database: 'postgres', databaseUrl: 'postgres://nobody@127.0.0.1:1/none' },
    'the database of the sandbox',
  )
  expect(await bench.run(['sandbox', 'deploy', 'CodeAgency', 'nowhere'])).toMatchObject({ code: 3 })
  expect(await bench.run(['sandbox', 'deploy', 'CodeAgency', '--upload-pack=x'])).toMatchObject({ code: 2 })
}, 120_000)

const servers = execaSync('sh', ['-c', 'command -v initdb pg_ctl psql'], { reject: false })

it.skipIf(servers.failed).each(['none', 'bubblewrap'])(
  'R-APR-1 PostgreSQL: a database and a role of its own, dropped at the end (%s)',
  async isolation => {
    if (isolation === 'bubblewrap' && !hasWall) return
    await using postgres = await startPostgres()
    await using bench = await Workbench.open({ env: { AGENCY_SANDBOX_POSTGRES: postgres.url } })
    const repository = await sandboxProject(bench.file('project'))
    await bench.ok(['create', 'CodeAgency', '--agents', 'a', '--repo', repository])
    const test = `psql "$DATABASE_URL" -tAc "select 'found ' || word from words"`
    const seed = `psql "$DATABASE_URL" -qc "create table words as select 'seeded' as word"`
    await editSandbox(bench, { app: '', database: 'postgres', seed, test, isolation })
    const made = await bench.ok(['sandbox', 'deploy', 'CodeAgency', 'main', '--wait'])
    expect(made.state).toBe('passed')
    expect((await bench.ok(['sandbox', 'logs', 'main', 'tests'])).text).toContain('found seeded')
    expect(await postgres.ask('select count(*) from pg_database where datname like $$agency_sandbox_%$$')).toBe('1')
    await bench.ok(['sandbox', 'destroy', 'main'])
    expect(await postgres.ask('select count(*) from pg_database where datname like $$agency_sandbox_%$$')).toBe('0')
    expect(await postgres.ask('select count(*) from pg_roles where rolname like $$agency_sandbox_%$$')).toBe('0')
  },
  120_000,
)

/** A server of the test's own; as root, by the user postgres. */
async function startPostgres(): Promise<AsyncDisposable & { url: string; ask(sql: string): Promise<string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'agency-pg-'))
  const isRoot = process.getuid?.() === 0
  if (isRoot) await execa('chown', ['postgres', folder])
  const as = (...words: string[]) =>
    execa(isRoot ? 'su' : 'sh', isRoot ? ['postgres', '-c', words.join(' ')] : ['-c', words.join(' ')], {
      cwd: folder,
      stdin: 'ignore',
    })
  const port = await outsidePort({ isFree: true })
  await as('initdb', '-D', `${folder}/data`, '-A', 'trust', '-U', 'admin', '>/dev/null')
  await as(
    'pg_ctl',
    '-D',
    `${folder}/data`,
    '-w',
    '-l',
    `${folder}/log`,
    '-o',
    `"-h 127.0.0.1 -p ${port} -k ${folder} -F"`,
    'start',
    '>/dev/null',
  )
  const url = `postgres://admin@127.0.0.1:${port}/postgres`
  return {
    url,
    ask: async sql => (await execa('psql', [url, '-tAc', sql])).stdout,
    async [Symbol.asyncDispose]() {
      await as('pg_ctl', '-D', `${folder}/data`, '-m', 'immediate', 'stop')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function editSandbox(bench: Workbench, sandbox: object): Promise<void> {
  const file = bench.file('agencies', 'CodeAgency', 'agency.json')
  const definition = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...definition, sandbox }, null, 2))
  await bench.ok(['daemon', 'restart'])
}

/** A server outside that a sandbox must not reach. */
async function outsidePort({ isFree = false } = {}): Promise<number> {
  const server = createServer((_, response) => response.end('outside')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  const { port } = server.address() as { port: number }
  if (isFree) await new Promise(resolve => server.close(resolve))
  return port
}

/** The same programs but for one, by links in a folder of the test's own. */
async function pathWithout(program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agency-path-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const place of (process.env.PATH ?? '').split(':').reverse())
    for (const name of await readdir(place).catch(() => []))
      if (name !== program) {
        await rm(join(folder, name), { force: true })
        await symlink(join(place, name), join(folder, name))
      }
  return folder
}

/** Of every process that can be seen. */
async function commandLines(): Promise<readonly string[]> {
  const { stdout } = await execa('ps', ['-eo', 'args'])
  return stdout.split('\n')
}
