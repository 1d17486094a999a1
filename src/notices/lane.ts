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
  startWay,
  type WayState,
} from '../model/noticePlan.ts'
import { keepWhole, nextDue, type Promised } from '../model/noticePromise.ts'
import type { Feed } from './feed.ts'
import type { NoticeParts, Telling, Told, Way } from './parts.ts'

const RETRY = { baseMs: 1_000, maxMs: 300_000 }

/** What of a way outlives the daemon. */
export interface KeptWay extends Pick<WayState, 'done' | 'passed'> {
  readonly promised: readonly Promised[]
}

export class Lane {
  /** What was told last, and what became of it. */
  last: (Told & { readonly at: number; readonly title: string }) | undefined
  failingSince: number | undefined
  /** How far it is. */
  state: WayState
  #promised: readonly Promised[]
  #underWay: Promise<void> | undefined

  constructor(
    readonly way: Way,
    readonly rules: NoticeRules,
    private readonly parts: Pick<NoticeParts, 'clock' | 'log'>,
    private readonly feed: Feed,
    { done, passed, promised }: KeptWay,
  ) {
    this.state = { ...startWay(done), passed }
    this.#promised = promised
  }

  get waiting(): number {
    return this.feed.pending.filter(({ seq }) => seq > this.state.done && !this.state.passed.includes(seq)).length
  }

  get kept(): KeptWay {
    const { done, passed } = this.state
    return { done, passed, promised: this.#promised }
  }

  /** Begins what is due; `save` keeps how far each way is. Nobody else waits for it. */
  tick(signal: AbortSignal, save: () => Promise<void>): void {
    if (this.#underWay) return
    const ready = planWay(this.state, this.feed.pending, this.parts.clock.now(), this.rules)
    if (ready.length === 0) {
      if (this.waiting === 0) this.state = afterTold(this.state, [], [], this.feed.read)
      return
    }
    this.#underWay = this.#tell(ready, signal, save)
      .catch(error => this.parts.log.error({ err: error, way: this.way.name }, 'the person could not be told'))
      .finally(() => {
        this.#underWay = undefined
      })
  }

  async settle(): Promise<void> {
    await this.#underWay
  }

  async #tell(ready: readonly Notice[], signal: AbortSignal, save: () => Promise<void>): Promise<void> {
    this.#promised = keepWhole(this.#promised, this.feed.pending)
    const { promise, items } = nextDue(this.#promised, ready, this.feed.pending)
    const current = await this.#stillTrue(items)
    // What may have arrived goes again whole, as long as something of it is true.
    const shown = promise ? (current.length > 0 ? items : []) : current
    if (shown.length === 0) return this.#over(promise, items, save)
    const begun = promise ?? this.#promise(shown)
    const telling = tellingOf(shown, begun)
    if (!promise && this.way.isRetried) {
      this.#promised = [...this.#promised, begun]
      await save()
    }
    // Told, and then written down: on a screen, which knows no ids, it shows once more after a death in between, rather than never.
    const told = await this.#try(telling, signal)
    const now = this.parts.clock.now()
    this.last = { ...told, at: now, title: telling.title }
    if (told.outcome === 'failed' && this.way.isRetried)
      return signal.aborted ? undefined : this.#failed(begun, ready, save)
    this.failingSince = undefined
    this.state = afterSuccess(this.state, now)
    return this.#over(begun, items, save)
  }

  /** It is tried again later; what is a day old is told no more. */
  async #failed(begun: Promised, ready: readonly Notice[], save: () => Promise<void>): Promise<void> {
    const now = this.parts.clock.now()
    this.failingSince ??= now
    this.state = afterFailure(this.state, now, backoffMs(this.state.failures + 1, RETRY))
    const isOld = ({ at }: Notice) => now - at > GIVE_UP_MS
    const isGivenUp = ready.filter(({ seq }) => begun.seqs.includes(seq)).every(isOld)
    const others = this.#promised.filter(each => each !== begun || !isGivenUp)
    const old = ready.filter(item => isOld(item) && !others.some(({ seqs }) => seqs.includes(item.seq)))
    if (old.length > 0) await this.#over(isGivenUp ? begun : undefined, old, save)
  }

  /** Nothing of it is told any more. */
  async #over(promise: Promised | undefined, items: readonly Notice[], save: () => Promise<void>): Promise<void> {
    this.#promised = this.#promised.filter(each => each !== promise)
    this.state = afterTold(this.state, this.feed.pending, items, this.feed.read)
    await save()
  }

  async #stillTrue(ready: readonly Notice[]): Promise<readonly Notice[]> {
    const judged = await Promise.all(ready.map(async notice => ({ notice, isStill: await this.feed.isStill(notice) })))
    return judged.filter(({ isStill }) => isStill).map(({ notice }) => notice)
  }

  #promise(items: readonly Notice[]): Promised {
    const at = this.parts.clock.now()
    const isHeld = isSummary(items, at, this.rules)
    return { at, isSummary: isHeld, isUrgent: items.some(this.rules.isUrgent), seqs: items.map(({ seq }) => seq) }
  }

  async #try(telling: Telling, signal: AbortSignal): Promise<Told> {
    const { log } = this.parts
    const told = await tellBy(this.way, telling, signal)
    if (told.outcome === 'failed') log.warn({ way: this.way.name, why: told.detail }, 'the person could not be told')
    return told
  }
}

/** The same of the same things, by whichever daemon: its id, too. */
export function tellingOf(items: readonly Notice[], how: Pick<Telling, 'at' | 'isSummary' | 'isUrgent'>): Telling {
  const { at, isSummary: isHeld, isUrgent } = how
  const id = createHash('sha256')
    .update(items.map(item => item.id).join())
    .digest('hex')
    .slice(0, 32)
  return { id, title: sayNotices(items, isHeld), items, at, isSummary: isHeld, isUrgent }
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
