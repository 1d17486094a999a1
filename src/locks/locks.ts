/** Leases on what agents and the person work on: taken, kept, given back, broken; and asked about before anything is written. */
import { onlyPerson } from '../agencies/authority.ts'
import { withDeadline } from '../kernel/abort.ts'
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type Id, shortId } from '../kernel/ids.ts'
import { filesOf, readCommit, refuseCommit } from '../model/commitGate.ts'
import type { Asked, Blocker, Lease, Lock, LockEnd, LockMode, Wait } from '../model/lock.ts'
import { type Times, tellBlocker } from '../model/lockWords.ts'
import { type Address, HUMAN } from '../model/names.ts'
import { type Resource, showResource } from '../model/resource.ts'
import { oneLine } from '../model/sanitize.ts'
import type { Store } from '../storage/store.ts'
import { canonicalResources } from './canonical.ts'
import { judge, type Verdict } from './judge.ts'
import { deadlock, held, noLease, notYours, timedOut } from './refusals.ts'
import { type CloneAt, ignoresCase, projectOf } from './repository.ts'
import { findTarget, isNamedById, type Target } from './target.ts'
import { Waiters } from './waiters.ts'

export interface LocksParts {
  readonly store: Store
  /** The time of leases. */
  readonly clock: Clock
  readonly publish: (caller: Address, draft: { to: string; body: string; priority: 'high' }) => Promise<unknown>
  /** Without it there are no clones. */
  readonly cloneAt?: CloneAt
}

export interface AcquireRequest extends Target {
  readonly mode: LockMode
  readonly ttlMs: number
  readonly waitMs: number
  readonly why?: string
}

/** While anything is held the time is written down now and then, for a daemon that starts with a clock that has gone back. */
const LOOK_EVERY_MS = 5_000
/** While somebody waits: what ends by another way than through here is seen within it. */
const WAITED_FOR_MS = 500

export class Locks {
  readonly #waiters = new Waiters()
  readonly #listeners = new Set<() => void>()
  #lookAt = 0

  constructor(private readonly parts: LocksParts) {}

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Of the time of leases, which only goes on. */
  now(): number {
    return this.parts.clock.now()
  }

  /** What a lock is shown by. */
  times(): Times {
    return { now: this.now(), wall: Date.now() }
  }

  /** AgencyError: HELD, CONFLICT when waiting would close a circle, TIMED_OUT. `tell` hears what it waits for. */
  async acquire(
    caller: Address,
    { names, cwd, mode, ttlMs, waitMs, why }: AcquireRequest,
    { signal, tell }: { signal: AbortSignal; tell: (step: string) => void },
  ): Promise<{ lease: Lease; isAgain: boolean }> {
    const asked: Asked = {
      ...{ owner: caller, mode, ttlMs },
      resources: await canonicalResources(names, cwd, this.parts.cloneAt),
      why: why === undefined ? undefined : oneLine(why, 200),
    }
    const outcome = await this.parts.store.acquireLock(asked, { now: this.now(), waitMs })
    const own = outcome.kind === 'granted' ? [outcome.lease] : []
    if (outcome.kind !== 'held' || outcome.granted.length > 0) this.#changed([...outcome.granted, ...own])
    if (outcome.kind === 'granted') return outcome
    if (outcome.kind === 'held') throw held(asked, outcome.by, this.times())
    if (outcome.kind === 'deadlock') throw deadlock(asked, outcome.cycle)
    tell(tellBlocker(outcome.by[0]!, this.times()))
    const lease = await this.#wait(outcome.wait, waitMs, signal)
    if (lease) return { lease, isAgain: false }
    throw timedOut(waitMs, await this.#stillBy(outcome.wait), this.times())
  }

  async #wait(wait: Wait, waitMs: number, signal: AbortSignal): Promise<Lease | undefined> {
    const { id, owner } = wait
    const told = await withDeadline(waitMs, [signal], deadline => this.#waiters.wait(id, deadline))
    const isGone = () => signal.aborted
    if (told && !isGone()) return told
    const reason = isGone() ? 'whoever waited has gone' : 'it was waited for as long as was asked'
    if (await this.#end(id, { event: 'withdraw', by: owner, reason })) return undefined
    // Granted in the very moment in which the waiting ended: theirs if they are still there to hear it.
    const now = await this.parts.store.findLock(id, this.now())
    if (now?.state !== 'held') return this.#refuseIfBroken(id, owner)
    if (!isGone()) return now
    await this.#end(id, { event: 'release', by: owner, reason })
    return undefined
  }

  /** A wait that the person has ended is told as that, and not as one that was too long. */
  async #refuseIfBroken(id: Id, owner: Address): Promise<undefined> {
    const history = await this.#history(id)
    if (owner !== HUMAN && history.at(-1)?.agent === HUMAN) throw noLease(id, history)
  }

  async #stillBy({ owner, mode, resources }: Wait): Promise<readonly Blocker[]> {
    const there = await this.parts.store.locksOn(resources, this.now())
    return there.filter(({ lock }) => lock.owner !== owner && (mode === 'exclusive' || lock.mode === 'exclusive'))
  }

  /** Gives back a lease, or gives up a wait. */
  async release(caller: Address, target: Target): Promise<Lock> {
    const change = { event: 'release', by: caller, owner: caller, reason: 'its owner gave it back' } as const
    const [name = ''] = target.names
    // By its id in one step; whatever is not right is found by the long way.
    const ended = target.names.length === 1 && isNamedById(name) ? await this.#end(name, change) : undefined
    return ended ?? this.#endOr(await this.#own(caller, target, 'release'), change)
  }

  async releaseAll(caller: Address): Promise<readonly Lock[]> {
    const mine = (await this.list()).filter(lock => lock.owner === caller && lock.state === 'held')
    const ended = mine.map(({ id }) =>
      this.#end(id, { event: 'release', by: caller, reason: 'its owner gave it back' }),
    )
    return (await Promise.all(ended)).filter(lock => lock !== undefined)
  }

  /** From now on for so long; never for shorter than before. AgencyError('CONFLICT') when the lease is over. */
  async extend(caller: Address, target: Target, ttlMs: number): Promise<Lease> {
    const lock = await this.#own(caller, target, 'extend')
    if (lock.state === 'waiting')
      throw new AgencyError('CONFLICT', `the lease ${shortId(lock.id)} is waited for, and not held yet`, {
        hint: 'agency lock list',
      })
    const change = { owner: caller, ttlMs, now: this.now() }
    const { lease, granted } = await this.parts.store.extendLock(lock.id, change)
    this.#changed(granted)
    if (lease) return lease
    throw noLease(lock.id, await this.#history(lock.id))
  }

  /** Ends another's lease or wait; its owner is told. */
  async break(caller: Address, target: Target, reason: string): Promise<Lock> {
    onlyPerson(caller, 'break a lease')
    const lock = await findTarget(this.parts, target, this.now(), undefined)
    const ended = await this.#endOr(lock, { event: 'break', by: caller, reason: oneLine(reason, 500) })
    if (ended.owner !== HUMAN) await this.#tellOwner(caller, ended, reason)
    return ended
  }

  async #tellOwner(caller: Address, lock: Lock, reason: string): Promise<void> {
    const what = lock.resources.slice(0, 5).map(showResource).join(', ')
    const more = lock.resources.length > 5 ? ` and ${lock.resources.length - 5} more` : ''
    const body = `Your ${lock.state === 'held' ? 'lease' : 'wait'} on ${what}${more} was ended: ${reason}\nWrite nothing there any more before you have taken it again.`
    // The owner may be gone by now; that it was ended stands in the log either way.
    await this.parts.publish(caller, { to: lock.owner, body, priority: 'high' }).catch(() => undefined)
  }

  list(): Promise<readonly Lock[]> {
    return this.parts.store.locks(this.now())
  }

  /** Asked where something takes effect: whether `owner` may write these just now, relying on this fencing number. */
  async check(resources: readonly Resource[], owner: Address, fence?: number): Promise<Verdict> {
    return judge(await this.parts.store.locksOn(resources, this.now()), resources, { owner, fence })
  }

  async checkNamed(owner: Address, { names, cwd, fence }: Target & { fence?: number }): Promise<Verdict> {
    return this.check(await canonicalResources(names, cwd, this.parts.cloneAt), owner, fence)
  }

  /** What the git hook prints instead of making this commit; empty when it may be made. */
  async refuseCommit(owner: Address, text: string): Promise<string> {
    const commit = readCommit(text)
    if (!commit) throw new AgencyError('USAGE', 'this is no list of a commit’s files', { hint: 'agency up' })
    if (commit.files.length === 0) return ''
    const commonDir = projectOf(commit.commonDir, this.parts.cloneAt ?? (() => undefined))
    const files = filesOf({ ...commit, commonDir }, ignoresCase(commonDir))
    const there = (await this.parts.store.locksOn(files, this.now())).map(({ lock }) => lock)
    return refuseCommit(
      owner,
      files,
      there.filter(lock => lock.state === 'held'),
      this.times(),
    )
  }

  /** Ends what is over, and tells those who waited. While nothing can be over and nobody waits, the store is left alone. */
  async tick(): Promise<void> {
    if (this.#waiters.ids.length > 0 || this.now() >= this.#lookAt) await this.#sweep(false)
  }

  /** When a tick has something to do, milliseconds from now. */
  get dueInMs(): number {
    return Math.min(this.#lookAt - this.now(), this.#waiters.ids.length > 0 ? WAITED_FOR_MS : Number.POSITIVE_INFINITY)
  }

  /** After a start of the daemon: what is held is held, and nobody waits any more. */
  async recover(): Promise<void> {
    await this.#sweep(true)
  }

  async #sweep(isStart: boolean): Promise<void> {
    const untold = this.#waiters.ids
    this.#lookAt = Number.POSITIVE_INFINITY
    const { ended, granted, dueAt } = await this.parts.store.sweepLocks({ now: this.now(), isStart, untold })
    if (dueAt !== undefined) this.#lookAt = Math.min(this.#lookAt, dueAt, this.now() + LOOK_EVERY_MS)
    for (const lock of ended) this.#waiters.tell(lock.id, undefined)
    if (ended.length + granted.length > 0) this.#changed(granted)
  }

  async #own(caller: Address, target: Target, verb: string): Promise<Lock> {
    const lock = await findTarget(this.parts, target, this.now(), caller)
    if (lock.owner === caller) return lock
    throw notYours(caller, lock, verb)
  }

  async #endOr(lock: Lock, change: { event: LockEnd; by: Address; owner?: Address; reason: string }): Promise<Lock> {
    const ended = await this.#end(lock.id, change)
    if (ended) return ended
    throw noLease(lock.id, await this.#history(lock.id))
  }

  async #end(
    idOrShort: string,
    change: { event: LockEnd; by: Address; owner?: Address; reason: string },
  ): Promise<Lock | undefined> {
    const { ended, granted } = await this.parts.store.endLock(idOrShort, { ...change, now: this.now() })
    if (ended) this.#waiters.tell(ended.id, undefined)
    if (ended || granted.length > 0) this.#changed(granted)
    return ended
  }

  #history(id: Id) {
    return this.parts.store.units({ subject: id }, 10_000)
  }

  #changed(granted: readonly Lease[]): void {
    this.#lookAt = Math.min(this.#lookAt, this.now() + LOOK_EVERY_MS, ...granted.map(({ expiresAt }) => expiresAt))
    for (const lease of granted) this.#waiters.tell(lease.id, lease)
    for (const listener of this.#listeners) listener()
  }
}
