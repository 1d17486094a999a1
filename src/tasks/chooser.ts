/** Finds out who could do a task, and leaves the judgment to the model. */
import { AgencyError } from '../kernel/errors.ts'
import { takesWork } from '../model/agent.ts'
import { type Candidate, type Choice, rankCandidates } from '../model/choose.ts'
import type { TaskParts } from './parts.ts'

/** Records older than this say little of an agent of today. */
const RECORD_MS = 30 * 86_400_000

export class Chooser {
  constructor(private readonly parts: TaskParts) {}

  /** Best first. AgencyError('NOT_FOUND') when no agent has all that is needed, naming what there is. */
  async rank(needs: readonly string[], agency?: string): Promise<readonly Choice[]> {
    const candidates = await this.#candidates(agency)
    const ranked = rankCandidates(candidates, needs)
    if (ranked.length > 0) return ranked
    const known = [...new Set(candidates.flatMap(({ capabilities }) => capabilities))].sort()
    throw new AgencyError(
      'NOT_FOUND',
      `no agent${agency ? ` of ${agency}` : ''} has ${needs.join(' and ') || 'anything'}`,
      {
        hint: known.length > 0 ? `there are: ${known.join(', ')}` : 'agency create CodeAgency',
      },
    )
  }

  async #candidates(agency: string | undefined): Promise<readonly Candidate[]> {
    const { roster, store, clock } = this.parts
    if (agency !== undefined) roster.agency(agency)
    const [records, queued] = await Promise.all([store.trackRecords(clock.now() - RECORD_MS), store.waiting()])
    const recordOf = new Map(records.map(record => [record.agent, record]))
    const specialists = [...roster.agents.values()].filter(
      record => !record.isCoordinator && record.state !== 'shell' && (agency === undefined || record.agency === agency),
    )
    return specialists.map(record => {
      const { succeeded = 0, failed = 0, firstPass = 0, open = 0, waiting = 0 } = recordOf.get(record.address) ?? {}
      return {
        agent: record.address,
        capabilities: roster.capabilities(record.address),
        isCoordinator: record.isCoordinator,
        state: record.state,
        takesWork: takesWork(record),
        queued: queued.get(record.address) ?? 0,
        ...{ succeeded, failed, firstPass, open, waiting },
      }
    })
  }
}
