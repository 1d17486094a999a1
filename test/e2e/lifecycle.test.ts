import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import { gitProject } from './gitProject.ts'
import { Workbench } from './workbench.ts'

async function windowsOf(bench: Workbench, agency: string): Promise<readonly string[]> {
  const listed = await bench.tmux('list-windows', '-t', `=${agency}:`, '-F', '#{window_index} #{window_name}')
  return listed.split('\n')
}

it('R-AGY-1 R-AGY-3 the bare commands make a complete CodeAgency and QAAgency from their templates', async () => {
  await using bench = await Workbench.open()
  const repository = await gitProject(bench.file('project'))
  const code = await bench.run(['create', 'CodeAgency'], { cwd: repository })
  expect(code).toMatchObject({ code: 0 })
  expect(code.stdout).toContain(repository)
  expect(await windowsOf(bench, 'CodeAgency')).toEqual(
    ['coordinator', 'python-agent', 'js-agent', 'go-agent', 'code-reviewer', 'tools', 'sandbox'].map(
      (name, index) => `${index} ${name}`,
    ),
  )
  const definition = JSON.parse(await bench.text('agencies', 'CodeAgency', 'agency.json'))
  expect(definition.capabilities).toEqual(['backend', 'frontend', 'api-design', 'code-review'])
  expect(await readdir(bench.file('agencies', 'CodeAgency'))).toEqual(
    expect.arrayContaining(['agency.json', 'agents', 'context', 'coordinator.md', 'logs', 'scripts']),
  )
  const qa = await bench.run(['create', 'QAAgency'])
  expect(qa.code).toBe(0)
  expect(qa.stdout).toContain('none: its agents work in plain folders')
  expect((await windowsOf(bench, 'QAAgency')).map(line => line.split(' ')[1])).toEqual([
    'coordinator',
    'test-lead',
    'qa-engineer',
    'perf-tester',
    'bug-tracker',
    'tools',
    'sandbox',
  ])
  for (const [agency, coordinator] of [
    ['CodeAgency', 'code-coordinator'],
    ['QAAgency', 'qa-coordinator'],
  ])
    await bench.whenAgent(`${agency}/${coordinator}`, 'ready')
  // The tools window is the person's shell in the agency's scripts, the sandbox window one in sandbox/testing.
  expect(await bench.tmux('display-message', '-p', '-t', '=CodeAgency:5', '#{pane_current_path}')).toBe(
    bench.file('agencies', 'CodeAgency', 'scripts'),
  )
  expect(await bench.tmux('display-message', '-p', '-t', '=CodeAgency:6', '#{pane_current_path}')).toBe(
    bench.file('sandbox', 'testing'),
  )
})

it('R-AGY-1 every option of create is in the definition, and bad ones are refused with what is good', async () => {
  await using bench = await Workbench.open()
  await bench.ok([
    'create',
    'Api',
    '--template',
    'CodeAgency',
    '--agents',
    'python-agent,extra',
    '--coordinator',
    'boss',
    '--capabilities',
    'backend,api-design',
    '--driver',
    'rehearsal,extra=shell',
  ])
  const definition = JSON.parse(await bench.text('agencies', 'Api', 'agency.json'))
  expect(definition).toMatchObject({
    name: 'Api',
    driver: 'rehearsal',
    capabilities: ['backend', 'api-design'],
    coordinator: { name: 'boss' },
    agents: [{ name: 'python-agent' }, { name: 'extra', driver: 'shell' }],
  })
  expect(await bench.text('agencies', 'Api', 'agents', 'python-agent.md')).toContain('Python')
  expect(await bench.text('agencies', 'Api', 'agents', 'extra.md')).toContain('You are extra of Api')
  const { agencies } = await bench.ok(['status'])
  expect(agencies[0].agents.map((agent: { name: string; driver: string }) => [agent.name, agent.driver])).toEqual([
    ['boss', 'rehearsal'],
    ['python-agent', 'rehearsal'],
    ['extra', 'shell'],
  ])

  const bad: readonly [args: readonly string[], code: number, text: string][] = [
    [['create', 'Api'], 4, 'the agency Api exists'],
    [['create', 'Other'], 3, 'there is no template Other'],
    [['create', 'a b', '--agents', 'x'], 2, 'the agency name "a b"'],
    [['create', '../up', '--agents', 'x'], 2, 'the agency name "../up"'],
    [['create', 'Grün', '--agents', 'x'], 2, 'the agency name'],
    [['create', 'x'.repeat(300), '--agents', 'x'], 2, 'has 300 characters'],
    [['create', 'sandbox', '--agents', 'x'], 2, 'is reserved'],
    [['create', 'Ok', '--agents', 'x,y.z'], 2, 'the agent name "y.z"'],
    [['create', 'Ok', '--agents', 'x,X'], 2, 'two agents are called X'],
    [['create', 'Ok', '--agents', 'x', '--coordinator', 'human'], 2, 'is reserved'],
    [['create', 'Ok', '--agents', 'x', '--coordinator', 'x'], 2, 'two agents are called x'],
    [['create', 'Ok', '--agents', 'x', '--capabilities', 'Back End'], 2, 'a capability is lower case'],
    [['create', 'Ok', '--agents', 'x', '--driver', '../x'], 2, 'a driver is lower case'],
  ]
  for (const [args, code, text] of bad) {
    const ran = await bench.run(args)
    expect([args, ran.code, ran.stderr]).toEqual([args, code, expect.stringContaining(text)])
  }
  expect(await readdir(bench.file('agencies'))).toEqual(['Api'])
})

it('R-AGY-5 start, stop and restart one agent or all; down leaves nothing of ours in tmux, and up brings all back', async () => {
  await using bench = await Workbench.open()
  await bench.tmux('new-session', '-d', '-s', 'mine', 'sleep 1000')
  await bench.ok(['create', 'Duo', '--agents', 'a,b'])
  await bench.whenAgent('Duo/a', 'ready')
  const conversation = async () =>
    JSON.parse((await bench.run(['explain', 'Duo/a', '--json'])).stdout).agent.conversation
  const [before, talk] = [await bench.agent('Duo/a'), await conversation()]

  await bench.ok(['restart', 'Duo/a'])
  await bench.whenAgent('Duo/a', 'ready')
  expect((await bench.agent('Duo/a')).pid).not.toBe(before.pid)
  expect(await conversation()).toBe(talk)
  expect(await windowsOf(bench, 'Duo')).toEqual(['0 coordinator', '1 a', '2 b', '3 tools', '4 sandbox'])

  await bench.ok(['stop', 'Duo/coordinator'])
  expect(await windowsOf(bench, 'Duo')).toEqual(['1 a', '2 b', '3 tools', '4 sandbox'])
  await bench.ok(['start', 'Duo/coordinator'])
  expect(await windowsOf(bench, 'Duo')).toEqual(['0 coordinator', '1 a', '2 b', '3 tools', '4 sandbox'])

  // A message for a stopped agent waits; a closed window comes back in its place.
  await bench.ok(['stop', 'Duo/b'])
  const waiting = await bench.ok(['send', 'Duo/b', 'TASK-1: later'])
  await bench.ok(['stop', 'Duo'])
  expect(await bench.tmux('list-sessions', '-F', '#{session_name}')).not.toContain('Duo')
  expect((await bench.ok(['status'])).agencies[0].state).toBe('stopped')
  await bench.ok(['start', 'Duo'])
  await bench.whenDelivery(waiting.id, 'Duo/b', 'confirmed')
  await bench.tmux('kill-window', '-t', '=Duo:coordinator')
  const isBack = await until(async () => (await windowsOf(bench, 'Duo')).length === 5, {
    timeoutMs: 10_000,
    everyMs: 100,
  })
  expect(isBack).toBe(true)
  expect(await windowsOf(bench, 'Duo')).toEqual(['0 coordinator', '1 a', '2 b', '3 tools', '4 sandbox'])

  const daemon = await bench.daemonPid()
  await bench.ok(['down'])
  expect(await bench.tmux('list-sessions', '-F', '#{session_name}')).toBe('mine')
  expect(isRunning(daemon)).toBe(false)
  expect(await readdir(bench.file('agencies', 'Duo', 'agents'))).toEqual(['a.md', 'b.md'])
  await bench.ok(['up'])
  expect(await windowsOf(bench, 'Duo')).toEqual(['0 coordinator', '1 a', '2 b', '3 tools', '4 sandbox'])
  await bench.whenAgent('Duo/a', 'ready')
  expect(await conversation()).toBe(talk)

  // A daemon that was killed leaves agents behind: down ends those too.
  process.kill(await bench.daemonPid(), 'SIGKILL')
  await bench.ok(['down'])
  expect(await bench.tmux('list-sessions', '-F', '#{session_name}')).toBe('mine')
  const unknown = await bench.run(['start', 'Duo/nobody'])
  expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('its agents: lead, a, b')])
  expect((await bench.run(['explain', 'Duo/laed'])).stderr).toContain('did you mean Duo/lead? its agents: lead, a, b')
  expect((await bench.run(['explain', 'b'])).stderr).toContain('an agent is named with its agency: Duo/b')
  expect((await bench.run(['explain', 'Dou'])).stderr).toContain('did you mean Duo? there are Duo')
  expect((await bench.run(['status', 'Duo/b'])).stderr).toContain('agency explain Duo/b')
})

it('R-AGY-5 one agency that cannot start does not keep the others down', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Alpha', '--agents', 'a'])
  await bench.ok(['create', 'Beta', '--agents', 'b'])
  await bench.ok(['down'])
  await bench.tmux('new-session', '-d', '-s', 'Alpha', 'sleep 1000')
  const up = await bench.run(['up'])
  expect([up.code, up.stderr]).toEqual([4, expect.stringContaining('a tmux session Alpha exists already')])
  await bench.whenAgent('Beta/b', 'ready')
  await bench.tmux('kill-session', '-t', '=Alpha')
  await bench.ok(['up'])
  await bench.whenAgent('Alpha/a', 'ready')
})

it('R-AGY-4 R-ALL-4 a pane knows its workspace, agent, token file and command; no token value is anywhere else', async () => {
  await using bench = await Workbench.open()
  await writeFile(
    bench.file('probe'),
    '#!/bin/sh\nenv >"$AGENCY_RUN/seen.env"; umask >"$AGENCY_RUN/seen.umask"\n"$AGENCY_BIN" send human "STATUS p: from the pane" >"$AGENCY_RUN/seen.send" 2>&1\nexec cat\n',
  )
  await chmod(bench.file('probe'), 0o755)
  await bench.ok(['create', 'Duo', '--agents', 'a'])
  await writeFile(bench.file('agencies', 'Duo', 'context', 'memory.md'), 'We never deploy on Fridays.')
  await writeFile(
    bench.file('agencies', 'Duo', 'agency.json'),
    JSON.stringify({
      name: 'Duo',
      coordinator: { name: 'lead' },
      agents: [
        { name: 'a' },
        { name: 'p', driver: 'script', command: [bench.file('probe')], env: { COLOUR: "it's blue" } },
      ],
    }),
  )
  const seen = bench.file('registry', 'run', 'Duo', 'p', 'seen.send')
  await until(async () => (await readFile(seen, 'utf8').catch(() => '')) !== '', { timeoutMs: 15_000, everyMs: 50 })
  const environment = Object.fromEntries(
    (await readFile(bench.file('registry', 'run', 'Duo', 'p', 'seen.env'), 'utf8'))
      .split('\n')
      .map(line => line.split(/=(.*)/s).slice(0, 2)),
  )
  const tokenFile = bench.file('registry', 'tokens', 'Duo.p')
  expect(environment).toMatchObject({
    AGENCY_WORKSPACE: bench.root,
    AGENCY_AGENT: 'Duo/p',
    AGENCY_TOKEN_FILE: tokenFile,
    AGENCY_BIN: join(packageRoot, 'bin', 'agency.js'),
    COLOUR: "it's blue",
  })
  expect(Number.parseInt(await bench.text('registry', 'run', 'Duo', 'p', 'seen.umask'), 8)).toBe(process.umask())
  const { messages } = await bench.ok(['inbox', '--peek'])
  expect(messages[0]).toMatchObject({ from: 'Duo/p', body: 'STATUS p: from the pane' })

  // A login shell may set PATH anew: AGENCY_BIN does not depend on it.
  const { AGENCY_BIN, AGENCY_TOKEN_FILE, AGENCY_AGENT, AGENCY_WORKSPACE } = environment
  const bare = await execa(
    'env',
    [
      '-i',
      `PATH=/usr/bin:/bin:${join(process.execPath, '..')}`,
      `AGENCY_TOKEN_FILE=${AGENCY_TOKEN_FILE}`,
      `AGENCY_AGENT=${AGENCY_AGENT}`,
      `AGENCY_WORKSPACE=${AGENCY_WORKSPACE}`,
      AGENCY_BIN!,
      'send',
      'human',
      'STATUS p: bare',
    ],
    { cwd: '/' },
  )
  expect(bare.exitCode).toBe(0)

  const brief = await bench.text('registry', 'run', 'Duo', 'p', 'brief.md')
  expect(brief).toContain('You are p of Duo')
  expect(brief).toContain('We never deploy on Fridays.')
  expect(brief).toContain('"$AGENCY_BIN" send Duo/coordinator')
  expect(brief).toContain('- Duo/lead')

  const tokens = await Promise.all(
    (await readdir(bench.file('registry', 'tokens'))).map(file => bench.text('registry', 'tokens', file)),
  )
  const wrong = await bench.run(['send', 'Duo/a', 'x', '--json'], { env: { AGENCY_TOKEN_FILE: bench.file('nowhere') } })
  expect([wrong.code, wrong.json.error.code]).toEqual([5, 'NO_TOKEN'])
  const { stdout: processes } = await execa('ps', ['-eo', 'args'])
  const places = {
    processes,
    environment: JSON.stringify(environment),
    wrong: wrong.stdout + wrong.stderr,
    ...(await filesUnder(bench.root)),
  }
  for (const token of tokens)
    for (const [place, text] of Object.entries(places))
      if (text.includes(token.trim())) expect(place).toMatch(/registry\/tokens\/[\w.-]+$/)

  const modes = {
    registry: 0o700,
    'registry/tokens': 0o700,
    'registry/run': 0o700,
    'registry/run/Duo/p': 0o700,
    'registry/outbox': 0o700,
    'registry/mail': 0o700,
    'registry/tokens/human': 0o600,
    'registry/tokens/Duo.p': 0o600,
    'registry/agency.db': 0o600,
    'registry/agencyd.sock': 0o600,
    'registry/agencyd.log': 0o600,
    'registry/run/Duo/p/start.sh': 0o600,
    'registry/run/Duo/p/brief.md': 0o600,
  }
  for (const [path, mode] of Object.entries(modes))
    expect([path, ((await stat(bench.file(path))).mode & 0o777).toString(8)]).toEqual([path, mode.toString(8)])
})

/** Text of every file below a folder, as far as it is a file of some size. */
async function filesUnder(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) found[path] = await readFile(path, 'latin1').catch(() => '')
  }
  return found
}

it('R-AGY-4 R-AGY-5 the claude profile hands over the briefing and its hooks whole, and resumes the session it began', async () => {
  const tools = await mkdtemp(join(tmpdir(), 'agency-tools-'))
  try {
    await using bench = await Workbench.open({
      driver: 'claude',
      env: { PATH: `${tools}:${process.env.PATH}`, CLAUDECODE: '1' },
    })
    const program =
      '#!/bin/sh\nprintf "%s\\0" "$@" >"$AGENCY_RUN/argv.tmp"\nenv >"$AGENCY_RUN/seen.env"\necho \'{"prompt":"x"}\' | sh "$AGENCY_HOOK" UserPromptSubmit\nmv "$AGENCY_RUN/argv.tmp" "$AGENCY_RUN/argv"\nprintf "─────\\n❯ \\n─────\\n"\nexec cat\n'
    await writeFile(join(tools, 'claude'), program, { mode: 0o755 })
    await bench.ok(['create', 'Duo', '--agents', 'a'])
    const run = (file: string) => bench.file('registry', 'run', 'Duo', 'a', file)
    const started = async () => {
      await until(async () => existsSync(run('argv')), { timeoutMs: 10_000, everyMs: 50 })
      return (await readFile(run('argv'), 'utf8')).split('\0')
    }
    const value = (words: readonly string[], flag: string) => words[words.indexOf(flag) + 1]
    const first = await started()
    expect(`${value(first, '--append-system-prompt')}\n`).toBe(await readFile(run('brief.md'), 'utf8'))
    expect(JSON.parse(await readFile(value(first, '--settings')!, 'utf8')).hooks).toHaveProperty('PermissionRequest')
    expect(await readFile(run('seen.env'), 'utf8')).not.toMatch(/^CLAUDECODE=/m)
    await bench.whenAgent('Duo/a', 'ready')

    await rm(run('argv'))
    await writeFile(bench.file('agencies', 'Duo', 'agents', 'a.md'), `It's "quoted", $HOME and \`ls\`\n\\ and {agent}`)
    await bench.ok(['restart', 'Duo/a'])
    const second = await started()
    expect(value(second, '--append-system-prompt')).toContain(`It's "quoted", $HOME and \`ls\`\n\\ and {agent}`)
    expect(value(second, '--resume')).toBe(value(first, '--session-id'))
  } finally {
    await rm(tools, { recursive: true })
  }
})
