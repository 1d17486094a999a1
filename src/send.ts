/** The process edge of `agency send` alone, the verb that agents and scripts call all day: one small file, nothing loaded beside it. */
import { exitWith } from './cli/exit.ts'
import { runVerb } from './cli/runVerb.ts'
import { verb } from './cli/verbs/send.ts'

const summary = 'send a message to an agent, an agency or the person'

await exitWith(runVerb({ verb, summary, argv: process.argv.slice(3), env: process.env, verbs: async () => [] }))
