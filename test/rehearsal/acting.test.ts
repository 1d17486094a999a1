import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { formatHeader } from '../../src/model/header.ts'
import { eventually, type StartOptions, TestTerminal } from './terminal.ts'

const task = (body: string, type = 'TASK') =>
  `${formatHeader({ id: '00000000-0000-7000-8000-00001a2b3c4d', from: 'Code/boss', to: 'Code/js-agent', type, redelivery: undefined })} ${body}`

/** A stand-in for `agency` that writes down its arguments, and fails with the exit codes that stand in `codes`. */
const AGENCY = `#!/usr/bin/env node
const fs = require('node:fs'), run = process.env.AGENCY_RUN
fs.appendFileSync(run + '/calls.jsonl', JSON.stringify(process.argv.slice(2)) + '\\n')
let codes = []
try { codes = JSON.parse(fs.readFileSync(run + '/codes')) } catch {}
const code = codes.shift() ?? 0
fs.writeFileSync(run + '/codes', JSON.stringify(codes))
if (code) console.error('no daemon')
process.exit(code)
`

const HOOK = `#!/bin/sh
payload=$(cat)
printf '{"event":"%s","payload":%s}\\n' "$1" "$payload" >> "$AGENCY_RUN/hooks.jsonl"
`

async function start(options: StartOptions, codes: readonly number[] = []): Promise<TestTerminal> {
  const folder = TestTerminal.newFolder()
  const [bin, hook] = [join(folder, 'agency.cjs'), join(folder, 'hook.sh')]
  writeFileSync(bin, AGENCY)
  writeFileSync(hook, HOOK)
  writeFileSync(join(folder, 'run', 'codes'), JSON.stringify(codes))
  for (const file of [bin, hook]) chmodSync(file, 0o755)
  const args = ['--hook', hook, ...(options.args ?? [])]
  return TestTerminal.start({ ...options, folder, args, env: { AGENCY_BIN: bin } })
}

function events(terminal: TestTerminal): string[] {
  return (terminal.lines('hooks.jsonl') as { event: string }[]).map(line => line.event)
}

describe('acting by a playbook', () => {
  it('writes, edits, runs, commits and replies with what it found', async () => {
    const playbook = `
rules:
  - when: { type: TASK, from: '^Code/', body: 'build (?<what>\\w+)' }
    do:
      - write: { path: "src/{{match.what}}.js", content: "export const version = 1\\n" }
      - replace: { path: "src/{{match.what}}.js", find: "1", with: "2" }
      - run: cat src/router.js
      - set: { seen: "{{run.output}}" }
      - if: "{{run.status}} == 0"
        then: [{ commit: "Build {{match.what}}" }]
        else: [{ say: never }]
      - reply: "COMPLETE {{agent.name}} of {{agent.agency}}: {{vars.seen}} on {{git.branch}} for {{message.id}}"
      - handoff: { to: QAAgency, task: TASK-001, branch: "{{git.branch}}", notes: "look closely" }
      - sendJson: { to: QAAgency, payload: { type: results, status: passed, count: 2 } }
`
    await using terminal = await start({ playbook })
    await execa('git', ['init', '-q', '-b', 'feature'], { cwd: terminal.work })
    await terminal.submit(task('build router'))
    await eventually('three calls', () => terminal.lines('calls.jsonl').length === 3)
    expect(terminal.lines('calls.jsonl')).toEqual([
      ['reply', '--', '1a2b3c4d', 'COMPLETE js-agent of CodeAgency: export const version = 2 on feature for 1a2b3c4d'],
      ['handoff', 'QAAgency', '--task', 'TASK-001', '--branch', 'feature', '--notes', 'look closely'],
      ['send', '--', 'QAAgency', '{"type":"results","status":"passed","count":2}'],
    ])
    const { stdout } = await execa('git', ['log', '--format=%an: %s'], { cwd: terminal.work })
    expect(stdout).toBe('js-agent: Build router')
  })

  it('answers a question when no rule fits', async () => {
    await using terminal = await start({})
    await terminal.submit(task('which port?', 'QUESTION'))
    await eventually('a reply', () => terminal.lines('calls.jsonl').length === 1)
    expect(terminal.lines('calls.jsonl')).toEqual([['reply', '--', '1a2b3c4d', expect.stringMatching(/^ANSWER /)]])
  })

  it('replies BLOCKED when a command fails, and ends the rule', async () => {
    const playbook = 'rules: [{ do: [{ run: "echo broken; exit 3" }, { say: never said }] }]'
    await using terminal = await start({ playbook })
    await terminal.submit(task('go'))
    await eventually('a reply', () => terminal.lines('calls.jsonl').length === 1)
    const [reply] = terminal.lines('calls.jsonl') as string[][]
    expect(reply?.at(-1)).toBe('BLOCKED js-agent: `echo broken; exit 3` failed (exit 3)\nbroken')
    expect(await terminal.see('js-agent · ready')).not.toContain('never said')
  })

  it('goes on after a failure that is allowed', async () => {
    const playbook =
      'rules: [{ do: [{ run: { command: "exit 3", allowFailure: true } }, { say: "was {{run.status}}" }] }]'
    await using terminal = await start({ playbook })
    await terminal.submit('go')
    await terminal.see('● was 3')
  })

  it('lets no message run a command of its own', async () => {
    const playbook = `rules: [{ do: [{ run: 'echo "<{{message.body}}>"' }, { run: 'echo {{message.body}}' }] }]`
    await using terminal = await start({ playbook })
    await terminal.submit(task('$(touch pwned); `touch pwned`; touch pwned'))
    await terminal.see('<$(touch pwned); `touch pwned`; touch pwned>')
    await terminal.see('js-agent · ready')
    const { stdout } = await execa('ls', [terminal.work])
    expect(stdout).toBe('')
  })

  it('writes nowhere outside its folder', async () => {
    const playbook = 'rules: [{ do: [{ write: { path: ../out.txt, content: x } }] }]'
    await using terminal = await start({ playbook })
    await terminal.submit('go')
    await terminal.see('../out.txt is outside')
    expect(() => readFileSync(join(terminal.folder, 'out.txt'))).toThrow()
  })

  it('calls again when the daemon was away, and shows and logs each failure', async () => {
    await using terminal = await start({ playbook: 'rules: [{ do: [{ reply: done }, { say: and told }] }]' }, [8, 6])
    await terminal.submit(task('go'))
    await terminal.see('● and told')
    expect(terminal.lines('calls.jsonl')).toHaveLength(3)
    expect(terminal.kinds()).toEqual(['start', 'prompt', 'failed', 'failed'])
  })

  it('does not call again what was refused', async () => {
    await using terminal = await start({ playbook: 'rules: [{ do: [{ reply: done }, { say: and told }] }]' }, [5])
    await terminal.submit(task('go'))
    await terminal.see('agency reply failed, exit 5: no daemon')
    expect(await terminal.see('js-agent · ready')).not.toContain('and told')
    expect(terminal.lines('calls.jsonl')).toHaveLength(1)
  })

  it('acts once by a rule that says once, also after a resume, and remembers what it set', async () => {
    const playbook = `
rules:
  - { when: { once: true }, do: [{ set: { colour: green } }, { say: the first time }] }
  - { do: [{ say: "later it was {{vars.colour}}" }] }
`
    const id = '0b0e7a40-0000-4000-8000-000000000001'
    await using terminal = await start({ playbook, args: ['--session-id', id] })
    await terminal.submit('one')
    await terminal.see('● the first time')
    await terminal.restart({ playbook, args: ['--resume', id] })
    await terminal.see(/> one[\s\S]*● the first time[\s\S]*· ready$/m)
    await terminal.submit('two')
    await terminal.see('● later it was green')
  })

  it('kills what it runs when it is interrupted', async () => {
    await using terminal = await start({ playbook: 'rules: [{ do: [{ run: "sleep 300 & echo $! > pid; wait" }] }]' })
    await terminal.submit('go')
    const pid = () => Number(readFileSync(join(terminal.work, 'pid'), 'utf8'))
    await eventually('the command runs', () => isAlive(pid))
    await terminal.keys('Escape')
    await eventually('the command is dead', () => !isAlive(pid))
    await terminal.see('js-agent · ready')
  })
})

function isAlive(pid: () => number): boolean {
  try {
    return process.kill(pid(), 0)
  } catch {
    return false
  }
}

describe('the hook', () => {
  it('hears every event in order, with the prompt', async () => {
    const playbook = 'rules: [{ do: [{ permission: Sure? }, { say: fine }] }]'
    await using terminal = await start({ playbook })
    await terminal.submit('go')
    await terminal.see('Do you want to proceed?')
    await terminal.keys('y')
    await terminal.see('● fine')
    await terminal.submit('/quit')
    await terminal.see('ended with 0')
    const told = ['SessionStart', 'UserPromptSubmit', 'PermissionRequest', 'PermissionReply', 'Stop', 'SessionEnd']
    expect(events(terminal)).toEqual(told)
    expect(terminal.lines('hooks.jsonl')[1]).toMatchObject({ payload: { prompt: 'go', cwd: terminal.work } })
    expect(terminal.lines('hooks.jsonl')[3]).toMatchObject({ payload: { choice: 'yes' } })
  })

  it('hears of a queued prompt at once, and of no Stop after Esc', async () => {
    await using terminal = await start({ args: ['--misbehave', 'busy-for:60000'] })
    await terminal.submit('first')
    await terminal.see('js-agent · busy')
    await terminal.submit('second')
    await eventually('both prompts', () => events(terminal).length === 3)
    await terminal.keys('Escape')
    await terminal.see('> second')
    expect(events(terminal)).toEqual(['SessionStart', 'UserPromptSubmit', 'UserPromptSubmit'])
  })

  it('hears that the pane was closed', async () => {
    await using terminal = await start({})
    await eventually('the start is told', () => events(terminal).length === 1)
    await terminal.tmux('kill-server')
    await eventually('the end is told', () => events(terminal).at(-1) === 'SessionEnd')
    expect(terminal.kinds()).toEqual(['start', 'end'])
  })

  it('is silent when the program has none', async () => {
    await using terminal = await start({ args: ['--misbehave', 'no-hooks'] })
    await terminal.submit('hello')
    await terminal.see('Received.')
    expect(events(terminal)).toEqual([])
  })

  it('hands in the next message when it blocks the Stop, and is not told of it again', async () => {
    const folder = TestTerminal.newFolder()
    const hook = join(folder, 'stop.sh')
    // Blocks the first Stop only.
    writeFileSync(
      hook,
      '#!/bin/sh\necho "$1" >> "$AGENCY_RUN/told"\n[ "$1" = Stop ] && mkdir "$AGENCY_RUN/once" 2>/dev/null && echo \'{"decision":"block","reason":"and now this"}\'\n',
    )
    await using terminal = await TestTerminal.start({ folder, args: ['--hook', `sh ${hook}`] })
    await terminal.submit('first')
    await terminal.see('> and now this')
    const told = () => readFileSync(join(terminal.run, 'told'), 'utf8').trim().split('\n')
    await eventually('the second Stop', () => told().length === 4)
    expect(told()).toEqual(['SessionStart', 'UserPromptSubmit', 'Stop', 'Stop'])
    expect(
      terminal
        .received()
        .map(line => line.text)
        .slice(1),
    ).toEqual(['first', 'and now this'])
  })
})
