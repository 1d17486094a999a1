/** From a name to its window in tmux: the command that leads there, and running it. */
import { spawn } from 'node:child_process'
import { readSettings } from '../config/settings.ts'
import { findWorkspace } from '../config/workspace.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { Client } from './client.ts'
import type { AgencyDocument, StatusDocument } from './documents.ts'
import type { Context } from './verb.ts'

export interface Attaching {
  /** With the word `tmux` in front. */
  readonly command: readonly string[]
  readonly shown: string
  /** In a client of the same tmux server, which goes there; nothing is taken from this terminal. */
  readonly isInside: boolean
  /** Resolves when one has detached, or at once where the client has gone there. AgencyError('TMUX') when it could not. */
  run(): Promise<void>
}

/** `target` is an agency or Agency/agent; without it, the only agency. */
export async function attachTo(context: Context, client: Client, target: string | undefined): Promise<Attaching> {
  const { agencies } = (await client.get('/v1/status')) as StatusDocument
  const { agency, pane } = find(agencies, target)
  const named = await tmuxSocket(context)
  const socket = named ? ['-L', named] : []
  const isInside = Boolean(context.env.TMUX) && isSameServer(socket, context.env.TMUX!)
  const place = pane ? ['select-window', '-t', pane, ';', 'select-pane', '-t', pane, ';'] : []
  const args = [...socket, ...place, isInside ? 'switch-client' : 'attach-session', '-t', `=${agency.session}`]
  const shown = `tmux ${args.map(typed).join(' ')}`
  const { TMUX: _, ...outside } = context.env
  const env = isInside ? context.env : outside
  return { command: ['tmux', ...args], shown, isInside, run: () => run(args, env, shown, isInside) }
}

/** Name of the tmux server of this workspace; undefined where it is the person's own. */
export async function tmuxSocket(context: Context): Promise<string | undefined> {
  const workspace = findWorkspace({ flag: context.workspaceFlag, cwd: context.cwd, env: context.env })
  return (await readSettings(workspace.settingsFile, context.env)).tmux.socket
}

/** As a shell takes it: zsh reads a bare `=name` as the path of a program. */
function typed(word: string): string {
  if (word === ';') return '\\;'
  return word.startsWith('=') ? `'${word}'` : word
}

function find(agencies: readonly AgencyDocument[], target: string | undefined) {
  const words = target?.split('/') ?? []
  const agency = words[0] === undefined ? agencies[0] : agencies.find(candidate => candidate.name === words[0])
  if (!agency || (words[0] === undefined && agencies.length > 1))
    throw new AgencyError(
      'NOT_FOUND',
      words[0] ? `there is no agency ${JSON.stringify(words[0])}` : 'name the agency to attach to',
      { hint: agencies.map(({ name }) => `agency attach ${name}`).join('   ') || 'agency create CodeAgency' },
    )
  if (!agency.session)
    throw new AgencyError('CONFLICT', `${agency.name} is ${agency.state}: it has no tmux session`, {
      hint: `agency start ${agency.name}`,
    })
  const wanted = words[1] === 'coordinator' ? agency.coordinator : target
  const agent = words[1] === undefined ? undefined : agency.agents.find(({ address }) => address === wanted)
  if (words[1] !== undefined && !agent?.pane)
    throw new AgencyError('NOT_FOUND', `${target} has no pane`, { hint: `agency status ${agency.name}` })
  return { agency, pane: agent?.pane }
}

/** Inside, this terminal is a screen's that goes on: what tmux says is not printed over it. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv, shown: string, isInside: boolean): Promise<void> {
  const child = spawn('tmux', args, { stdio: isInside ? ['ignore', 'ignore', 'pipe'] : 'inherit', env })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const why = await new Promise<string | undefined>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('close', code => resolve(code === 0 ? undefined : said.trim() || `status ${code}`))
  })
  if (why !== undefined) throw new AgencyError('TMUX', `tmux could not attach (${why})`, { hint: shown })
}

/** $TMUX begins with the path of the server's socket, whose last part is its name. */
function isSameServer(socket: readonly string[], tmux: string): boolean {
  return (tmux.split(',')[0] ?? '').endsWith(`/${socket[1] ?? 'default'}`)
}
