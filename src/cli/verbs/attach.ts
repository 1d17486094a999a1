import { spawnSync } from 'node:child_process'
import { readSettings } from '../../config/settings.ts'
import { findWorkspace } from '../../config/workspace.ts'
import { AgencyError } from '../../kernel/errors.ts'
import type { StatusDocument } from '../documents.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'attach',
  arguments: [{ form: '[target]', about: 'an agency or Agency/agent (default: the only agency)' }],
  options: [{ form: '--print', about: 'print the tmux command instead of running it' }],
  examples: ['agency attach CodeAgency', 'agency attach CodeAgency/python-agent', 'agency attach CodeAgency --print'],

  async run(context, [target], options) {
    const client = await context.client()
    const { agencies } = (await client.get('/v1/status')) as StatusDocument
    const words = (target as string | undefined)?.split('/') ?? []
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
      throw new AgencyError('NOT_FOUND', `${String(target)} has no pane`, { hint: `agency status ${agency.name}` })
    const settings = await readSettings(
      findWorkspace({ flag: context.workspaceFlag, cwd: context.cwd, env: context.env }).settingsFile,
      context.env,
    )
    const socket = settings.tmux.socket ? ['-L', settings.tmux.socket] : []
    const isInside = Boolean(context.env.TMUX) && isSameServer(socket, context.env.TMUX!)
    const place = agent?.pane ? ['select-window', '-t', agent.pane, ';', 'select-pane', '-t', agent.pane, ';'] : []
    const command = [...socket, ...place, isInside ? 'switch-client' : 'attach-session', '-t', `=${agency.session}`]
    const shown = `tmux ${command.map(word => (word === ';' ? '\\;' : word)).join(' ')}`
    if (options.print || context.isJson) return { data: { command: ['tmux', ...command] }, text: shown }
    const { TMUX: _, ...outside } = context.env
    const result = spawnSync('tmux', command, { stdio: 'inherit', env: isInside ? context.env : outside })
    if (result.status !== 0)
      throw new AgencyError('TMUX', `tmux could not attach (status ${result.status ?? result.error?.message})`, {
        hint: shown,
      })
    return {}
  },
}

/** $TMUX begins with the path of the server's socket, whose last part is its name. */
function isSameServer(socket: readonly string[], tmux: string): boolean {
  return (tmux.split(',')[0] ?? '').endsWith(`/${socket[1] ?? 'default'}`)
}
