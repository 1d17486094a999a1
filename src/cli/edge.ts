/** Where a command meets the terminal: the context that it runs in, what it returns shown, what it throws told. */
import { type AgencyError, toAgencyError } from '../kernel/errors.ts'
import { visible } from '../model/visible.ts'
import { openClient } from './connection.ts'
import { type Progress, progressOn } from './progress.ts'
import { errorText, hasColour, paint, setColour, shown } from './text.ts'
import type { Context, Verb } from './verb.ts'

export interface Invocation {
  readonly verb: Verb
  readonly summary: string
  /** The words behind the verb. */
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly verbs: Context['verbs']
}

export interface Words {
  readonly args: readonly (string | string[] | undefined)[]
  readonly options: Readonly<Record<string, unknown>>
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
    return fail(toAgencyError(thrown), isJson, env, thrown)
  }
}

/** Runs the verb with its words, shows the result, and returns the exit code. */
export async function perform({ verb, env, verbs }: Invocation, words: Words, isJson: boolean): Promise<number> {
  const progress = progressOn(process.stderr, isJson)
  const context = makeContext(words.options, env, isJson, verbs, progress)
  const outcome = await verb.run(context, words.args, words.options).finally(() => progress.end())
  if (isJson && outcome.data !== undefined) process.stdout.write(`${printed(outcome.data)}\n`)
  else if (!isJson && outcome.text) process.stdout.write(`${shown(outcome.text)}\n`)
  return outcome.exitCode ?? 0
}

function makeContext(
  options: Record<string, unknown>,
  env: NodeJS.ProcessEnv,
  isJson: boolean,
  verbs: Context['verbs'],
  progress: Progress,
): Context {
  const workspaceFlag = options.workspace as string | undefined
  const note = (text: string) => {
    progress.end()
    process.stderr.write(`${paint('gray', visible(text))}\n`)
  }
  return {
    cwd: process.cwd(),
    env,
    isJson,
    workspaceFlag,
    note,
    client: async () => {
      const options = { flag: workspaceFlag, cwd: process.cwd(), env, note, progress: progress.step }
      const { client } = await openClient(options)
      // A screen may follow, on which nothing else is written.
      progress.end()
      return client
    },
    verbs,
    line: (data, text) => {
      progress.end()
      process.stdout.write(isJson ? `${printed(data)}\n` : `${shown(text)}\n`)
    },
    progress: progress.step,
  }
}

function fail(error: AgencyError, isJson: boolean, env: NodeJS.ProcessEnv, thrown?: unknown): number {
  if (isJson) process.stdout.write(`${printed({ error: error.toDocument() })}\n`)
  setColour(hasColour(process.stderr, env))
  if (!isJson) process.stderr.write(`${errorText(error.toDocument())}\n`)
  if (error.code === 'BUG' && thrown instanceof Error && env.AGENCY_LOG === 'debug')
    process.stderr.write(`${thrown.stack}\n`)
  return error.exitCode
}

/** JSON escapes C0; what else moves a cursor or turns letters around is escaped as well, and reads back as it was. */
function printed(data: unknown): string {
  return JSON.stringify(data).replace(MOVES, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const MOVES = /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
