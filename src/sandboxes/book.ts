/** The records of sandboxes: made, found, moved by their table, and seen as they are just now. */
import { existsSync } from 'node:fs'
import { repositoryRoot } from '../agencies/repository.ts'
import { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import type { Address } from '../model/names.ts'
import {
  freeSlug,
  type IsolationLevel,
  isAwake,
  moveSandbox,
  type Sandbox,
  type SandboxEvent,
  sessionOf,
  slugOf,
  type Trial,
} from '../model/sandbox.ts'
import { planSandbox } from '../model/sandboxPlan.ts'
import type { UnitDraft, UnitType } from '../model/unit.ts'
import { statusOf } from './control.ts'
import type { SandboxParts } from './parts.ts'
import { homeOf, placesOf, worktreeFolder } from './places.ts'
import { freePorts } from './ports.ts'
import { findCommit } from './worktree.ts'

export interface DeployOrder {
  readonly agency: string
  /** A commit, or a branch: what it stands at now. */
  readonly commit: string
  readonly branch?: string
  readonly title?: string
  readonly trial?: Trial
  /** Its program is not started, whatever the project has. */
  readonly withoutApp?: boolean
}

const MOST_LISTED = 1_000

export class SandboxBook {
  /** One hand at each sandbox. */
  readonly hands = new KeyedLock()

  constructor(private readonly parts: SandboxParts) {}

  async record(
    caller: Address,
    order: DeployOrder,
    isolation: { level: IsolationLevel; note?: string },
  ): Promise<Sandbox> {
    const { roster, git, workspace, clock, store } = this.parts
    const { definition } = roster.agency(order.agency)
    const repository = repositoryRoot(this.parts, definition)
    if (repository === undefined)
      throw new AgencyError('CONFLICT', `${order.agency} has no repository, so there is nothing to deploy`, {
        hint: `agency create ${order.agency} --repo .`,
      })
    const found = await findCommit(git, repository, order.commit)
    const branch = order.branch ?? found.branch
    const id = newId()
    const slug = await this.#freeSlug(branch ?? found.commit.slice(0, 10))
    const [app, mocks, database] = (await freePorts(3)) as [number, number, number]
    const now = clock.now()
    const sandbox: Sandbox = {
      ...{ id, slug, agency: order.agency, repository, commit: found.commit, by: caller },
      ...(branch === undefined ? {} : { branch }),
      ...(order.title === undefined ? {} : { title: order.title }),
      ...(order.trial === undefined ? {} : { trial: order.trial }),
      ...{ state: 'preparing', since: now, createdAt: now, place: 'testing', isolation: isolation.level },
      ...{
        folder: worktreeFolder(workspace, 'testing', slug),
        home: homeOf(workspace, id),
        session: sessionOf(order.agency, slug),
      },
      ports: { app, mocks, database },
      plan: planSandbox(definition.sandbox, { texts: {}, names: new Set() }),
      notes: isolation.note ? [isolation.note] : [],
    }
    await store.addSandbox(sandbox, this.unit(sandbox, 'decision', 'deploying'))
    return sandbox
  }

  async #freeSlug(name: string): Promise<string> {
    const taken = new Set((await this.open()).map(({ slug }) => slug))
    const isThere = (slug: string) =>
      (['testing', 'staging'] as const).some(place => existsSync(worktreeFolder(this.parts.workspace, place, slug)))
    return freeSlug(slugOf(name), candidate => taken.has(candidate) || isThere(candidate))
  }

  /** By id, short id, slug, or the beginning of its commit. */
  async find(named: string): Promise<Sandbox> {
    const found = await this.parts.store.findSandbox(named)
    if (found) return found
    throw new AgencyError('NOT_FOUND', `there is no sandbox ${JSON.stringify(named.slice(0, 80))}`, {
      hint: 'agency sandbox list',
    })
  }

  /** All that are not destroyed, as they are written down. */
  open(): Promise<readonly Sandbox[]> {
    return this.parts.store.sandboxes({ includeDestroyed: false, limit: MOST_LISTED })
  }

  /** Newest first, as they are just now. */
  async list(includeDestroyed: boolean): Promise<readonly Sandbox[]> {
    const all = await this.parts.store.sandboxes({ includeDestroyed, limit: MOST_LISTED })
    return Promise.all(all.map(sandbox => this.seen(sandbox)))
  }

  /** One whose warden is gone is down, whatever the record says. */
  async seen(sandbox: Sandbox): Promise<Sandbox> {
    if (!isAwake(sandbox) || this.hands.isHeld(sandbox.id)) return sandbox
    const { control } = placesOf(this.parts.workspace, sandbox).sockets
    if ((await statusOf(control)) !== undefined) return sandbox
    return this.move(sandbox, 'lost', { reason: 'its session or its warden is gone' }).catch(() =>
      this.find(sandbox.id),
    )
  }

  /** AgencyError('CONFLICT') when its state refuses it. */
  async move(sandbox: Sandbox, event: SandboxEvent, { reason, unit, ...change }: Moved = {}): Promise<Sandbox> {
    const moved = moveSandbox(sandbox, event, { now: this.parts.clock.now(), reason, ...change })
    if (!moved || !(await this.parts.store.changeSandbox(moved, sandbox.state, unit))) throw notUp(sandbox)
    return moved
  }

  unit({ id, agency, slug, commit, by }: Sandbox, type: UnitType, event: string, payload?: string): UnitDraft {
    const metadata = { sandbox: slug, commit, event }
    const at = this.parts.clock.now()
    return {
      ...{ id: newId(), context: agency, agent: by, type, at, subject: id, metadata },
      payload: payload ?? `sandbox ${slug}: ${event}`,
      relations: [],
    }
  }
}

type Moved = Partial<Pick<Sandbox, 'outcome' | 'notes'>> & {
  readonly reason?: string | undefined
  readonly unit?: UnitDraft | undefined
}

export function notUp({ slug, agency, state, reason, plan }: Sandbox): AgencyError {
  const hints: Partial<Record<Sandbox['state'], string>> = {
    testing: `agency sandbox logs ${slug} tests`,
    running: plan.test ? `agency sandbox test ${slug}` : `"sandbox": {"test": …} in agencies/${agency}/agency.json`,
  }
  return new AgencyError('CONFLICT', `the sandbox ${slug} is ${state}${reason ? ` (${reason})` : ''}`, {
    hint: hints[state] ?? `agency sandbox destroy ${slug}   and deploy it again`,
  })
}
