import { attachTo } from '../attaching.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'attach',
  arguments: [{ form: '[target]', about: 'an agency or Agency/agent (default: the only agency)' }],
  options: [{ form: '--print', about: 'print the tmux command instead of running it' }],
  examples: ['agency attach CodeAgency', 'agency attach CodeAgency/python-agent', 'agency attach CodeAgency --print'],

  async run(context, [target], options) {
    const attaching = await attachTo(context, await context.client(), target as string | undefined)
    if (options.print || context.isJson) return { data: { command: attaching.command }, text: attaching.shown }
    await attaching.run()
    return {}
  },
}
