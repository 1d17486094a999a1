/** One way to the person at work: what is due is told, what failed is told again later, how far it came is kept. */
import { createHash } from 'node:crypto'
import { backoffMs } from '../kernel/backoff.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type Notice, sayNotices } from '../model/notice.ts'
import {
  afterFailure,
  afterSuccess,
  afterTold,
  GIVE_UP_MS,
  isSummary,
  type NoticeRules,
  planWay,
  type WayState,
} from '../model/noticePlan.ts'
import type { Feed } from './feed.ts'
import type { NoticeParts, Telling, Told, Way } from './parts.ts'

const RETRY = { baseMs: 1_000, maxMs: 300_000 }

export class Lane {
  /** What was told last, and what became of it. */
  last: (Told & { readonly at: number; readonly title: string }) | undefined
  failingSince: number | undefined
  /** What failed goes again as it was, so that whoever has it already knows it by its id. */
  #failed: Telling | undefined
  #underWay: Promise<void> | undefined

  constructor(
    readonly way: Way,
    readonly rules: NoticeRules,
    private readonly parts: Pick<NoticeParts, 'clock' | 'log'>,
    private readonly feed: Feed,
    /** How far it is. */
    public state: WayState,
  ) {}

  get waiting(): number {
    return this.feed.pending.filter(({ seq }) => seq > this.state.done && !this.state.passed.includes(seq)).length
  }

  /** Begins what is due; `save` is called when something was told. Nobody else waits for it. */
  tick(signal: AbortSignal, save: () => Promise<void>): void {
    if (this.#underWay) return
    const ready = planWay(this.state, this.feed.pending, this.parts.clock.now(), this.rules)
    if (ready.length === 0) {
      if (this.waiting === 0) this.state = afterTold(this.state, [], [], this.feed.read)
      return
    }
    this.#underWay = this.#tell(ready, signal)
      .then(isSettled => (isSettled ? save() : undefined))
      .catch(error => this.parts.log.error({ err: error, way: this.way.name }, 'the person could not be told'))
      .finally(() => {
        this.#underWay = undefined
      })
  }

  async settle(): Promise<void> {
    await this.#underWay
  }

  /** Whether it has to be told no more. */
  async #tell(ready: readonly Notice[], signal: AbortSignal): Promise<boolean> {
    const { clock } = this.parts
    const current = await this.#stillTrue(ready)
    const failed = this.#failed
    const isAgain = failed?.items.every(item => current.includes(item)) ?? false
    const telling = isAgain ? failed! : this.#put(current)
    const told = telling.items.length === 0 ? undefined : await this.#try(telling, signal)
    if (signal.aborted && told?.outcome === 'failed') return false
    const now = clock.now()
    if (told) this.last = { ...told, at: now, title: telling.title }
    if (told?.outcome === 'failed' && this.way.isRetried) {
      this.#failed = telling
      this.failingSince ??= now
      this.state = afterFailure(this.state, now, backoffMs(this.state.failures + 1, RETRY))
      const old = ready.filter(({ at }) => now - at > GIVE_UP_MS)
      this.state = afterTold(this.state, this.feed.pending, old, this.feed.read)
      return old.length > 0
    }
    this.#failed = undefined
    this.failingSince = undefined
    const over = [...ready.filter(item => !current.includes(item)), ...telling.items]
    this.state = afterTold(told ? afterSuccess(this.state, now) : this.state, this.feed.pending, over, this.feed.read)
    return true
  }

  async #stillTrue(ready: readonly Notice[]): Promise<readonly Notice[]> {
    const judged = await Promise.all(ready.map(async notice => ({ notice, isStill: await this.feed.isStill(notice) })))
    return judged.filter(({ isStill }) => isStill).map(({ notice }) => notice)
  }

  #put(items: readonly Notice[]): Telling {
    const { clock } = this.parts
    const now = clock.now()
    const isHeld = isSummary(items, now, this.rules)
    return tellingOf(items, { at: now, isSummary: isHeld, isUrgent: items.some(this.rules.isUrgent) })
  }

  async #try(telling: Telling, signal: AbortSignal): Promise<Told> {
    const { log } = this.parts
    const told = await tellBy(this.way, telling, signal)
    if (told.outcome === 'failed') log.warn({ way: this.way.name, why: told.detail }, 'the person could not be told')
    return told
  }
}

export function tellingOf(items: readonly Notice[], rest: Pick<Telling, 'at' | 'isSummary' | 'isUrgent'>): Telling {
  const id = createHash('sha256')
    .update(items.map(item => item.id).join())
    .digest('hex')
    .slice(0, 32)
  return { id, title: sayNotices(items, rest.isSummary), items, ...rest }
}

/** Never throws for what is expected: that no tmux server runs, for one. */
export async function tellBy(way: Way, telling: Telling, signal: AbortSignal): Promise<Told> {
  try {
    return await way.tell(telling, signal)
  } catch (error) {
    if (!(error instanceof AgencyError)) throw error
    return { outcome: 'skipped', detail: error.message }
  }
}
