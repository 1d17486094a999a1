import { steps } from '../progress.ts'
import { listOf } from '../sending.ts'
import { columns, paint } from '../text.ts'
import type { Verb } from '../verb.ts'

export interface Created {
  readonly name: string
  readonly agents: readonly string[]
  readonly repository?: string
  readonly uncommitted: number
  readonly late: readonly string[]
  readonly notes: readonly string[]
}

export const verb: Verb = {
  name: 'create',
  arguments: [{ form: '<name>', about: 'name of the agency, and of its tmux session' }],
  words: ['template'],
  options: [
    { form: '--template <name>', about: 'template to make it from (default: the one of its own name)' },
    { form: '--agents <a,b,c>', about: 'its specialists' },
    { form: '--coordinator <name>', about: 'its coordinator' },
    { form: '--capabilities <x,y>', about: 'what it can do' },
    { form: '--driver <spec>', about: 'driver of all, or per agent: a=claude,b=script' },
    { form: '--repo <dir>', about: 'git repository its agents work on, each in a worktree of its own' },
  ],
  examples: [
    'agency create CodeAgency',
    'agency create Api --agents backend,frontend --coordinator lead --driver rehearsal',
    'agency create Docs --template CodeAgency --repo ~/src/project',
  ],

  async run(context, [name], options) {
    const client = await context.client()
    const list = (value: unknown) => (value === undefined ? undefined : listOf(value))
    const request = {
      name,
      cwd: context.cwd,
      template: options.template,
      agents: list(options.agents),
      coordinator: options.coordinator,
      capabilities: list(options.capabilities),
      drivers: list(options.driver),
      repo: options.repo,
    }
    const created = (await client.stream('POST', '/v1/agencies', request, steps(context))) as Created
    return { data: created, text: describe(created) }
  },
}

function describe(created: Created): string {
  const [coordinator, ...specialists] = created.agents
  const rows = [
    ['coordinator', coordinator ?? ''],
    ...specialists.map((agent, index) => [index === 0 ? 'specialists' : '', agent]),
    ['repository', created.repository ?? 'none: its agents work in plain folders'],
    ...(created.uncommitted > 0
      ? [['', `${created.uncommitted} uncommitted changes there: its agents begin at HEAD, without them`]]
      : []),
    ...created.late.map(agent => ['starting', agent]),
    ...created.notes.map((note, index) => [index === 0 ? 'note' : '', note]),
  ]
  return `${paint('green', created.name)} is up\n${columns(rows.map(row => [`  ${paint('gray', row[0]!)}`, row[1]!]))}\nnext   agency attach ${created.name}   ·   agency send ${created.name} "TASK-001: …"`
}
