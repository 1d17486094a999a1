import { relative } from 'node:path'
import { AgencyError } from '../../kernel/errors.ts'
import { oneLine } from '../../model/sanitize.ts'
import type { Client } from '../client.ts'
import { columns, paint } from '../text.ts'
import type { Context, Result, Verb } from '../verb.ts'
import { wrongAction } from '../wrongAction.ts'

interface TemplateDocument {
  readonly name: string
  readonly folder: string
  readonly isShipped: boolean
  readonly description?: string
  readonly capabilities: readonly string[]
  readonly agents: readonly string[]
  readonly problem?: string
}

interface DetailsDocument extends TemplateDocument {
  readonly roles: readonly {
    readonly name: string
    readonly title?: string
    readonly capabilities: readonly string[]
    readonly driver?: string
    readonly role: string
  }[]
  readonly scripts: readonly { readonly name: string; readonly isShared: boolean }[]
  readonly context: readonly string[]
  readonly playbooks: readonly string[]
  readonly checks: readonly string[]
}

interface CheckedDocument {
  readonly name: string
  readonly folder: string
  readonly faults: readonly { readonly file: string; readonly line: number; readonly what: string }[]
}

export const verb: Verb = {
  name: 'template',
  arguments: [
    { form: '[action]', about: 'list (default), show NAME, new NAME, or check [NAME|FOLDER]' },
    { form: '[name]', about: 'a template, or for check a folder, written with a slash' },
  ],
  actions: { list: [], show: ['template'], new: [], check: ['template'] },
  options: [{ form: '--from <name>', about: 'new: template or folder to copy (default: CodeAgency)' }],
  examples: [
    'agency template',
    'agency template show SecurityAgency',
    'agency template new MyAgency --from CodeAgency',
    'agency template new Refined --from agencies/CodeAgency   # what you have made of a running agency',
    'agency template check MyAgency',
    'agency template check ./agencies/CodeAgency',
  ],
  async run(context, [action = 'list', name], options) {
    const actions = { list, show, new: make, check }
    const found = Object.hasOwn(actions, String(action)) ? actions[String(action) as keyof typeof actions] : undefined
    if (!found) throw wrongAction(verb, action)
    if (name === undefined && (found === show || found === make))
      throw new AgencyError('USAGE', `template ${String(action)} needs a name`, {
        hint: `agency template ${String(action)} ${found === show ? 'CodeAgency' : 'MyAgency --from CodeAgency'}`,
      })
    return found(await context.client(), String(name ?? ''), { context, from: String(options.from ?? 'CodeAgency') })
  },
}

interface Asked {
  readonly context: Context
  readonly from: string
}

async function list(client: Client): Promise<Result> {
  const data = (await client.get('/v1/templates')) as { templates: TemplateDocument[] }
  const rows = data.templates.map(({ name, isShipped, description, agents, problem }) => [
    paint('bold', name),
    isShipped ? '' : paint('cyan', 'yours'),
    problem ? paint('red', problem) : (description ?? agents.join(', ')),
  ])
  return { data, text: `${columns(rows)}\nnext   agency template show NAME   ·   agency create NAME` }
}

async function show(client: Client, name: string): Promise<Result> {
  const data = (await client.get(`/v1/templates/${encodeURIComponent(name)}`)) as DetailsDocument
  const own = data.scripts.filter(script => !script.isShared).map(script => script.name)
  const shared = data.scripts.filter(script => script.isShared).map(script => script.name)
  const rows = [
    ['folder', data.folder],
    ['can', data.capabilities.join(', ')],
    ['scripts', own.join(', ')],
    ['shared scripts', shared.join(', ')],
    ['context', data.context.join(', ')],
    ['checks', data.checks.map(check => oneLine(check, 80)).join(' · ')],
    ['playbooks', data.playbooks.length > 0 ? 'for a rehearsal: --driver rehearsal' : ''],
  ].filter(([, value]) => value !== '')
  const roles = data.roles.map(role => [
    paint('bold', role.name),
    role.title ?? (role.role === 'coordinator.md' ? 'coordinator' : ''),
    role.capabilities.join(', '),
    paint('gray', `${role.role}${role.driver ? ` · ${role.driver}` : ''}`),
  ])
  const head = `${paint('bold', data.name)}${data.description ? `  ${data.description}` : ''}`
  const about = columns(rows.map(([key, value]) => [paint('gray', key!), value!]))
  const next = `next   agency create ${data.name}   ·   agency template new My${data.name} --from ${data.name}`
  return { data, text: `${head}\n\n${columns(roles)}\n\n${about}\n${next}` }
}

async function make(client: Client, name: string, { context, from }: Asked): Promise<Result> {
  const request = { name, from, cwd: context.cwd }
  const data = (await client.send('POST', '/v1/templates', request)) as CheckedDocument
  const told = data.faults.length > 0 ? `\n${sayFaults(context, data)}` : ''
  const next = `next   edit it, then agency template check ${name}   ·   agency create ${name}`
  return { data, text: `${paint('green', name)} is made from ${from}: ${data.folder}${told}\n${next}` }
}

async function check(client: Client, name: string, { context }: Asked): Promise<Result> {
  const request = { ...(name ? { target: name } : {}), cwd: context.cwd }
  const data = (await client.send('POST', '/v1/templates/check', request)) as { templates: CheckedDocument[] }
  const faults = data.templates.reduce((sum, { faults: found }) => sum + found.length, 0)
  const text = data.templates.map(one => sayFaults(context, one)).join('\n')
  return { data, text, exitCode: faults > 0 ? 2 : 0 }
}

function sayFaults({ cwd }: Context, { name, faults }: CheckedDocument): string {
  if (faults.length === 0) return `${paint('bold', name)}  ${paint('green', 'sound')}`
  const rows = faults.map(({ file, line, what }) => `  ${paint('red', `${near(cwd, file)}:${line}`)}  ${what}`)
  return [`${paint('bold', name)}  ${faults.length} fault${faults.length === 1 ? '' : 's'}`, ...rows].join('\n')
}

/** As short as it can be opened from here. */
function near(cwd: string, file: string): string {
  const path = relative(cwd, file)
  return path.startsWith('..') ? file : path
}
