/** What each kind of step of a playbook does. */
import { readFile } from 'node:fs/promises'
import { sleep } from '../kernel/abort.ts'
import { callAgency } from './agency.ts'
import { type Ended, runChild, runShell } from './child.ts'
import { insidePath, writeInside } from './files.ts'
import type { ActionName, Step } from './playbook.ts'
import { fillDeep, fillShell } from './template.ts'
import { RuleEnded, type Turn } from './turn.ts'
import { scopeOf } from './turn-scope.ts'

type Value<K extends ActionName> = NonNullable<Step[K]>
type Actions = { readonly [K in ActionName]: (value: Value<K>, turn: Turn) => void | Promise<void> }

export async function act(step: Step, turn: Turn): Promise<void> {
  const name = Object.keys(step)[0] as ActionName
  // A command is filled by its own rules: values must not become shell code.
  const value = name === 'run' ? step.run : fillDeep(step[name], await scopeOf(turn, step))
  await (ACTIONS[name] as (value: unknown, turn: Turn) => void | Promise<void>)(value, turn)
}

const ACTIONS: Actions = {
  say: (text, { world }) => world.show('agent', text),

  sleep: (ms, { signal }) => sleep(ms, signal),

  async write({ path, content }, { world }) {
    await writeInside(path, content)
    world.show('tool', `write ${path}`)
  },

  async replace({ path, find, with: replacement }, { world }) {
    const text = await readFile(await insidePath(path), 'utf8')
    if (!text.includes(find)) throw new Error(`${path} does not contain ${JSON.stringify(find)}`)
    await writeInside(
      path,
      text.replace(find, () => replacement),
    )
    world.show('tool', `edit ${path}`)
  },

  async run({ command, allowFailure, timeoutMs }, turn) {
    const shell = fillShell(command, await scopeOf(turn, command))
    turn.world.show('tool', command)
    const ended = await runShell(shell.command, { env: shell.variables, timeoutMs }, turn.signal)
    if (turn.signal.aborted) return
    turn.run = { status: ended.status, output: ended.output }
    if (ended.output) turn.world.show('output', ended.output)
    if (ended.status !== 0 && !allowFailure) await blocked(command, ended, turn)
  },

  async commit(message, { world, signal }) {
    const identity = ['-c', `user.name=${world.name}`, '-c', `user.email=${world.name}@agency.invalid`]
    const git = ['git', ...identity, '-c', 'commit.gpgsign=false']
    const added = await runChild(['git', 'add', '-A'], { timeoutMs: 60_000 }, signal)
    if (added.status !== 0) throw new Error(`git add failed: ${added.output}`)
    const unchanged = await runChild(['git', 'diff', '--cached', '--quiet'], { timeoutMs: 60_000 }, signal)
    if (unchanged.status === 0) return world.show('notice', 'Nothing to commit')
    const ended = await runChild([...git, 'commit', '-q', '-m', message], { timeoutMs: 120_000 }, signal)
    if (ended.status !== 0 && !signal.aborted) throw new Error(`git commit failed: ${ended.output}`)
    world.show('tool', `git commit -m ${JSON.stringify(message)}`)
  },

  send: ({ to, body, type }, turn) => tell(['send', ...(type ? ['--type', type] : []), '--', to, body], turn),

  sendJson: ({ to, payload }, turn) => tell(['send', '--', to, JSON.stringify(payload)], turn),

  reply(body, turn) {
    if (!turn.message.id) return turn.world.show('agent', body)
    return tell(['reply', '--', turn.message.id, body], turn)
  },

  handoff({ to, task, branch, priority, notes, artifacts }, turn) {
    const options = [
      ['--task', task],
      ['--branch', branch],
      ...(priority ? [['--priority', priority]] : []),
      ...(notes ? [['--notes', notes]] : []),
      ...artifacts.map(artifact => ['--artifact', artifact]),
    ]
    return tell(['handoff', to, ...options.flat()], turn)
  },

  async permission(question, { world, signal }) {
    const isAllowed = await world.ask(question, signal)
    if (isAllowed || signal.aborted) return
    world.show('notice', `Not allowed: ${question}`)
    throw new RuleEnded('denied')
  },

  set: (values, { world }) => world.session.keep({ vars: values }),

  misbehave: (spec, { world }) => world.mischief.add(spec),
}

async function tell(argv: readonly string[], turn: Turn): Promise<void> {
  const { world, signal } = turn
  world.show('tool', `agency ${argv.filter(word => word !== '--').join(' ')}`)
  const failed = (ended: Ended, what: string) => {
    const text = `agency ${argv[0]} ${what}, exit ${ended.status}: ${ended.output}`
    world.show('error', text)
    world.logFailure(text)
  }
  const ended = await callAgency({ argv, onRetry: attempt => failed(attempt, 'failed, trying again') }, signal)
  if (ended.status === 0 || signal.aborted) return
  failed(ended, 'failed')
  throw new RuleEnded('not told')
}

async function blocked(command: string, ended: Ended, turn: Turn): Promise<never> {
  const how = ended.isTimedOut ? 'took too long' : `exit ${ended.status}`
  const text = `BLOCKED ${turn.world.name}: \`${command}\` failed (${how})\n${ended.output.slice(-600)}`
  turn.world.show('error', `${command} failed (${how})`)
  if (turn.message.id) await tell(['reply', '--', turn.message.id, text.trim()], turn)
  throw new RuleEnded('blocked')
}
