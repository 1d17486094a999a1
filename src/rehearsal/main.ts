/** The rehearsal agent: a terminal program that behaves as agent programs do and acts by a playbook, at no cost. */
import { AgencyError, toAgencyError } from '../kernel/errors.ts'
import { readOptions, USAGE } from './options.ts'
import { Program } from './program.ts'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options.isHelp) return void process.stdout.write(USAGE)
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new AgencyError('USAGE', 'the rehearsal agent needs a terminal on stdin and stdout', {
      hint: 'run it in a tmux pane: agency up',
    })
  // Without a playbook the parser of YAML is not needed, and the start is quicker.
  const playbook = options.playbook
    ? (await import('./playbook.ts')).loadPlaybook(options.playbook)
    : { name: undefined, rules: [] }
  const program = new Program(options, playbook, process.exit)
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => void program.end(0))
  await program.start()
}

function fail(thrown: unknown): never {
  const error = toAgencyError(thrown)
  process.stderr.write(`error  ${error.message}   [${error.code}]\n${error.hint ? `try    ${error.hint}\n` : ''}`)
  process.exit(error.exitCode)
}

process.on('uncaughtException', fail)
main().catch(fail)
