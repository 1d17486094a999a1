/** `{{message.body}}` and the like in the strings of a playbook. */

/** A nested record: `message.id` is looked up as `scope.message.id`. What is not there becomes the empty string. */
export type TemplateScope = Readonly<Record<string, unknown>>

const PLACE = /\{\{\s*([\w.-]+)\s*\}\}/g

export function fill(text: string, scope: TemplateScope): string {
  return text.replace(PLACE, (_, path: string) => lookUp(scope, path))
}

/** Fills every string inside a value, however deep. */
export function fillDeep<T>(value: T, scope: TemplateScope): T {
  if (typeof value === 'string') return fill(value, scope) as T
  if (Array.isArray(value)) return value.map(item => fillDeep(item, scope)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillDeep(item, scope)])) as T
}

const PLAIN_WORD = /^[\w./:@%+=,-]*$/

/** For a shell: values that are not plain words go in as variables, so that no message can run a command of its own. */
export function fillShell(
  command: string,
  scope: TemplateScope,
): { command: string; variables: Record<string, string> } {
  const variables: Record<string, string> = {}
  const filled = command.replace(PLACE, (_, path: string) => {
    const value = lookUp(scope, path)
    if (PLAIN_WORD.test(value)) return value
    const name = `PLAYBOOK_${Object.keys(variables).length + 1}`
    variables[name] = value
    return `\${${name}}`
  })
  return { command: filled, variables }
}

/** `A == B` or `A != B`, each side filled after the comparison was read, so that values cannot change it. */
export function isTrue(condition: string, scope: TemplateScope): boolean {
  const match = /^(?<left>.*?)(?<operator>==|!=)(?<right>.*)$/s.exec(condition)
  if (!match?.groups) return false
  const side = (text: string) => fill(text.trim().replace(/^(["'])(.*)\1$/s, '$2'), scope)
  const isEqual = side(match.groups.left!) === side(match.groups.right!)
  return match.groups.operator === '==' ? isEqual : !isEqual
}

function lookUp(scope: TemplateScope, path: string): string {
  let value: unknown = scope
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return ''
    value = (value as Record<string, unknown>)[part]
  }
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
