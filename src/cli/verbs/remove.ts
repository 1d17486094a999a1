import { steps } from '../progress.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'remove',
  arguments: [{ form: '<agency>', about: 'the agency to remove' }],
  options: [],
  examples: ['agency remove CodeAgency'],
  async run(context, [name]) {
    const client = await context.client()
    const data = (await client.stream(
      'DELETE',
      `/v1/agencies/${encodeURIComponent(String(name))}`,
      undefined,
      steps(context),
    )) as { kept: string; lostRepository?: string }
    const text = `${String(name)} is removed; its files are kept in ${data.kept}`
    if (data.lostRepository === undefined) return { data, text }
    return {
      data,
      text: `${text}\nits repository ${data.lostRepository} is gone, so no branch was left to look at; what lay in its worktrees is kept there, in worktrees/`,
    }
  },
}
