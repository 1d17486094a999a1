/** Locks without a store: every lock is looked at for every question. What the real one does must be the same. */
import { expect } from 'vitest'
import type { Id } from '../../src/kernel/ids.ts'
import {
  type Asked,
  type Blocker,
  blockersOf,
  conflicts,
  decide,
  type Lease,
  type Lock,
  type LockMode,
  type Wait,
} from '../../src/model/lock.ts'
import { canonicalSet, overlap, type Resource } from '../../src/model/resource.ts'

export const OWNERS = ['Code/a', 'Code/b', 'Code/c', 'human'] as const
const space = 'git:/repo/.git'
export const PLACES: readonly Resource[] = [
  { space, kind: 'file', path: 'src/a.ts' },
  { space, kind: 'file', path: 'src/b.ts' },
  { space, kind: 'file', path: 'src/new' },
  { space, kind: 'file', path: 'src/new/x' },
  { space, kind: 'directory', path: 'src/' },
  { space, kind: 'directory', path: 'test/' },
  { space, kind: 'glob', path: 'src/*.ts' },
  { space, kind: 'glob', path: '**/*.md' },
  { space, kind: 'file', path: 'test/x.md' },
  { space: 'name', kind: 'name', path: 'deploy' },
  { space: 'name', kind: 'name', path: 'release' },
]

export interface Ask {
  readonly owner: number
  readonly mode: LockMode
  readonly places: readonly number[]
  readonly ttlMs: number
  readonly waitMs: number
}

export function asked({ owner, mode, places, ttlMs }: Ask): Asked {
  const resources = canonicalSet(places.map(place => PLACES[place]!))
  return { owner: OWNERS[owner]!, mode, resources, ttlMs, why: undefined }
}

export class World {
  locks: Lock[] = []
  now = 1_800_000_000_000
  #made = 0
  #fence = 0
  readonly #fences: number[] = []

  ask(ask: Ask): { kind: string; lock?: Lock } {
    this.#endDue()
    const wanted = asked(ask)
    const decision = decide(wanted, { mayWait: ask.waitMs > 0 }, this.#on(wanted.resources), owner =>
      this.#waitsOf(owner),
    )
    const id = `lock-${++this.#made}` as Id
    if (decision.kind === 'grant') {
      const expiresAt = this.now + ask.ttlMs
      const lease: Lease = {
        ...wanted,
        id,
        seq: this.#made,
        state: 'held',
        since: this.now,
        expiresAt,
        fence: this.#next(),
      }
      this.locks.push(lease)
      return { kind: 'granted', lock: lease }
    }
    if (decision.kind === 'wait') {
      const waitUntil = this.now + ask.waitMs
      const wait: Wait = { ...wanted, id, seq: this.#made, state: 'waiting', since: this.now, waitUntil }
      this.locks.push(wait)
      return { kind: 'waiting', lock: wait }
    }
    if (decision.kind !== 'again') return { kind: decision.kind }
    const { lease, mode } = decision
    const longer = { ...lease, mode, expiresAt: Math.max(lease.expiresAt, this.now + ask.ttlMs) }
    this.#replace(longer)
    return { kind: 'granted', lock: longer }
  }

  end(lock: Lock): void {
    this.#endDue()
    if (!this.locks.some(({ id }) => id === lock.id)) return
    this.locks = this.locks.filter(({ id }) => id !== lock.id)
    this.#letThrough()
  }

  extend(lock: Lock, ttlMs: number): void {
    this.#endDue()
    const known = this.locks.find(({ id }) => id === lock.id)
    if (known?.state === 'held') this.#replace({ ...known, expiresAt: Math.max(known.expiresAt, this.now + ttlMs) })
  }

  sweep(): void {
    this.#endDue()
  }

  open(): readonly Lock[] {
    return this.locks.filter(lock => (lock.state === 'held' ? lock.expiresAt : lock.waitUntil) > this.now)
  }

  /** One at a time in the order in which they are over, as the store does it. */
  #endDue(): void {
    const until = (lock: Lock) => (lock.state === 'held' ? lock.expiresAt : lock.waitUntil)
    const due = this.locks.filter(lock => until(lock) <= this.now)
    this.locks = this.locks.filter(lock => !due.includes(lock))
    if (due.length > 0) this.#letThrough()
  }

  #letThrough(): void {
    for (const wait of this.locks) {
      if (wait.state !== 'waiting' || blockersOf(wait, this.#on(wait.resources)).length > 0) continue
      const { waitUntil: _, ...rest } = wait
      this.#replace({ ...rest, state: 'held', since: this.now, expiresAt: this.now + wait.ttlMs, fence: this.#next() })
    }
  }

  #next(): number {
    this.#fences.push(++this.#fence)
    return this.#fence
  }

  #replace(lock: Lock): void {
    this.locks = this.locks.map(each => (each.id === lock.id ? lock : each))
  }

  #on(resources: readonly Resource[]): Blocker[] {
    return this.locks.flatMap(lock => {
      const on = resources.find(resource => lock.resources.some(other => overlap(resource, other)))
      return on ? [{ lock, on }] : []
    })
  }

  #waitsOf(owner: string): Blocker[] {
    return this.locks
      .filter(lock => lock.state === 'waiting' && lock.owner === owner)
      .flatMap(lock => blockersOf(lock, this.#on(lock.resources)))
  }

  /** Invariants 44 to 49 of src/model/README.md. */
  check(): void {
    const held = this.locks.filter(lock => lock.state === 'held')
    for (const one of held)
      for (const other of held)
        if (conflicts(one, other)) expect(one.resources.some(a => other.resources.some(b => overlap(a, b)))).toBe(false)
    expect([...this.#fences].sort((a, b) => a - b)).toEqual(this.#fences)
    expect(new Set(this.#fences).size).toBe(this.#fences.length)
    for (const lock of this.locks)
      if (lock.state === 'waiting')
        expect(blockersOf(lock, this.#on(lock.resources)), 'a wait without a cause').not.toEqual([])
    for (const owner of OWNERS) expect(this.#reach(owner), `${owner} waits for itself`).not.toContain(owner)
  }

  #reach(owner: string): Set<string> {
    const seen = new Set<string>()
    const open = [owner]
    while (open.length > 0)
      for (const { lock } of this.#waitsOf(open.pop()!))
        if (!seen.has(lock.owner)) {
          seen.add(lock.owner)
          open.push(lock.owner)
        }
    return seen
  }
}
