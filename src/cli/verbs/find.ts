import { columns, paint, state } from '../text.ts'
import type { Verb } from '../verb.ts'

interface FoundDocument {
  readonly name: string
  readonly capabilities: readonly string[]
  readonly state: string
  readonly isFree: boolean
  readonly messages: number
  readonly openTasks: number
  readonly waitingTasks: number
  readonly why?: string
}

interface AgencyDocument extends FoundDocument {
  readonly agents: readonly FoundDocument[]
}

export const verb: Verb = {
  name: 'find',
  arguments: [],
  options: [
    { form: '--capability <x,y>', about: 'what they must be able to do; without it, what there is' },
    { form: '--any', about: 'one of several capabilities is enough' },
    { form: '--free', about: 'only who is ready and has nothing to do' },
  ],
  examples: [
    'agency find --capability backend',
    'agency find --capability backend,api-design --free',
    "agency find --capability testing --json | jq -r '.agencies[].agents[].name'",
    'agency find',
  ],
  async run(context, _args, options) {
    const client = await context.client()
    const data = (await client.get('/v1/find', {
      capabilities: options.capability,
      any: options.any ? '1' : undefined,
      free: options.free ? '1' : undefined,
    })) as { agencies: AgencyDocument[] }
    const isSearch = options.capability !== undefined
    if (data.agencies.length > 0) return { data, text: data.agencies.map(show).join('\n\n') }
    return isSearch
      ? { data, text: `nobody with ${String(options.capability)} is free just now`, exitCode: 3 }
      : { data, text: 'no agencies yet\nnext   agency create CodeAgency' }
  },
}

function show(agency: AgencyDocument): string {
  const rows = agency.agents.map(agent => [
    `  ${agent.name.slice(agency.name.length + 1)}`,
    state(agent.state),
    load(agent),
    paint('gray', agent.why ?? agent.capabilities.join(', ')),
  ])
  const own = agency.why ?? agency.capabilities.join(', ')
  const head = `${paint('bold', agency.name)}  ${state(agency.state)}  ${load(agency)}${own ? paint('gray', `  ${own}`) : ''}`
  return rows.length > 0 ? `${head}\n${columns(rows)}` : head
}

function load({ isFree, openTasks, waitingTasks, messages }: FoundDocument): string {
  const told = [
    openTasks > 0 ? `${openTasks} at work` : '',
    waitingTasks > 0 ? `${waitingTasks} waiting` : '',
    messages > 0 ? `${messages} message${messages === 1 ? '' : 's'}` : '',
  ].filter(Boolean)
  if (told.length > 0) return told.join(', ')
  return isFree ? paint('green', 'free') : ''
}
