/** Names of agencies and agents, and the addresses made of them. */
import { AgencyError } from '../kernel/errors.ts'

/** `Agency/agent`, or one of the three voices that are no agents. */
export type Address = string

export const HUMAN = 'human'
export const SYSTEM = 'system'
export const EXTERNAL = 'external'
/** `Agency/coordinator` is an alias whatever the coordinator is called. */
export const COORDINATOR = 'coordinator'

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/
const RESERVED = new Set([HUMAN, SYSTEM, EXTERNAL, COORDINATOR, 'all', 'tools', 'sandbox'])

/** Undefined when the name is good, else what is wrong with it. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (name.length > 63) return `has ${name.length} characters, at most 63 are allowed`
  if (!NAME.test(name)) return 'may have letters, digits, _ and - only, and begins with a letter'
  if (RESERVED.has(name.toLowerCase())) return 'is reserved'
  return undefined
}

export function checkName(kind: 'agency' | 'agent' | 'group', name: string): string {
  const problem = nameProblem(name)
  if (problem) {
    const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name
    throw new AgencyError('BAD_NAME', `the ${kind} name ${JSON.stringify(shown)} ${problem}`, {
      hint: 'a good name: CodeAgency, python-agent',
    })
  }
  return name
}

export function address(agency: string, agent: string): Address {
  return `${agency}/${agent}`
}

/** Splits `Agency/agent`; undefined for human, system and external. */
export function splitAddress(value: Address): { agency: string; agent: string } | undefined {
  const slash = value.indexOf('/')
  return slash < 0 ? undefined : { agency: value.slice(0, slash), agent: value.slice(slash + 1) }
}

/** The agency an address belongs to, or undefined for the voices that are no agents. */
export function agencyOf(value: Address): string | undefined {
  return splitAddress(value)?.agency
}
