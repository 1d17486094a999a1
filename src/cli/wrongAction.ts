/** The error for an action that a verb does not have: all that it has, and the one that was likely meant. */
import { AgencyError } from '../kernel/errors.ts'
import { closest } from '../model/closest.ts'
import type { Verb } from './verb.ts'

export function wrongAction({ name, actions = {} }: Verb, action: unknown): AgencyError {
  const known = Object.keys(actions)
  const close = closest(String(action), known)
  const listed = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`
  return new AgencyError('USAGE', `${name} ${String(action)}: it takes ${listed}`, {
    hint: close ? `agency ${name} ${close}   or   agency ${name} --help` : `agency ${name} --help`,
  })
}
