/** Sandboxes: a commit deployed where it can be tried, its tests run there, and everything of it taken away again. */
import { onlyPerson } from '../agencies/authority.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { Id } from '../kernel/ids.ts'
import type { Finding } from '../model/finding.ts'
import { type Address, agencyOf, HUMAN, SYSTEM } from '../model/names.ts'
import {
  isAwake,
  type Sandbox,
  type SandboxEvent,
  surplusPreviews,
  type TestOutcome,
  type Trial,
} from '../model/sandbox.ts'
import type { RunEnd } from '../model/warden.ts'
import { type DeployOrder, notUp, SandboxBook } from './book.ts'
import { runInside } from './control.ts'
import { deploy, destroy } from './deployment.ts'
import { sandboxFindings } from './findings.ts'
import { takeDown } from './launch.ts'
import { findLeftovers, type Leftovers, removeLeftovers } from './leftovers.ts'
import type { Progress, SandboxParts } from './parts.ts'
import { placesOf } from './places.ts'
import { readPlainFile } from './project.ts'
import { rest, stage, wake } from './staging.ts'
import { runTests, type TestOrder } from './testing.ts'

export const LOGS = ['app', 'tests', 'mocks', 'seed', 'setup'] as const
export type LogName = (typeof LOGS)[number]

const quiet: Progress = () => {}

export class Sandboxes {
  readonly #book: SandboxBook
  readonly #end = new AbortController()
  readonly #wokenAt = new Map<Id, number>()
  readonly #listeners = new Set<() => void>()

  constructor(private readonly parts: SandboxParts) {
    this.#book = new SandboxBook(parts)
  }

  /** Resolves when it is up. Throws when it cannot be, and then nothing of it is left. */
  deploy(caller: Address, order: DeployOrder, tell: Progress = quiet, signal?: AbortSignal): Promise<Sandbox> {
    mayUse(caller, order.agency, 'deploy')
    return deploy(this.parts, this.#book, { ...order, caller, tell, signal })
  }

  /** AgencyError('CONFLICT') when it is not up, is being tested, or its project has no tests and no command is given. */
  async runTests(named: string, signal: AbortSignal, order: TestOrder = {}): Promise<TestOutcome> {
    const { hands } = this.#book
    const before = await this.find(named)
    const command = order.command ?? before.plan.test
    if (!command)
      throw new AgencyError('CONFLICT', `no test command is known for ${before.slug}`, {
        hint: `"sandbox": {"test": …} in agencies/${before.agency}/agency.json`,
      })
    const sandbox = await hands.run(before.id, async () =>
      this.#book.move(await this.#wake(await this.find(before.id), quiet), 'test'),
    )
    const outcome = await runTests(this.parts, sandbox, { ...order, command }, signal)
    const event = eventOf(outcome, signal)
    const reason = outcome.ended
    const unit = this.#book.unit(sandbox, event === 'fail' ? 'error' : 'decision', `tests: ${event}`, reason)
    await hands.run(sandbox.id, async () => {
      const now = await this.find(sandbox.id)
      // Whoever destroys it in the middle of its tests has had the last word.
      if (now.state === 'testing') await this.#book.move(now, event, { reason, unit, outcome })
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
    mayUse(caller, (await this.find(named)).agency, 'test')
  }

  /** What has passed and waits for a person: the same commit, data and ports, under sandbox/staging. */
  async keepStaged(named: string, tell: Progress = quiet): Promise<Sandbox> {
    const staged = await this.#withHand(named, now => stage(this.parts, this.#book, now, tell))
    await this.#restSurplus()
    return staged
  }

  /** Told when the programs of one run again, maybe at another address. */
  onWake(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Its programs run again, when it rests. */
  async wake(named: string, tell: Progress = quiet): Promise<Sandbox> {
    const woken = await this.#withHand(named, now => this.#wake(now, tell))
    this.#wokenAt.set(woken.id, this.parts.clock.now())
    await this.#restSurplus()
    return woken
  }

  async #wake(sandbox: Sandbox, tell: Progress): Promise<Sandbox> {
    const woken = await wake(this.parts, sandbox, tell)
    if (woken !== sandbox) for (const listener of this.#listeners) listener()
    return woken
  }

  /** A queue of hundreds is no reason to run hundreds of programs. */
  async #restSurplus(): Promise<void> {
    const open = await this.#book.open()
    for (const id of this.#wokenAt.keys()) if (!open.some(sandbox => sandbox.id === id)) this.#wokenAt.delete(id)
    const awake = open.filter(sandbox => sandbox.place === 'staging' && isAwake(sandbox))
    for (const id of surplusPreviews(awake, this.#wokenAt)) await this.#withHand(id, now => rest(this.parts, now))
  }

  /** Ends what runs of each, and deletes nothing: for `agency down`. Tests that run are broken off. */
  async restAll(): Promise<void> {
    for (const { id } of (await this.#book.open()).filter(isAwake))
      await this.#withHand(id, now => (isAwake(now) ? rest(this.parts, now) : Promise.resolve(now))).catch(error =>
        this.parts.log.warn({ err: error, sandbox: id }, 'a sandbox could not be put to rest'),
      )
  }

  /** For the person, and for the agency itself while it is not what a person is to decide on. */
  async destroy(caller: Address, named: string): Promise<Sandbox> {
    const { id, agency, place } = await this.find(named)
    if (place === 'staging' && caller !== SYSTEM) onlyPerson(caller, 'destroy what waits for a decision')
    mayUse(caller, agency, 'destroy')
    // A test that runs ends with it.
    const sandbox = await this.find(id)
    if (sandbox.state === 'testing') await takeDown(this.parts, sandbox)
    return this.#withHand(id, now => destroy(this.parts, this.#book, now, undefined))
  }

  /** By id, short id, slug, or the beginning of its commit. */
  find(named: string): Promise<Sandbox> {
    return this.#book.find(named)
  }

  /** As it is just now. */
  async look(named: string): Promise<Sandbox> {
    return this.#book.seen(await this.find(named))
  }

  /** Newest first, as they are just now. */
  list({ includeDestroyed = false }: { includeDestroyed?: boolean } = {}): Promise<readonly Sandbox[]> {
    return this.#book.list(includeDestroyed)
  }

  /** All that are there for the trial of this submission. */
  async ofTrial(submission: string, use?: Trial['use']): Promise<readonly Sandbox[]> {
    const open = await this.#book.open()
    return open.filter(({ trial }) => trial?.submission === submission && (use === undefined || trial.use === use))
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
    onlyPerson(caller, 'run a command in a sandbox')
    const sandbox = await this.look((await this.wake(named)).id)
    if (!isAwake(sandbox)) throw notUp(sandbox)
    return runInside(placesOf(this.parts.workspace, sandbox).sockets.control, order, options)
  }

  /** What a crash has left is taken away; what lives on is known again. */
  async recover(): Promise<void> {
    const reason = 'the daemon ended during its tests'
    for (const sandbox of await this.#book.open())
      if (sandbox.state === 'testing') await this.#book.move(sandbox, 'interrupt', { reason })
    // Nobody waits for it: what is half done is nobody's yet.
    void this.removeLeftovers(SYSTEM).catch(error =>
      this.parts.log.error({ err: error }, 'leftovers of sandboxes could not be removed'),
    )
  }

  leftovers(): Promise<Leftovers> {
    return findLeftovers(this.parts, id => this.#book.hands.isHeld(id))
  }

  async removeLeftovers(caller: Address): Promise<Leftovers> {
    if (caller !== SYSTEM) onlyPerson(caller, 'remove leftovers of sandboxes')
    const found = await this.leftovers()
    const why = 'the daemon ended in the middle of it'
    for (const { id } of found.halfDone) await this.#withHand(id, now => destroy(this.parts, this.#book, now, why))
    await removeLeftovers(this.parts, found)
    return found
  }

  /** What doctor says of them. */
  async findings(): Promise<readonly Finding[]> {
    return sandboxFindings(await this.list(), await this.leftovers())
  }

  /** As it is once nobody else is at it. */
  async #withHand(named: string, work: (now: Sandbox) => Promise<Sandbox>): Promise<Sandbox> {
    const { id } = await this.find(named)
    return this.#book.hands.run(id, async () => work(await this.find(id)))
  }
}

function eventOf({ status, isLost }: TestOutcome, { aborted }: AbortSignal): SandboxEvent {
  if (aborted) return 'interrupt'
  if (isLost) return 'lost'
  return status === 0 ? 'pass' : 'fail'
}

function mayUse(caller: Address, agency: string, what: string): void {
  if (caller === SYSTEM || caller === HUMAN || agencyOf(caller) === agency) return
  onlyPerson(caller, `${what} a sandbox of ${agency}`)
}
