/** The command line: finds the verb and loads it alone. */
import { AgencyError } from '../kernel/errors.ts'
import { version } from '../kernel/version.ts'
import { closest } from '../model/closest.ts'
import { guarded } from './edge.ts'
import { runVerb } from './runVerb.ts'
import { VERBS, type VerbName } from './verbs.ts'

/** Returns the exit code; whoever calls this exits. */
export async function runProgram(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { leading, rest } = helpAsOption(splitLeading(argv))
  const name = rest[0] !== undefined && Object.hasOwn(VERBS, rest[0]) ? (rest[0] as VerbName) : undefined
  if (name === undefined) return guarded(argv, env, () => runTop(rest))
  const { verb } = await VERBS[name].load()
  return runVerb({ verb, summary: VERBS[name].summary, argv: [...leading, ...rest.slice(1)], env, verbs })
}

/** `agency help send` as `agency send --help`. */
function helpAsOption(split: ReturnType<typeof splitLeading>): ReturnType<typeof splitLeading> {
  const [word, verb, ...more] = split.rest
  if (word !== 'help' || verb === undefined || verb.startsWith('-')) return split
  return { ...split, rest: [verb, ...more, '--help'] }
}

async function verbs() {
  const shown = Object.values(VERBS).filter(entry => !('isHidden' in entry))
  return Promise.all(shown.map(async entry => ({ verb: (await entry.load()).verb, summary: entry.summary })))
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

async function runTop(argv: readonly string[]): Promise<number> {
  if (argv.includes('--version') || argv.includes('-V')) {
    process.stdout.write(`${version}\n`)
    return 0
  }
  const word = argv.find(candidate => !candidate.startsWith('-'))
  if (word !== undefined && word !== 'help') {
    const close = closest(word, verbNames())
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

function verbNames(): readonly string[] {
  return Object.entries(VERBS).flatMap(([name, entry]) => ('isHidden' in entry ? [] : [name]))
}
