/** The list of verbs. */
import { version } from '../kernel/version.ts'
import { hang, paint } from './text.ts'
import { VERBS } from './verbs.ts'

export function topHelp(): string {
  const entries = Object.entries(VERBS).filter(([, entry]) => !('isHidden' in entry))
  const indent = 4 + Math.max(...entries.map(([verb]) => verb.length))
  const group = (name: string) => {
    const rows = entries
      .filter(([, entry]) => entry.group === name)
      .map(([verb, entry]) => `  ${paint('bold', verb.padEnd(indent - 2))}${hang(entry.summary, indent)}`)
    return `${paint('yellow', name)}\n${rows.join('\n')}`
  }
  return `agency ${version}: teams of terminal agents in tmux, and a bus on which no message is lost

${['Agencies', 'Messages', 'Work', 'Workbench'].map(group).join('\n\n')}

Every verb takes --help (with examples), --json, and --workspace DIR.

  $ agency init && agency create CodeAgency
  $ agency send CodeAgency "TASK-001: add a health endpoint" --wait confirmed
  $ agency attach CodeAgency
`
}
