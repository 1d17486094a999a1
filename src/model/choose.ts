/** Who is best suited for a task: by capability, load and record. Pure, and every figure it used is told. */
import type { AgentState } from './agent.ts'
import type { Address } from './names.ts'

export interface Candidate {
  readonly agent: Address
  readonly capabilities: readonly string[]
  readonly isCoordinator: boolean
  readonly state: AgentState
  readonly takesWork: boolean
  /** Tasks that it has, tasks that wait for it, messages that wait for it. */
  readonly open: number
  readonly waiting: number
  readonly queued: number
  readonly succeeded: number
  readonly failed: number
  readonly firstPass: number
}

export interface Choice {
  readonly agent: Address
  /** 0 to 1; the best comes first. */
  readonly score: number
  readonly reasons: readonly string[]
}

/** What a task waits costs more than what it is a little worse at. */
const WEIGHTS = { record: 0.45, load: 0.4, focus: 0.15 } as const
/** Before an agent has a record it is taken for one that succeeds two times in three. */
const PRIOR = { good: 2, all: 3 } as const

/** Those that have every need, best first; agents that take no work just now come last, since they would keep it waiting. */
export function rankCandidates(candidates: readonly Candidate[], needs: readonly string[]): readonly Choice[] {
  return candidates
    .filter(({ capabilities }) => needs.every(need => capabilities.includes(need)))
    .map(candidate => weigh(candidate, needs))
    .sort((a, b) => b.score - a.score || a.agent.localeCompare(b.agent))
}

function weigh(candidate: Candidate, needs: readonly string[]): Choice {
  const { agent, capabilities, succeeded, failed, firstPass, open, waiting, queued, state } = candidate
  const done = succeeded + failed
  // Half for what came to a good end at all, half for what did so without being sent back.
  const record = (PRIOR.good + (succeeded + firstPass) / 2) / (PRIOR.all + done)
  const load = 1 / (1 + open + waiting + queued / 4)
  const focus = capabilities.length === 0 ? 0 : Math.min(1, Math.max(needs.length, 1) / capabilities.length)
  const fitness = WEIGHTS.record * Math.min(1, record) + WEIGHTS.load * load + WEIGHTS.focus * focus
  const score = candidate.takesWork ? fitness : fitness / 10
  return {
    agent,
    score: Math.round(score * 1000) / 1000,
    reasons: [
      needs.length > 0 ? `has ${needs.join(', ')}` : 'nothing special is needed',
      candidate.takesWork ? `is ${state}` : `is ${state} and takes no work just now`,
      open + waiting === 0 ? 'has no task' : `has ${open} task${open === 1 ? '' : 's'}, ${waiting} more wait for it`,
      ...(queued > 0 ? [`${queued} messages wait for it`] : []),
      done === 0 ? 'no record yet' : `${succeeded} of ${done} tasks succeeded, ${firstPass} at the first try`,
    ],
  }
}
