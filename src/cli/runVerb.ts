/** Runs one verb from the words behind it, read by commander. */
import { Command, CommanderError, Option as CommanderOption } from 'commander'
import { AgencyError } from '../kernel/errors.ts'
import { guarded, type Invocation, perform, type Words } from './edge.ts'
import type { Verb } from './verb.ts'

/** Returns the exit code; whoever calls this exits. */
export async function runVerb(invocation: Invocation): Promise<number> {
  return guarded(invocation.argv, invocation.env, async isJson => {
    const words = await readWords(invocation)
    return words === undefined ? 0 : perform(invocation, words, isJson)
  })
}

/** Undefined when help was asked for, and shown. AgencyError('USAGE') when the verb does not take these words. */
export async function readWords({
  verb,
  summary,
  argv,
}: Pick<Invocation, 'verb' | 'summary' | 'argv'>): Promise<Words | undefined> {
  let words: Words | undefined
  const program = base(new Command('agency'))
  const command = base(new Command(verb.name)).description(summary)
  command.option('--workspace <dir>', 'the workspace to work in').option('--json', 'one JSON document on stdout')
  for (const argument of verb.arguments) command.argument(argument.form, argument.about)
  for (const { form, about, choices } of verb.options) {
    const option = new CommanderOption(form, about)
    command.addOption(choices ? option.choices(choices) : option)
  }
  command.addHelpText('after', `\nExamples:\n${verb.examples.map(example => `  $ ${example}`).join('\n')}`)
  command.action((...given: unknown[]) => {
    words = { args: given.slice(0, -2) as string[], options: given.at(-2) as Record<string, unknown> }
  })
  program.addCommand(command)
  try {
    await program.parseAsync([verb.name, ...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw usage(error, verb)
  }
  return words
}

function base(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showHelpAfterError(false)
    .helpCommand(false)
}

/** Where words are missing, an example says more than their names. */
function usage(error: CommanderError, { name, examples }: Verb): AgencyError {
  const message = error.message.replace(/^error: /, '')
  const such = error.code === 'commander.missingArgument' && examples[0] ? `   such as   ${examples[0]}` : ''
  return new AgencyError('USAGE', message, { hint: `agency ${name} --help${such}` })
}
