/** What was approved and could not be merged goes on by itself once nothing is in its way any more: nobody approves the same twice. */
import { SYSTEM } from '../model/names.ts'
import type { Submission } from '../model/submission.ts'
import { isChange, obstacleTo, type Work } from './obstacles.ts'
import type { SubmissionParts } from './parts.ts'

export class HeldWork {
  /** What was seen in the way, by this daemon. */
  readonly #seen = new Set<string>()
  /** Begun again without having seen it: once, since what cannot be looked at would be tried for ever. */
  readonly #tried = new Set<string>()

  constructor(private readonly parts: SubmissionParts) {}

  async tick(open: readonly Submission[]): Promise<void> {
    const held = open.filter(({ state, obstacle }) => state === 'held' && obstacle !== 'other')
    for (const submission of held.filter(isChange))
      await this.#look(submission).catch(error =>
        this.parts.log.error(
          { err: error, submission: submission.id },
          'what holds a submission could not be looked at',
        ),
      )
  }

  async #look(submission: Work): Promise<void> {
    const { board, clock } = this.parts
    const { id } = submission
    if ((await obstacleTo(this.parts, submission)) !== undefined) return void this.#seen.add(id)
    const memory = this.#seen.delete(id) ? undefined : this.#tried
    if (memory?.has(id)) return
    memory?.add(id)
    const reason = `nothing is in its way any more: ${submission.reason ?? 'it was held'}`
    await board.move(id, { event: 'resume', at: clock.now(), by: SYSTEM, from: 'held', reason })
  }
}
