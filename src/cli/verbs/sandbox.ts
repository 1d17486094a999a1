import { ACTIONS, type Action } from '../sandbox/actions.ts'
import type { Verb } from '../verb.ts'
import { wrongAction } from '../wrongAction.ts'

export const verb: Verb = {
  name: 'sandbox',
  arguments: [
    { form: '[action]', about: 'list (default), deploy, test, show, logs, open, exec, stage, or destroy' },
    {
      form: '[what...]',
      about:
        'deploy: AGENCY and a branch or commit; logs: ID [app|tests|mocks|seed|setup]; exec: ID -- COMMAND; else ID',
    },
  ],
  actions: {
    ...{ list: [], deploy: ['agency'], test: ['sandbox'], show: ['sandbox'], stage: ['sandbox'] },
    ...{ logs: ['sandbox', 'app|tests|mocks|seed|setup'], open: ['sandbox'], exec: ['sandbox'], destroy: ['sandbox'] },
  } satisfies Record<keyof typeof ACTIONS, readonly string[]>,
  options: [
    { form: '--wait', about: 'deploy: wait for the tests too; exit code 4 when they fail' },
    { form: '--no-test', about: 'deploy: only bring it up' },
    { form: '--title <text>', about: 'deploy: what it is, in a few words' },
    { form: '--all', about: 'list: also those that are destroyed' },
    { form: '--leftovers', about: 'destroy: what a crash has left, of every sandbox' },
  ],
  examples: [
    'agency sandbox deploy CodeAgency feature/user-profile',
    'agency sandbox deploy CodeAgency 4f2a91c --wait --json',
    'agency sandbox list',
    'agency sandbox logs feature-user-profile tests',
    'agency sandbox open feature-user-profile',
    'agency sandbox exec feature-user-profile -- npm run lint',
    'agency sandbox destroy feature-user-profile',
    'agency sandbox destroy --leftovers',
  ],
  async run(context, [action = 'list', words = []], options) {
    const chosen: Action | undefined = Object.hasOwn(ACTIONS, String(action))
      ? ACTIONS[String(action) as keyof typeof ACTIONS]
      : undefined
    if (chosen) return chosen(context, words as readonly string[], options)
    throw wrongAction(verb, action)
  },
}
