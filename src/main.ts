/** The process edge of the command line: the only place that exits. */
import { runProgram } from './cli/program.ts'

// `agency messages | head` closes our output early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runProgram(process.argv.slice(2), process.env)
if (process.stdout.writableLength === 0) process.exit()
process.stdout.once('drain', () => process.exit())
