/** What can be done from the monitor, what is asked before it, and what is said of it. Pure. */
import { agencyOf, agentOf, type Data } from './data.ts'

export type Act = 'pause' | 'resume' | 'restart' | 'nudge'

export interface Question {
  readonly act: Act
  readonly target: string
  readonly text: string
}

export function actFor(key: string, data: Data | undefined, target: string): Act | undefined {
  if (key === 'p') return isPaused(data, target) ? 'resume' : 'pause'
  if (key === 'R') return 'restart'
  return key === 'n' ? 'nudge' : undefined
}

/** Of an agency: when all of its agents are. */
export function isPaused(data: Data | undefined, target: string): boolean {
  const one = agentOf(data, target)
  const agents = one ? [one] : (agencyOf(data, target)?.agents ?? [])
  return agents.length > 0 && agents.every(({ holds }) => holds.some(({ kind }) => kind === 'paused'))
}

/** Undefined where nothing is interrupted. */
export function questionFor(act: Act, target: string): Question | undefined {
  if (act !== 'restart') return undefined
  const whose = target.includes('/') ? 'its work is' : 'all of its agents are'
  return { act, target, text: `restart ${target}? ${whose} cut short` }
}

const SAID: Readonly<Record<Act, string>> = {
  pause: 'is paused: nothing more is handed over',
  resume: 'goes on',
  restart: 'is started anew',
  nudge: 'is asked what it is doing',
}

export function sayDone(act: Act, target: string): string {
  return `${target} ${SAID[act]}`
}
