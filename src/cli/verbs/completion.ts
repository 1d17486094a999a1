import { AgencyError } from '../../kernel/errors.ts'
import { core } from '../completion/core.ts'
import { offersOf } from '../completion/offers.ts'
import { bash, fish, zsh } from '../completion/shells.ts'
import type { Verb } from '../verb.ts'

const SCRIPTS = new Map(Object.entries({ bash, zsh, fish }))

export const verb: Verb = {
  name: 'completion',
  arguments: [{ form: '[shell]', about: 'bash (default), zsh or fish' }],
  words: ['bash|zsh|fish'],
  options: [],
  examples: [
    'source <(agency completion bash)',
    'agency completion zsh > ~/.zfunc/_agency',
    'agency completion fish > ~/.config/fish/completions/agency.fish',
  ],
  async run(context, [shell = 'bash']) {
    const script = SCRIPTS.get(String(shell))
    if (!script)
      throw new AgencyError('USAGE', `there is no completion for ${String(shell)}`, { hint: 'bash, zsh or fish' })
    const verbs = (await context.verbs()).map(({ verb, summary }) => offersOf(verb, summary))
    const text = script(core(verbs))
    return { data: { shell, script: text }, text }
  },
}
