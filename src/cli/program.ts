/** The command line: finds the verb, loads it alone, runs it, shows what it returns. */
import { Command, CommanderError, Option as CommanderOption } from 'commander'
import { AgencyError, toAgencyError } from '../kernel/errors.ts'
import { version } from '../kernel/version.ts'
import { openClient } from './connection.ts'
import { errorText, hasColour, paint, setColour } from './text.ts'
import type { Context, Result, Verb } from './verb.ts'
import { VERBS, type VerbName } from './verbs.ts'

/** Returns the exit code; whoever calls this exits. */
export async function runProgram(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  setColour(hasColour(process.stdout, env))
  const isJson = argv.includes('--json') && !isAfterDashes(argv, '--json')
  try {
    const { leading, rest } = splitLeading(argv)
    const known = rest[0] !== undefined && Object.hasOwn(VERBS, rest[0]) ? (rest[0] as VerbName) : undefined
    if (known === undefined) return await runTop(rest)
    const { verb } = await VERBS[known].load()
    return await runVerb(verb, [...leading, ...rest.slice(1)], env, isJson)
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : usage(thrown, isJson)
    return fail(toAgencyError(thrown), isJson, env, thrown)
  }
}

/** `--workspace X verb` as well as `verb --workspace X`. */
function splitLeading(argv: readonly string[]): { leading: readonly string[]; rest: readonly string[] } {
  let index = 0
  for (;;) {
    const word = argv[index]
    if (word === '--json' || word?.startsWith('--workspace=')) index += 1
    else if (word === '--workspace') index += 2
    else return { leading: argv.slice(0, index), rest: argv.slice(index) }
  }
}

function isAfterDashes(argv: readonly string[], word: string): boolean {
  const dashes = argv.indexOf('--')
  return dashes >= 0 && argv.indexOf(word) > dashes
}

async function runVerb(verb: Verb, argv: readonly string[], env: NodeJS.ProcessEnv, isJson: boolean): Promise<number> {
  let outcome: Result = {}
  const program = base(new Command('agency'))
  const command = base(new Command(verb.name)).description(VERBS[verb.name as VerbName].summary)
  command.option('--workspace <dir>', 'the workspace to work in').option('--json', 'one JSON document on stdout')
  for (const argument of verb.arguments) command.argument(argument.form, argument.about)
  for (const { form, about, choices } of verb.options) {
    const option = new CommanderOption(form, about)
    command.addOption(choices ? option.choices(choices) : option)
  }
  command.addHelpText('after', `\nExamples:\n${verb.examples.map(example => `  $ ${example}`).join('\n')}`)
  command.action(async (...given: unknown[]) => {
    const options = given.at(-2) as Record<string, unknown>
    outcome = await verb.run(makeContext(options, env, isJson), given.slice(0, -2) as string[], options)
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

function makeContext(options: Record<string, unknown>, env: NodeJS.ProcessEnv, isJson: boolean): Context {
  const workspaceFlag = options.workspace as string | undefined
  const note = (text: string) => process.stderr.write(`${paint('gray', text)}\n`)
  return {
    cwd: process.cwd(),
    env,
    isJson,
    workspaceFlag,
    note,
    client: async () => (await openClient({ flag: workspaceFlag, cwd: process.cwd(), env, note })).client,
    verbs: () =>
      Promise.all(
        Object.values(VERBS)
          .filter(entry => !('isHidden' in entry))
          .map(async entry => ({ verb: (await entry.load()).verb, summary: entry.summary })),
      ),
    line: (data, text) => process.stdout.write(isJson ? `${JSON.stringify(data)}\n` : `${text}\n`),
    progress: step => void (isJson || process.stderr.write(`${paint('gray', `· ${step}`)}\n`)),
  }
}

async function runTop(argv: readonly string[]): Promise<number> {
  if (argv.includes('--version') || argv.includes('-V')) {
    process.stdout.write(`${version}\n`)
    return 0
  }
  const word = argv.find(candidate => !candidate.startsWith('-'))
  if (word !== undefined && word !== 'help') {
    const close = Object.keys(VERBS).find(name => name.startsWith(word.slice(0, 3)))
    throw new AgencyError('USAGE', `there is no verb ${JSON.stringify(word.slice(0, 40))}`, {
      hint: close ? `agency ${close} --help` : 'agency --help',
    })
  }
  const isAsked = argv.length === 0 || argv.some(candidate => ['--help', '-h', 'help'].includes(candidate))
  if (!isAsked) throw new AgencyError('USAGE', `there is no option ${argv[0]}`, { hint: 'agency --help' })
  const { topHelp } = await import('./help.ts')
  process.stdout.write(topHelp())
  return 0
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
