/** The process edge of `agency send` alone, the verb that agents and scripts call all day: one small file, nothing loaded beside it. */
import { guarded, perform } from './cli/edge.ts'
import { exitWith } from './cli/exit.ts'
import { plainWords } from './cli/plainWords.ts'
import { verb } from './cli/verbs/send.ts'

const argv = process.argv.slice(3)
const words = plainWords(verb, argv)
const invocation = { verb, summary: '', argv, env: process.env, verbs: async () => [] }
if (words) void exitWith(guarded(argv, process.env, isJson => perform(invocation, words, isJson)))
// Help, mistakes and what is spelled unusually: the whole command line knows them.
else void import('./main.ts')
