/** Runs one verb from the words behind it, and shows what it returns. Knows no other verb, so that `send` can be bundled alone. */
import { Command, CommanderError, Option as CommanderOption } from 'commander'
import { AgencyError, toAgencyError } from '../kernel/errors.ts'
import { openClient } from './connection.ts'
import { errorText, hasColour, paint, setColour } from './text.ts'
import type { Context, Result, Verb } from './verb.ts'

export interface Invocation {
  readonly verb: Verb
  readonly summary: string
  /** The words behind the verb. */
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly verbs: Context['verbs']
}

/** Returns the exit code; whoever calls this exits. */
export async function runVerb(invocation: Invocation): Promise<number> {
  return guarded(invocation.argv, invocation.env, isJson => parseAndRun(invocation, isJson))
}

/** Turns whatever is thrown into one error for people or one JSON document, and an exit code. */
export async function guarded(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  work: (isJson: boolean) => Promise<number>,
): Promise<number> {
  setColour(hasColour(process.stdout, env))
  const dashes = argv.indexOf('--')
  const isJson = (dashes < 0 ? argv : argv.slice(0, dashes)).includes('--json')
  try {
    return await work(isJson)
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : usage(thrown, isJson)
    return fail(toAgencyError(thrown), isJson, env, thrown)
  }
}

async function parseAndRun({ verb, summary, argv, env, verbs }: Invocation, isJson: boolean): Promise<number> {
  let outcome: Result = {}
  const program = base(new Command('agency'))
  const command = base(new Command(verb.name)).description(summary)
  command.option('--workspace <dir>', 'the workspace to work in').option('--json', 'one JSON document on stdout')
  for (const argument of verb.arguments) command.argument(argument.form, argument.about)
  for (const { form, about, choices } of verb.options) {
    const option = new CommanderOption(form, about)
    command.addOption(choices ? option.choices(choices) : option)
  }
  command.addHelpText('after', `\nExamples:\n${verb.examples.map(example => `  $ ${example}`).join('\n')}`)
  command.action(async (...given: unknown[]) => {
    const options = given.at(-2) as Record<string, unknown>
    outcome = await verb.run(makeContext(options, env, isJson, verbs), given.slice(0, -2) as string[], options)
  })
  program.addCommand(command)
  await program.parseAsync([verb.name, ...argv], { from: 'user' })
  if (isJson && outcome.data !== undefined) process.stdout.write(`${JSON.stringify(outcome.data)}\n`)
  else if (!isJson && outcome.text) process.stdout.write(`${outcome.text}\n`)
  return outcome.exitCode ?? 0
}

function base(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showHelpAfterError(false)
    .helpCommand(false)
}

function makeContext(
  options: Record<string, unknown>,
  env: NodeJS.ProcessEnv,
  isJson: boolean,
  verbs: Context['verbs'],
): Context {
  const workspaceFlag = options.workspace as string | undefined
  const note = (text: string) => process.stderr.write(`${paint('gray', text)}\n`)
  return {
    cwd: process.cwd(),
    env,
    isJson,
    workspaceFlag,
    note,
    client: async () => (await openClient({ flag: workspaceFlag, cwd: process.cwd(), env, note })).client,
    verbs,
    line: (data, text) => process.stdout.write(isJson ? `${JSON.stringify(data)}\n` : `${text}\n`),
    progress: step => void (isJson || process.stderr.write(`${paint('gray', `· ${step}`)}\n`)),
  }
}

function usage(error: CommanderError, isJson: boolean): number {
  const message = error.message.replace(/^error: /, '')
  return fail(new AgencyError('USAGE', message, { hint: 'add --help to see what it takes' }), isJson, process.env)
}

function fail(error: AgencyError, isJson: boolean, env: NodeJS.ProcessEnv, thrown?: unknown): number {
  if (isJson) process.stdout.write(`${JSON.stringify({ error: error.toDocument() })}\n`)
  setColour(hasColour(process.stderr, env))
  if (!isJson) process.stderr.write(`${errorText(error)}\n`)
  if (error.code === 'BUG' && thrown instanceof Error && env.AGENCY_LOG === 'debug')
    process.stderr.write(`${thrown.stack}\n`)
  return error.exitCode
}
