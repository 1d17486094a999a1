/** The verb, as a person starts and ends it. */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verb } from '../../src/cli/verbs/rehearse.ts'
import { packageRoot } from '../../src/config/workspace.ts'
import { parseScript } from '../../src/modelServer/script.ts'

const bin = join(packageRoot, 'bin', 'agency.js')
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agency-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

function run(...args: readonly string[]) {
  return execa(process.execPath, [bin, 'rehearse', ...args], { cwd: folder, reject: false, timeout: 25_000 })
}

describe('agency rehearse --model-server', () => {
  it('R-ALL-3 shows a script in its help that can be read', () => {
    const shown = verb.examples.find(example => example.startsWith('cat replies.yaml\n'))
    const { rules } = parseScript(shown!.slice(shown!.indexOf('\n')), 'replies.yaml')
    expect(rules.map(rule => rule.do.length)).toEqual([2, 2, 1, 3])
  })

  it('R-ALL-3 tells how to reach it, one line for each turn, and ends when asked', async () => {
    await writeFile(join(folder, 'replies.yaml'), 'rules: [{ match: hi, do: [{ say: hello }] }]')
    const running = run('--model-server', '--json', '--script', 'replies.yaml', '--record', 'received.jsonl')
    const lines = createInterface(running.stdout)[Symbol.asyncIterator]()
    const next = async () => JSON.parse((await lines.next()).value)
    const ready = await next()
    expect(ready.url).toBe(`http://127.0.0.1:${ready.port}`)
    expect(ready.programs.map((program: { driver: string }) => program.driver)).toContain('claude')
    for (const { env, files } of ready.programs) expect(JSON.stringify({ env, files })).toContain(ready.url)

    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] })
    const answer = await fetch(`${ready.url}/v1/chat/completions`, { method: 'POST', body })
    expect(await answer.text()).toContain('hello')
    expect(await next()).toMatchObject({ kind: 'request', texts: ['hi'], rules: [1], steps: ['say'] })
    expect(await next()).toMatchObject({ kind: 'end', outcome: 'answered' })
    const taken = await run('--model-server', '--port', String(ready.port))
    expect([taken.exitCode, taken.stderr]).toEqual([
      8,
      expect.stringContaining(`port ${ready.port} on 127.0.0.1 is taken`),
    ])

    running.kill('SIGTERM')
    expect((await running).exitCode).toBe(0)
    expect((await readFile(join(folder, 'received.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2)
  })

  it('R-ALL-3 shows people the lines to type and what happens', async () => {
    const running = run('--model-server')
    const lines = createInterface(running.stdout)
    const seen: string[] = []
    for await (const line of lines) {
      seen.push(line)
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(seen[0]!)?.[0]
      if (line.includes('cn --config'))
        await fetch(`${url}/v1/chat/completions`, {
          method: 'POST',
          body: JSON.stringify({ model: 'some-model', messages: [{ role: 'user', content: 'good morning' }] }),
        })
      if (line.includes('good morning')) running.kill('SIGINT')
    }
    expect((await running).exitCode).toBe(0)
    expect(seen.join('\n')).toMatch(/ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+ .*claude/)
    expect(seen.at(-1)).toMatch(/some-model {2}good morning {2}→ say/)
  })

  it('R-ALL-3 writes the settings of each program into a home of their own, and never into yours', async () => {
    const running = run('--model-server', '--json', '--home', 'home')
    const lines = createInterface(running.stdout)[Symbol.asyncIterator]()
    const { programs, url } = JSON.parse((await lines.next()).value)
    running.kill('SIGTERM')
    await running
    expect(await readFile(join(folder, 'home', '.codex', 'config.toml'), 'utf8')).toContain(`${url}/v1`)
    const home = await realpath(join(folder, 'home'))
    for (const { env } of programs) expect(env.HOME).toBe(home)
    const last = programs.find((program: { driver: string }) => program.driver === 'continue')
    expect(last.args).toEqual(['--config', join(home, '.continue', 'rehearsal.yaml')])
    const mine = await execa(process.execPath, [bin, 'rehearse', '--model-server', '--home', '.'], {
      cwd: folder,
      env: { HOME: folder },
      reject: false,
    })
    expect([mine.exitCode, mine.stderr]).toEqual([2, expect.stringContaining('your own home folder')])
  })

  it.each([
    [['--json'], 2, 'agency rehearse --model-server'],
    [['--model-server', '--port', 'x'], 2, '--port takes a number'],
    [['--model-server', '--script', 'none.yaml'], 3, 'none.yaml'],
    [['--model-server', '--script', 'bad.yaml'], 2, 'bad.yaml:2:12 at rules.0.match'],
    [['--model-server', '--record', 'no/such/file'], 8, 'no/such/file'],
  ])('R-ALL-3 says what is wrong with %j', async (args, code, words) => {
    await writeFile(join(folder, 'bad.yaml'), 'rules:\n  - match: (\n    do: [{ say: x }]')
    const ran = await run(...args)
    expect([ran.exitCode, ran.stdout + ran.stderr]).toEqual([code, expect.stringContaining(words)])
  })
})
