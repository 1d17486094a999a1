import type { StatusDocument } from '../documents.ts'
import { columns, paint, state } from '../text.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'list',
  arguments: [],
  options: [{ form: '--templates', about: 'list the templates that create knows' }],
  examples: ['agency list', 'agency list --templates', "agency list --json | jq -r '.agencies[].agents[].address'"],

  async run(context, _args, options) {
    const client = await context.client()
    if (options.templates) {
      const { templates } = (await client.get('/v1/templates')) as { templates: { name: string }[] }
      const names = templates.map(({ name }) => name)
      return { data: { templates: names }, text: names.join('\n') }
    }
    const data = (await client.get('/v1/status')) as StatusDocument
    if (data.agencies.length === 0) return { data, text: 'no agencies yet\nnext   agency create CodeAgency' }
    const rows = data.agencies.flatMap(agency => [
      [paint('bold', agency.name), state(agency.state), agency.capabilities.join(', ')],
      ...agency.agents.map(agent => [`  ${agent.name}`, state(agent.state), paint('gray', agent.driver)]),
    ])
    return { data, text: columns(rows) }
  },
}
