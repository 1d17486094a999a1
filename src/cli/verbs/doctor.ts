import { execFileSync } from 'node:child_process'
import { AgencyError } from '../../kernel/errors.ts'
import { isNewEnough } from '../../model/tmuxVersion.ts'
import { hang, paint, state } from '../text.ts'
import type { Verb } from '../verb.ts'

interface Finding {
  readonly level: 'ok' | 'warn' | 'bad'
  readonly what: string
  readonly hint?: string
}

export const verb: Verb = {
  name: 'doctor',
  arguments: [],
  options: [],
  examples: ['agency doctor', 'agency doctor --json | jq \'.findings[] | select(.level!="ok")\''],
  async run(context) {
    const machine = [
      nodeFinding(),
      tmuxFinding(),
      toolFinding('git', ['--version'], 'apt-get install git   or   brew install git'),
    ]
    const rest = await daemonFindings(context)
    const findings = [...machine, ...rest]
    const isBad = findings.some(({ level }) => level === 'bad')
    const text = findings
      .map(
        ({ level, what, hint }) =>
          `${state(level)}${' '.repeat(4 - level.length)}  ${hang(what, 6)}${hint ? `\n      ${paint('yellow', 'try')} ${hint}` : ''}`,
      )
      .join('\n')
    return { data: { findings }, text, exitCode: isBad ? 8 : 0 }
  },
}

async function daemonFindings(context: Parameters<Verb['run']>[0]): Promise<readonly Finding[]> {
  try {
    const client = await context.client()
    context.progress('looking at everything')
    return ((await client.get('/v1/doctor')) as { findings: Finding[] }).findings
  } catch (error) {
    if (!(error instanceof AgencyError)) throw error
    return [{ level: 'bad', what: error.message, ...(error.hint ? { hint: error.hint } : {}) }]
  }
}

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isGood = major > 20 || (major === 20 && minor >= 19)
  return isGood
    ? { level: 'ok', what: `node ${process.versions.node}` }
    : { level: 'bad', what: `node ${process.versions.node} is too old`, hint: 'install node 20.19 or newer' }
}

function tmuxFinding(): Finding {
  const found = toolFinding('tmux', ['-V'], 'apt-get install tmux   or   brew install tmux')
  if (found.level !== 'ok' || isNewEnough(found.what.replace(/^tmux /, ''))) return found
  return { level: 'bad', what: `${found.what} is too old`, hint: 'install tmux 3.2 or newer' }
}

function toolFinding(tool: string, args: readonly string[], hint: string): Finding {
  try {
    return {
      level: 'ok',
      what: execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
    }
  } catch {
    return { level: 'bad', what: `${tool} is not installed`, hint }
  }
}
