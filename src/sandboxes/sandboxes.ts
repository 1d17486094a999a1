/** Sandboxes: a commit deployed where it can be tried, its tests run there, and everything of it taken away again. */
import { existsSync } from 'node:fs'
import { onlyPerson } from '../agencies/authority.ts'
import { repositoryRoot } from '../agencies/repository.ts'
import { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import { wantsWall } from '../model/definition.ts'
import type { Finding } from '../model/finding.ts'
import { type Address, agencyOf, HUMAN, SYSTEM } from '../model/names.ts'
import {
  freeSlug,
  isUp,
  moveSandbox,
  type Sandbox,
  type SandboxEvent,
  sessionOf,
  slugOf,
  type TestOutcome,
} from '../model/sandbox.ts'
import { planSandbox } from '../model/sandboxPlan.ts'
import type { UnitDraft, UnitType } from '../model/unit.ts'
import type { RunEnd } from '../model/warden.ts'
import { whyNoWall } from '../walls/grounds.ts'
import { runInside, statusOf } from './control.ts'
import { chooseIsolation } from './isolation.ts'
import { launch, relaunch, takeDown } from './launch.ts'
import { findLeftovers, type Leftovers, removeLeftovers } from './leftovers.ts'
import type { Progress, SandboxParts } from './parts.ts'
import { homeOf, placesOf, worktreeFolder } from './places.ts'
import { freePorts } from './ports.ts'
import { databaseServer, prepare } from './prepare.ts'
import { readPlainFile } from './project.ts'
import { remove } from './removal.ts'
import { runTests } from './testing.ts'
import { findCommit, moveWorktree } from './worktree.ts'

export interface DeployOrder {
  readonly agency: string
  /** A commit, or a branch: what it stands at now. */
  readonly commit: string
  readonly branch?: string
  readonly title?: string
}

export const LOGS = ['app', 'tests', 'mocks', 'seed', 'setup'] as const
export type LogName = (typeof LOGS)[number]

const MOST_LISTED = 1_000
const quiet: Progress = () => {}

export class Sandboxes {
  readonly #hands = new KeyedLock()
  readonly #end = new AbortController()

  constructor(private readonly parts: SandboxParts) {}

  /** Resolves when it is up. Throws when it cannot be, and then nothing of it is left. */
  async deploy(caller: Address, order: DeployOrder, tell: Progress = quiet, signal?: AbortSignal): Promise<Sandbox> {
    this.#mayUse(caller, order.agency, 'deploy')
    const { definition } = this.parts.roster.agency(order.agency)
    databaseServer(this.parts, definition)
    const isolation = await chooseIsolation(
      definition.sandbox?.isolation ?? (wantsWall(definition) ? 'bubblewrap' : undefined),
    )
    if (isolation.note) tell(isolation.note)
    const recorded = await this.#hands.run('new', () => this.#record(caller, order, isolation))
    return this.#hands.run(recorded.id, async () => {
      this.parts.crashAt('sandbox-recorded')
      let sandbox = recorded
      try {
        const prepared = await prepare(this.parts, definition, sandbox, tell, signal)
        sandbox = await this.#move(prepared.sandbox, 'prepared')
        await launch(this.parts, sandbox, prepared.launch, tell, signal)
        if (signal?.aborted) throw new AgencyError('CONFLICT', `the deployment of ${sandbox.slug} was called off`)
        return await this.#move(sandbox, 'up', undefined, this.#unit(sandbox, 'decision', 'deployed'))
      } catch (error) {
        const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
        tell('that did not work: taking it away again')
        await this.#destroy(await this.#current(sandbox), why)
        throw error
      }
    })
  }

  /** AgencyError('CONFLICT') when it is not up, is being tested, or its project has no tests. */
  async runTests(named: string, signal: AbortSignal): Promise<TestOutcome> {
    const before = await this.find(named)
    const { test } = before.plan
    if (!test)
      throw new AgencyError('CONFLICT', `no test command is known for ${before.slug}`, {
        hint: `"sandbox": {"test": …} in agencies/${before.agency}/agency.json`,
      })
    const sandbox = await this.#hands.run(before.id, async () => this.#move(await this.#current(before), 'test'))
    const outcome = await runTests(this.parts, sandbox, test, signal)
    const event = signal.aborted ? 'interrupt' : outcome.status === 0 ? 'pass' : 'fail'
    const unit = this.#unit(sandbox, event === 'fail' ? 'error' : 'decision', `tests: ${event}`, outcome.ended)
    await this.#hands.run(sandbox.id, async () => {
      const now = await this.#current(sandbox)
      // Whoever destroys it in the middle of its tests has had the last word.
      if (now.state === 'testing') await this.#move(now, event, outcome.ended, unit, { outcome })
    })
    return outcome
  }

  /** In the background, until the daemon ends: their outcome is in the record. */
  startTests(named: string): void {
    this.runTests(named, this.#end.signal).catch(error =>
      this.parts.log.warn({ err: error, sandbox: named }, 'the tests of a sandbox could not be run'),
    )
  }

  async mayTest(caller: Address, named: string): Promise<void> {
    this.#mayUse(caller, (await this.find(named)).agency, 'test')
  }

  /** What has passed and waits for a person: the same commit, data and ports, under sandbox/staging. */
  async keepStaged(named: string, tell: Progress = quiet): Promise<Sandbox> {
    const { id } = await this.find(named)
    return this.#hands.run(id, async () => {
      const before = await this.#current({ id })
      if (before.place === 'staging') return before
      if (before.state !== 'passed' && (before.plan.test || before.state !== 'running')) throw notUp(before)
      const folder = worktreeFolder(this.parts.workspace, 'staging', before.slug)
      await takeDown(this.parts, before)
      await moveWorktree(this.parts.git, before.repository, {
        from: before.folder,
        to: folder,
        umask: this.parts.umask,
      })
      const after: Sandbox = { ...before, folder, place: 'staging' }
      await this.parts.store.changeSandbox(after, before.state, this.#unit(after, 'decision', 'staged'))
      await relaunch(this.parts, before, after, tell)
      return after
    })
  }

  /** For the person, and for the agency itself while it is not what a person is to decide on. */
  async destroy(caller: Address, named: string): Promise<Sandbox> {
    const { id, agency, place } = await this.find(named)
    if (place === 'staging' && caller !== SYSTEM) onlyPerson(caller, 'destroy what waits for a decision')
    this.#mayUse(caller, agency, 'destroy')
    // A test that runs ends with it.
    const sandbox = await this.#current({ id })
    if (sandbox.state === 'testing') await takeDown(this.parts, sandbox)
    return this.#hands.run(id, async () => this.#destroy(await this.#current({ id }), undefined))
  }

  /** By id, short id, slug, or the beginning of its commit. */
  async find(named: string): Promise<Sandbox> {
    const found = await this.parts.store.findSandbox(named)
    if (found) return found
    throw new AgencyError('NOT_FOUND', `there is no sandbox ${JSON.stringify(named.slice(0, 80))}`, {
      hint: 'agency sandbox list',
    })
  }

  /** As it is just now. */
  async look(named: string): Promise<Sandbox> {
    return this.#seen(await this.find(named))
  }

  /** Newest first, as they are just now. */
  async list(options: { includeDestroyed?: boolean } = {}): Promise<readonly Sandbox[]> {
    const { includeDestroyed = false } = options
    const all = await this.parts.store.sandboxes({ includeDestroyed, limit: MOST_LISTED })
    return Promise.all(all.map(sandbox => this.#seen(sandbox)))
  }

  /** The end of a log; empty when there is none yet. */
  async log(named: string, name: LogName, bytes: number): Promise<string> {
    const { home } = await this.find(named)
    return (await readPlainFile(home, `logs/${name}.log`, bytes)) ?? ''
  }

  /** Runs one command where its programs run. */
  async exec(
    caller: Address,
    named: string,
    order: { argv: readonly string[]; timeoutMs: number },
    options: { out: (chunk: Buffer) => void; signal: AbortSignal },
  ): Promise<RunEnd> {
    const sandbox = await this.#seen(await this.find(named))
    onlyPerson(caller, 'run a command in a sandbox')
    if (!isUp(sandbox)) throw notUp(sandbox)
    return runInside(placesOf(this.parts.workspace, sandbox).sockets.control, order, options)
  }

  /** What a crash has left is taken away; what lives on is known again. */
  async recover(): Promise<void> {
    for (const sandbox of await this.parts.store.sandboxes({ includeDestroyed: false, limit: MOST_LISTED }))
      if (sandbox.state === 'testing') await this.#move(sandbox, 'interrupt', 'the daemon ended during its tests')
    // Nobody waits for it: what is half done is nobody's yet.
    void this.removeLeftovers(SYSTEM).catch(error =>
      this.parts.log.error({ err: error }, 'leftovers of sandboxes could not be removed'),
    )
  }

  leftovers(): Promise<Leftovers> {
    return findLeftovers(this.parts, id => this.#hands.isHeld(id))
  }

  async removeLeftovers(caller: Address): Promise<Leftovers> {
    if (caller !== SYSTEM) onlyPerson(caller, 'remove leftovers of sandboxes')
    const found = await this.leftovers()
    for (const sandbox of found.halfDone)
      await this.#hands.run(sandbox.id, async () => {
        const now = await this.#current(sandbox)
        if (now.state !== 'destroyed') await this.#destroy(now, 'the daemon ended in the middle of it')
      })
    await removeLeftovers(this.parts, found)
    return found
  }

  /** What doctor says of them: how far they are isolated, and what is left lying. */
  async findings(): Promise<readonly Finding[]> {
    const why = await whyNoWall()
    const level: Finding = why
      ? { level: 'warn', what: `sandboxes are not isolated: ${why}`, hint: 'apt-get install bubblewrap' }
      : { level: 'ok', what: 'sandboxes are isolated (bubblewrap: their own loopback, no home, no registry, no tmux)' }
    const { halfDone, homes, sessions, folders } = await this.leftovers()
    const left = halfDone.length + homes.length + sessions.length
    const open = (await this.list()).filter(({ isolation }) => isolation === 'none' && !why)
    return [
      level,
      ...open.map(
        (sandbox): Finding => ({ level: 'warn', what: `the sandbox ${sandbox.slug} runs without isolation` }),
      ),
      ...(left > 0
        ? [
            {
              level: 'warn' as const,
              what: `${left} leftovers of sandboxes`,
              hint: 'agency sandbox destroy --leftovers',
            },
          ]
        : []),
      ...folders.map(
        (folder): Finding => ({
          level: 'warn',
          what: `${folder} belongs to no sandbox that is known`,
          hint: `ls ${folder}`,
        }),
      ),
    ]
  }

  async #record(
    caller: Address,
    order: DeployOrder,
    isolation: Awaited<ReturnType<typeof chooseIsolation>>,
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
    const taken = new Set(
      (await store.sandboxes({ includeDestroyed: false, limit: MOST_LISTED })).map(({ slug }) => slug),
    )
    const isThere = (slug: string) =>
      (['testing', 'staging'] as const).some(place => existsSync(worktreeFolder(workspace, place, slug)))
    const slug = freeSlug(
      slugOf(branch ?? found.commit.slice(0, 10)),
      candidate => taken.has(candidate) || isThere(candidate),
    )
    const [app, mocks, database] = (await freePorts(3)) as [number, number, number]
    const now = clock.now()
    const sandbox: Sandbox = {
      ...{ id, slug, agency: order.agency, repository, commit: found.commit, by: caller },
      ...(branch === undefined ? {} : { branch }),
      ...(order.title === undefined ? {} : { title: order.title }),
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
    await store.addSandbox(sandbox, this.#unit(sandbox, 'decision', 'deploying'))
    return sandbox
  }

  async #destroy(before: Sandbox, why: string | undefined): Promise<Sandbox> {
    if (before.state === 'destroyed') return before
    const sandbox = await this.#move(before, 'destroy', why)
    this.parts.crashAt('sandbox-destroying')
    const notes = await remove(this.parts, sandbox)
    return this.#move(sandbox, 'gone', why, this.#unit(sandbox, 'decision', 'destroyed', why), {
      notes: [...sandbox.notes, ...notes],
    })
  }

  async #move(
    sandbox: Sandbox,
    event: SandboxEvent,
    reason?: string,
    unit?: UnitDraft,
    change: Partial<Pick<Sandbox, 'outcome' | 'notes'>> = {},
  ): Promise<Sandbox> {
    const moved = moveSandbox(sandbox, event, { now: this.parts.clock.now(), reason, ...change })
    if (!moved || !(await this.parts.store.changeSandbox(moved, sandbox.state, unit))) throw notUp(sandbox)
    return moved
  }

  async #current({ id }: Pick<Sandbox, 'id'>): Promise<Sandbox> {
    return this.find(id)
  }

  /** One whose warden is gone is down, whatever the record says. */
  async #seen(sandbox: Sandbox): Promise<Sandbox> {
    if (!isUp(sandbox) || this.#hands.isHeld(sandbox.id)) return sandbox
    const { control } = placesOf(this.parts.workspace, sandbox).sockets
    if ((await statusOf(control)) !== undefined) return sandbox
    return this.#move(sandbox, 'lost', 'its session or its warden is gone').catch(() => this.#current(sandbox))
  }

  #mayUse(caller: Address, agency: string, what: string): void {
    if (caller === SYSTEM || caller === HUMAN || agencyOf(caller) === agency) return
    onlyPerson(caller, `${what} a sandbox of ${agency}`)
  }

  #unit({ id, agency, slug, commit, by }: Sandbox, type: UnitType, event: string, payload?: string): UnitDraft {
    const metadata = { sandbox: slug, commit, event }
    const at = this.parts.clock.now()
    return {
      id: newId(),
      context: agency,
      agent: by,
      type,
      at,
      subject: id,
      metadata,
      payload: payload ?? `sandbox ${slug}: ${event}`,
      relations: [],
    }
  }
}

function notUp({ slug, state, reason }: Sandbox): AgencyError {
  return new AgencyError('CONFLICT', `the sandbox ${slug} is ${state}${reason ? ` (${reason})` : ''}`, {
    hint:
      state === 'testing'
        ? `agency sandbox logs ${slug} tests`
        : `agency sandbox destroy ${slug}   and deploy it again`,
  })
}
