/** The process edge of the command line. */
import { exitWith } from './cli/exit.ts'
import { runProgram } from './cli/program.ts'

await exitWith(runProgram(process.argv.slice(2), process.env))
