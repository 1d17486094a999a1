/** A play, on a small real project: agencies work until one reports to the person, every step is told, and the main job ends in a decision. */
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { packageRoot, type Workspace } from '../../config/workspace.ts'
import { sleep, withDeadline } from '../../kernel/abort.ts'
import { AgencyError } from '../../kernel/errors.ts'
import type { Client } from '../client.ts'
import { openClient } from '../connection.ts'
import type { MessageDocument, SentDocument } from '../documents.ts'
import { duration } from '../sending.ts'
import { stopDaemon } from '../stopDaemon.ts'
import { paint, shown } from '../text.ts'
import type { Context, Result } from '../verb.ts'
import { verb as config } from '../verbs/config.ts'
import { verb as init } from '../verbs/init.ts'
import { DemoDecision } from './decision.ts'
import { Narrator } from './narrate.ts'
import { findPlay, type Play } from './plays.ts'
import { type DemoPlace, layOutProject, workOn } from './project.ts'

const REHEARSED_MS = 120_000
const REAL_MS = 1_800_000

export async function runDemo(
  context: Context,
  name: string | undefined,
  options: Readonly<Record<string, unknown>>,
): Promise<Result> {
  const play = findPlay(name)
  const driver = String(options.driver ?? 'rehearsal')
  const timeoutMs = duration(options.timeout, '--timeout') ?? (driver === 'rehearsal' ? REHEARSED_MS : REAL_MS)
  const isAttended = process.stdin.isTTY === true && process.stdout.isTTY === true && !context.isJson
  const stays = options.keep === true || (process.stdout.isTTY === true && !context.isJson)
  const narrator = new Narrator(line => (context.isJson ? process.stderr : process.stdout).write(`${shown(line)}\n`))
  const place = await layOutProject(play)
  const socket = await freeSocket(context.env.AGENCY_TMUX_SOCKET ?? 'agency-demo')
  const demo = new Demo(context, play, place, narrator, socket)
  try {
    const outcome = await demo.run(driver, { timeoutMs, isYes: options.yes === true, isAttended })
    if (stays) demo.sayWhere()
    else await demo.cleanUp()
    return { data: { ...outcome, ...(stays ? { workspace: place.workspace } : {}) }, exitCode: outcome.passed ? 0 : 6 }
  } catch (error) {
    if (!stays) await demo.cleanUp().catch(() => undefined)
    else demo.sayWhere()
    throw error
  }
}

interface Outcome {
  readonly passed: boolean
  readonly messages: number
  readonly report: string
  readonly commits: readonly string[]
  readonly submission?: { readonly id: string; readonly state: string }
}

class Demo {
  readonly #env: NodeJS.ProcessEnv
  #opened: { client: Client; workspace: Workspace } | undefined
  #isHandedIn = false

  constructor(
    private readonly context: Context,
    private readonly play: Play,
    private readonly place: DemoPlace,
    private readonly narrator: Narrator,
    private readonly socket: string,
  ) {
    const {
      AGENCY_WORKSPACE: _,
      AGENCY_AGENT: __,
      AGENCY_TOKEN_FILE: ___,
      AGENCY_TMUX_SOCKET: ____,
      ...env
    } = context.env
    this.#env = env
  }

  async run(
    driver: string,
    { timeoutMs, isYes, isAttended }: { timeoutMs: number; isYes: boolean; isAttended: boolean },
  ): Promise<Outcome> {
    const { narrator, place, play } = this
    const own: Context = {
      ...{ ...this.context, cwd: place.folder, env: this.#env, workspaceFlag: place.workspace },
      client: () => Promise.resolve(this.#client),
    }
    await init.run(own, [place.workspace], { driver })
    await config.run(own, ['tmux.socket', this.socket], {})
    narrator.say(`project ${place.project}: ${play.begins}`)
    this.#opened = await openClient({
      flag: place.workspace,
      cwd: place.folder,
      env: this.#env,
      note: this.context.note,
    })
    for (const name of play.agencies) {
      const created = (await this.#client.stream(
        'POST',
        '/v1/agencies',
        { name, cwd: place.folder, repo: place.project },
        () => {},
      )) as { agents: string[] }
      narrator.say(`${paint('green', name)} is up: ${created.agents.map(agent => agent.split('/')[1]).join(', ')}`)
    }
    narrator.say(
      `watch them:  ${paint('bold', `tmux -L ${this.socket} attach -t ${play.agencies[0]}`)}   (${play.agencies
        .slice(1)
        .map(name => `or -t ${name}; `)
        .join('')}detach with C-b d)`,
    )
    const seen = await this.#follow(timeoutMs)
    const report = seen.at(-1)!
    const work = await Promise.all(play.branches.map(branch => workOn(place.project, branch).catch(() => [])))
    const commits = work.flat()
    for (const commit of commits) narrator.say(`commit ${commit}`)
    const outcome = { messages: seen.length, report: report.body, commits }
    if (report.type !== 'COMPLETE') {
      narrator.say(paint('red', `it ended with ${report.type}`))
      return { ...outcome, passed: false }
    }
    narrator.say(paint('green', `done: ${play.ends}`))
    if (!play.isHandedIn && !isYes) {
      await this.#client.send('POST', '/v1/inbox', {})
      return { ...outcome, passed: true }
    }
    this.#isHandedIn = true
    const decision = new DemoDecision({ context: own, client: this.#client, narrator, project: place.project })
    const submissions = []
    for (const branch of play.branches) submissions.push(await decision.run(branch, { timeoutMs, isYes, isAttended }))
    await this.#client.send('POST', '/v1/inbox', {})
    const isGood = submissions.every(({ state }) => (isYes ? state === 'merged' : state !== 'returned'))
    return { ...outcome, passed: isGood, submission: submissions[0]! }
  }

  get #client(): Client {
    if (!this.#opened) throw new Error('the demo has no daemon yet')
    return this.#opened.client
  }

  /** Sends the task and tells every message until the coordinator reports to the person. */
  async #follow(timeoutMs: number): Promise<readonly MessageDocument[]> {
    const seen: MessageDocument[] = []
    const sent = (await this.#client.send('POST', '/v1/messages', {
      to: this.play.agencies[0],
      body: this.play.task,
    })) as SentDocument
    await withDeadline(timeoutMs, [], async signal => {
      for (let after = 0; !signal.aborted; ) {
        const { messages } = (await this.#client.get('/v1/messages', { after, limit: 100 })) as {
          messages: MessageDocument[]
        }
        for (const message of messages) {
          seen.push(message)
          this.narrator.message(message)
          after = message.seq ?? after
        }
        if (seen.some(isReport)) return
        await sleep(100)
      }
    })
    if (seen.some(isReport)) return seen.slice(0, seen.findIndex(isReport) + 1)
    throw new AgencyError(
      'TIMED_OUT',
      `the agencies have not reported within ${timeoutMs / 1000} s; the last of ${seen.length} messages came from ${seen.at(-1)?.from}`,
      {
        hint: `agency --workspace ${this.place.workspace} trace ${sent.id.slice(-8)}`,
      },
    )
  }

  sayWhere(): void {
    const agency = this.#command()
    // With --json stdout is for the one document.
    const told = this.context.isJson ? process.stderr : process.stdout
    told.write(`
The workspace goes on running. Where everything lies, after   cd ${this.place.workspace}
  every message      ${agency} messages
  one message's life ${agency} trace <id>
  who does what      ${agency} status
${this.#next(agency)}
  the code           git -C ${this.place.project} log --oneline --all --graph
  what they wrote    ${this.play.agencies.map(name => join('agencies', name, 'context')).join(' ')}
Stop it:             ${agency} down && cd && rm -r ${this.place.folder}
`)
  }

  /** Most plays end before the work is handed in: their last step is the person's. */
  #next(agency: string): string {
    if (this.#isHandedIn) return `  what waits for you ${agency} approvals`
    const steps = this.play.branches.map(branch => `  hand it in         ${agency} submit --branch ${branch} --wait`)
    return [...steps, `  then decide        ${agency} approvals`].join('\n')
  }

  /** As the person called it; a file's path where that was not by name. */
  #command(): string {
    const called = process.argv[1] ?? ''
    return basename(called) === 'agency' ? 'agency' : join(packageRoot, 'bin', 'agency.js')
  }

  async cleanUp(): Promise<void> {
    if (this.#opened) {
      await this.#client.stream('POST', '/v1/down', {}, () => {})
      await stopDaemon(this.#client, this.#opened.workspace)
    }
    await rm(this.place.folder, { recursive: true, force: true, maxRetries: 5 })
    this.narrator.say('cleaned up: agencies stopped, workspace removed')
  }
}

function isReport(message: MessageDocument): boolean {
  return message.to === 'human' && (message.type === 'COMPLETE' || message.type === 'BLOCKED')
}

/** The one wanted, unless an earlier demo or a team of the person's runs there: theirs may have the same names. */
async function freeSocket(wanted: string): Promise<string> {
  const running = await execa('tmux', ['-L', wanted, 'list-sessions'], { reject: false })
  return running.exitCode === 0 ? `${wanted}-${process.pid}` : wanted
}
