/** Reads from the log what needs the person, from where the way that is furthest behind has come to. */
import { type Notice, noticeIn } from '../model/notice.ts'
import { waitsForPerson } from '../model/submission.ts'
import type { NoticeParts } from './parts.ts'

const BATCH = 500

export class Feed {
  /** What some way has not told yet, oldest first. */
  pending: readonly Notice[] = []
  #read: number

  constructor(
    private readonly parts: Pick<NoticeParts, 'store' | 'roster' | 'settings'>,
    after: number,
  ) {
    this.#read = after
  }

  /** How far the log has been read. */
  get read(): number {
    return this.#read
  }

  async hear(): Promise<void> {
    const { store, settings } = this.parts
    for (;;) {
      const units = await store.units({ after: this.#read }, BATCH)
      const found = units.flatMap(unit => noticeIn(unit) ?? [])
      this.pending = [...this.pending, ...found.filter(({ kind }) => settings.notices.about.includes(kind))]
      this.#read = units.at(-1)?.seq ?? this.#read
      if (units.length < BATCH) return
    }
  }

  /** Forgets what every way has told. */
  forget(upTo: number): void {
    if (this.pending.some(({ seq }) => seq <= upTo)) this.pending = this.pending.filter(({ seq }) => seq > upTo)
  }

  /** Whether it still needs the person: a question may be answered, and work decided about, before anybody was told. */
  async isStill({ kind, about }: Notice): Promise<boolean> {
    const agent = this.parts.roster.agents.get(about)
    if (kind === 'dialog') return agent?.state === 'waiting'
    if (kind === 'quarantined') return (agent?.holds ?? []).some(hold => hold.kind === 'quarantined')
    if (kind !== 'submission' && kind !== 'expires') return true
    const submission = await this.parts.store.findSubmission(about)
    return submission !== undefined && waitsForPerson(submission)
  }
}
