import { columns, paint } from '../text.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'demo',
  arguments: [{ form: '[name]', about: 'which one (default: main); --list shows them all' }],
  options: [
    { form: '--list', about: 'list the demos' },
    { form: '--driver <name>', about: 'run it with a real program, such as claude (default: rehearsal)' },
    { form: '--yes', about: 'approve what is handed in, so that it is merged' },
    { form: '--keep', about: 'leave the workspace running at the end, also without a terminal' },
    { form: '--timeout <time>', about: 'give up after this time (default: 2m; 30m with a real program)' },
  ],
  examples: [
    'agency demo',
    'agency demo --yes',
    'agency demo security',
    'agency demo --list',
    'agency demo --driver claude',
  ],
  async run(context, [name], options) {
    if (options.list) {
      const { listPlays } = await import('../demo/plays.ts')
      const demos = listPlays()
      const rows = demos.map(play => [paint('bold', play.name), play.summary])
      return { data: { demos }, text: `${columns(rows)}\nnext   agency demo NAME` }
    }
    const { runDemo } = await import('../demo/demo.ts')
    return runDemo(context, name as string | undefined, options)
  },
}
