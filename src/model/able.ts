/** Who can do a thing, and why: pure, over what is known of everybody. */
import { AgencyError } from '../kernel/errors.ts'
import type { AgentState } from './agent.ts'
import { closest } from './closest.ts'

export interface Able {
  /** An agency's name, or an agent's address. */
  readonly name: string
  readonly capabilities: readonly string[]
  /** True when they are its agency's, because it names none of its own. */
  readonly isInherited: boolean
  readonly state: AgentState | 'running' | 'degraded' | 'down'
  readonly takesWork: boolean
  /** Messages that wait for it, tasks that it has, tasks that wait for it. */
  readonly messages: number
  readonly openTasks: number
  readonly waitingTasks: number
}

export interface AbleAgency extends Able {
  readonly agents: readonly Able[]
}

export interface Search {
  readonly capabilities: readonly string[]
  /** One of them is enough. */
  readonly isAny: boolean
  /** Only who has nothing to do. */
  readonly isFree: boolean
}

export interface Found extends Able {
  readonly isFree: boolean
  /** Undefined where an agency stands here for its agents alone. */
  readonly why: string | undefined
}

export interface FoundAgency extends Found {
  readonly agents: readonly Found[]
}

/** Agencies that can do it themselves or have an agent that can, in the order given. */
export function findAble(all: readonly AbleAgency[], search: Search): readonly FoundAgency[] {
  return all.flatMap(agency => {
    const agents = agency.agents.map(agent => judge(agent, search)).filter(isFound(search))
    const own = judge(agency, search)
    // An agency has room when one of those who can do it has.
    const able = search.isFree ? agents.length > 0 : own.why !== undefined || agents.length > 0
    return able ? [{ ...own, agents }] : []
  })
}

function isFound({ isFree }: Search): (one: Found) => boolean {
  return one => one.why !== undefined && (!isFree || one.isFree)
}

function judge(able: Able, { capabilities, isAny }: Search): Found {
  const has = capabilities.filter(capability => able.capabilities.includes(capability))
  const isMatch = isAny ? has.length > 0 : has.length === capabilities.length
  const isFree = able.takesWork && able.messages + able.openTasks + able.waitingTasks === 0
  const why = `has ${has.join(', ')}${able.isInherited ? ', as its agency says' : ''}`
  const { name, capabilities: all, isInherited, state, takesWork, messages, openTasks, waitingTasks } = able
  const known = { name, capabilities: all, isInherited, state, takesWork, messages, openTasks, waitingTasks }
  return { ...known, isFree, why: isMatch ? why : undefined }
}

/** AgencyError('NOT_FOUND') for a word that nobody bears, with what there is and what may have been meant. */
export function refuseUnknown(all: readonly AbleAgency[], capabilities: readonly string[]): void {
  const known = [...new Set(all.flatMap(agency => [agency, ...agency.agents]).flatMap(one => one.capabilities))].sort()
  for (const capability of capabilities) {
    if (known.includes(capability)) continue
    const close = closest(capability, known)
    throw new AgencyError('NOT_FOUND', `nobody has the capability ${JSON.stringify(capability.slice(0, 60))}`, {
      hint: `${close ? `did you mean ${close}? ` : ''}there ${known.length > 0 ? `are: ${known.join(', ')}` : 'are none: agency create CodeAgency'}`,
    })
  }
}
