/** Which rule acts on a message: the first whose every given part matches. */
import type { Message } from './message.ts'
import type { Rule } from './playbook.ts'

export interface Match {
  readonly index: number
  readonly rule: Rule
  readonly groups: Readonly<Record<string, string>>
}

/** `used` holds the indexes of rules that have acted; one that says `once` does not act again. */
export function matchRule(rules: readonly Rule[], message: Message, used: ReadonlySet<number>): Match | undefined {
  for (const [index, rule] of rules.entries()) {
    if (rule.when.once && used.has(index)) continue
    const groups = groupsOf(rule, message)
    if (groups) return { index, rule, groups }
  }
  return undefined
}

function groupsOf({ when }: Rule, message: Message): Record<string, string> | undefined {
  if (when.type && when.type.toUpperCase() !== message.type.toUpperCase()) return undefined
  for (const [field, wanted] of Object.entries(when.payload ?? {}))
    if (!message.payload || String(message.payload[field]) !== wanted) return undefined
  const from = new RegExp(when.from ?? '').exec(message.from)
  const body = new RegExp(when.body ?? '').exec(message.body)
  return from && body ? { ...from.groups, ...body.groups } : undefined
}
