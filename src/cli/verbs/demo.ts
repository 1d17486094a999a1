import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'demo',
  arguments: [],
  options: [
    { form: '--driver <name>', about: 'run it with a real program, such as claude (default: rehearsal)' },
    { form: '--yes', about: 'approve what is handed in, so that it is merged' },
    { form: '--keep', about: 'leave the workspace running at the end, also without a terminal' },
    { form: '--timeout <time>', about: 'give up after this time (default: 2m; 30m with a real program)' },
  ],
  examples: ['agency demo', 'agency demo --yes', 'agency demo --driver claude'],
  async run(context, _args, options) {
    const { runDemo } = await import('../demo/demo.ts')
    return runDemo(context, options)
  },
}
