/** Puts what a rule's pattern caught into its steps: `{0}` the whole match, `{1}` a group, `{name}` a named one. */
import type { Step } from './script.ts'

export type Groups = Readonly<Record<string, string>>

/** What is not a group stays as it is, so that JSON in a text needs no escapes. */
const PLACE = /\{(\w+)\}/g
const PLAIN_WORD = /^[\w./:@%+=,-]+$/

export function groupsOf(match: RegExpExecArray): Groups {
  return { ...Object.fromEntries(match.map((value, index) => [index, value ?? ''])), ...match.groups }
}

export function fillStep(step: Step, groups: Groups): Step {
  if (step.say !== undefined) return { say: fill(step.say, groups) }
  if (step.run !== undefined) return { run: { ...step.run, command: fillShell(step.run.command, groups) } }
  return step
}

function fill(text: string, groups: Groups): string {
  return text.replace(PLACE, (place, name: string) => groups[name] ?? place)
}

/** Values that are not plain words go in as variables, so that no message can run a command of its own. */
export function fillShell(command: string, groups: Groups): string {
  const variables: string[] = []
  const filled = command.replace(PLACE, (place, name: string, at: number) => {
    const value = groups[name]
    // `${1}` is the shell's own.
    if (value === undefined || command[at - 1] === '$') return place
    if (PLAIN_WORD.test(value)) return value
    variables.push(`MATCH_${variables.length + 1}='${value.replaceAll("'", "'\\''")}'`)
    return `\${MATCH_${variables.length}}`
  })
  return [...variables, filled].join('; ')
}
