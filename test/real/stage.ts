/** One real program on its stage: a workspace, a private tmux server and HOME, and the scripted model server behind it. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { parseScript } from '../../src/modelServer/script.ts'
import { type ModelServer, startModelServer } from '../../src/modelServer/server.ts'
import { setups } from '../../src/modelServer/setups.ts'
import { gitProject } from '../e2e/gitProject.ts'
import { Workbench } from '../e2e/workbench.ts'
import type { Installed } from './programs.ts'
import { writeSpy } from './spy.ts'

/** Stands in the agent's role file, and must reach the model. */
export const ROLE_MARK = 'Your lucky word is quercus-4417.'
export const AGENT = 'Real/a'

/** Words in a message that make the model do something. */
const SCRIPT = `
rules:
  - match: '· (?:NOTE|TASK) · ([0-9a-f]{8})[^\\]]*\\] TOOL'
    do:
      - run: '"$AGENCY_BIN" reply {1} "the answer is 42"'
      - say: replied
  - match: '· TASK · ([0-9a-f]{8})[^\\]]*\\] SPY'
    do:
      - run: 'sh "$AGENCY_WORKSPACE/agencies/Real/scripts/spy.sh" {1}'
      - say: looked around
  - match: '· TASK · ([0-9a-f]{8})[^\\]]*\\] [^\\n]*?(/[^\\s"]+/mail/[0-9a-f-]+\\.md)'
    do:
      - run: 'sh "$AGENCY_WORKSPACE/agencies/Real/scripts/spy.sh" {1} {2}'
      - say: read
  - match: '\\] SLOW (\\d+)'
    do:
      - wait: 8
      - say: that took a while
  - match: '\\] LONG'
    do:
      - wait: 60
      - say: that took very long
  - match: '\\] LIMIT'
    do:
      - fail: { status: 429, resetIn: 5400, retryAfter: 5400 }
  - match: '\\] CUT'
    times: 1
    do:
      - say: half a sent
      - cut: true
  - match: '\\] OVERLOADED'
    times: 1
    do:
      - fail: { status: 529 }
  - match: '\\] UNAUTHORISED'
    times: 1
    do:
      - fail: { status: 401 }
`

/** Qwen Code refuses a command that begins with a variable, and its brief says so. */
function scriptFor(program: string): string {
  return program === 'qwen' ? SCRIPT.replaceAll('"$AGENCY_BIN"', join(packageRoot, 'bin', 'agency.js')) : SCRIPT
}

export class Stage implements AsyncDisposable {
  readonly #screens: string
  /** Dialogs that were answered on the way, in order. */
  readonly dialogs: string[] = []

  private constructor(
    readonly installed: Installed,
    readonly bench: Workbench,
    private current: ModelServer,
    readonly home: string,
    screens: string,
    readonly isIsolated: boolean,
  ) {
    this.#screens = screens
  }

  static async open(installed: Installed, screens: string, isIsolated: boolean): Promise<Stage> {
    const home = await realpath(await mkdtemp(join(tmpdir(), 'agency-home-')))
    const server = await startModelServer({ script: parseScript(scriptFor(installed.program), 'script') })
    const setup = setups(server.url).find(({ driver }) => driver === installed.program)
    if (!setup) throw new Error(`there is no setup for ${installed.program}`)
    for (const { path, content } of setup.files) {
      await mkdir(dirname(join(home, path)), { recursive: true })
      await writeFile(join(home, path), content)
    }
    const bench = await Workbench.open({
      driver: 'shell',
      env: {
        ...setup.env,
        HOME: home,
        TMPDIR: '/tmp',
        PATH: `${installed.bin}:${process.env.PATH}`,
        SHELL: '/bin/sh',
      },
    })
    const args = setup.args.map(word => word.replace(/^~/, home))
    const environment = Object.keys(setup.env)
    const isolation = isIsolated ? { level: 'bubblewrap', environment } : undefined
    await writeTeam(bench, { driver: installed.program, args, isolation })
    await writeSpy(bench, home)
    await mkdir(join(screens, installed.program), { recursive: true })
    return new Stage(installed, bench, server, home, screens, isIsolated)
  }

  get server(): ModelServer {
    return this.current
  }

  /** The model's server is gone while `meanwhile` runs, and then back at the same place, with nothing received yet. */
  async withoutServer(meanwhile: () => Promise<unknown>): Promise<void> {
    const { port } = this.current
    await this.current[Symbol.asyncDispose]()
    await meanwhile()
    const script = parseScript(scriptFor(this.installed.program), 'script')
    this.current = await startModelServer({ script, port })
  }

  /** Creates the agency and waits until its program is at its prompt; start-up dialogs are answered as a person would. */
  async start(): Promise<number> {
    const project = await gitProject(this.bench.file('project'))
    const began = performance.now()
    await this.bench.ok(['create', 'Real', '--repo', project], { timeoutMs: 120_000 })
    await this.whenReady(120_000)
    return performance.now() - began
  }

  /** Answers what is asked meanwhile. Throws with the screen when it does not become ready. */
  async whenReady(timeoutMs: number): Promise<void> {
    const isReady = await until(
      async () => {
        const { state } = await this.bench.agent(AGENT)
        if (state === 'waiting') await this.answer()
        return state === 'ready'
      },
      { timeoutMs, everyMs: 100 },
    )
    if (isReady) return
    const { state, rule } = await this.bench.agent(AGENT)
    throw new Error(`it is ${state} (${rule}) and not ready: ${(await this.screen()).slice(-600)}`)
  }

  /** Says yes to the dialog that is open; undefined when none is. */
  async answer(): Promise<string | undefined> {
    const asked = await this.bench.run(['answer', AGENT, '--json'])
    if (asked.code !== 0) return undefined
    const { rule, choices } = asked.json as { rule: string; choices: string[] }
    await this.capture(`waiting-${rule.replace(/\W+/g, '-')}`)
    const answered = await this.bench.run(['answer', AGENT, choiceFor(rule, choices), '--json'])
    if (answered.code === 0) this.dialogs.push(rule)
    return rule
  }

  async screen(): Promise<string> {
    const { pane } = await this.bench.agent(AGENT)
    return pane ? this.bench.tmux('capture-pane', '-p', '-t', pane) : ''
  }

  /** Leaves what the pane shows, under a name that a golden screen may have. */
  async capture(name: string): Promise<void> {
    const text = (await this.screen()).replaceAll(this.bench.root, '/home/me/work').replaceAll(this.home, '/home/me')
    await writeFile(join(this.#screens, this.installed.program, `${name}.txt`), text)
  }

  /** What the model has received last, to see what went wrong. */
  async captureRequests(name: string): Promise<void> {
    const requests = this.server.received.requests
      .slice(-12)
      .map(request => ({ ...request, system: undefined, tools: undefined }))
    await writeFile(join(this.#screens, this.installed.program, `${name}.json`), JSON.stringify(requests, null, 1))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]().catch(error => process.stderr.write(`${String(error)}\n`))
    await this.server[Symbol.asyncDispose]()
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Yes, but for what would change how all the others are asked. */
export function choiceFor(rule: string, choices: readonly string[]): string {
  if (rule === 'auto mode offer') return 'no'
  return choices.includes('yes') ? 'yes' : 'Enter'
}

interface Team {
  readonly driver: string
  readonly args: readonly string[]
  readonly isolation?: unknown
}

async function writeTeam(bench: Workbench, { driver, args, isolation }: Team): Promise<void> {
  const folder = bench.file('templates', 'agencies', 'Real')
  await mkdir(join(folder, 'agents'), { recursive: true })
  const definition = { name: 'Real', coordinator: { name: 'lead' }, agents: [{ name: 'a', driver, args }], isolation }
  await writeFile(join(folder, 'agency.json'), JSON.stringify(definition))
  await writeFile(join(folder, 'agents', 'a.md'), `# The one on trial\n\n${ROLE_MARK}\n`)
}
