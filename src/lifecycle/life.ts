/** The life of agencies and agents as the person orders it: create, start, stop, pause, resume, restart, drain, remove, up, down. */
import { onlyPerson, personOrCoordinator } from '../agencies/authority.ts'
import { installHooks } from '../agencies/gitHooks.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { Hold } from '../model/agent.ts'
import { findHold, holdsOf, keepsDown, mayLift, sayHold } from '../model/holds.ts'
import { type Address, splitAddress } from '../model/names.ts'
import { type Created, type CreateRequest, createAgency } from './create.ts'
import type { LifecycleParts, Progress } from './parts.ts'
import { reconcileAgency } from './reconcile.ts'
import { type Removed, removeAgency } from './remove.ts'
import { hold, lift, resume, type Tended } from './tending.ts'

interface Target {
  readonly agency: string
  /** Undefined: all of its agents. */
  readonly agent: Address | undefined
}

export interface LifeOptions {
  readonly why: string
  readonly progress: Progress
}

export class Life {
  constructor(private readonly parts: LifecycleParts) {}

  create(caller: Address, request: CreateRequest, progress: Progress): Promise<Created> {
    onlyPerson(caller, 'create an agency')
    return this.parts.changes.run(request.name, () => createAgency(this.parts, request, progress))
  }

  remove(caller: Address, name: string, progress: Progress): Promise<Removed> {
    onlyPerson(caller, 'remove an agency')
    return this.parts.changes.run(name, () => removeAgency(this.parts, name, progress))
  }

  /** `target` is an agency or one agent. */
  async start(caller: Address, target: string, { why, progress }: LifeOptions): Promise<void> {
    const one = this.#target(target)
    onlyPerson(caller, `start ${target}`)
    await this.#start(caller, one, { why, progress })
  }

  async stop(caller: Address, target: string, { why, progress }: LifeOptions): Promise<void> {
    const { starter } = this.parts
    const one = this.#target(target)
    onlyPerson(caller, `stop ${target}`)
    progress(`stopping ${target}`)
    await this.#record(caller, one, 'stop', why)
    if (one.agent) await starter.stopAgent(one.agent)
    else await starter.stopAgency(one.agency)
  }

  /** Clears a quarantine, and what one start of the program had used up. A pause goes on. */
  async restart(caller: Address, target: string, { why, progress }: LifeOptions): Promise<void> {
    const { starter, roster } = this.parts
    const one = this.#target(target)
    personOrCoordinator(roster, caller, one, `restart ${target}`)
    for (const agent of this.#agentsOf(one)) this.#refuseToOverrule(caller, agent)
    progress(`stopping ${target}`)
    if (one.agent) await starter.stopAgent(one.agent)
    else await starter.stopAgency(one.agency)
    await this.#start(caller, one, { why, progress })
  }

  /** Nothing new is handed over; the program goes on living. Stays through restarts of the agent and of the daemon. */
  async pause(caller: Address, target: string, { why }: LifeOptions): Promise<readonly Tended[]> {
    const one = this.#target(target)
    personOrCoordinator(this.parts.roster, caller, one, `pause ${target}`)
    return this.#each(one, agent => hold(this.parts, agent, 'paused', { caller, why }))
  }

  async resume(caller: Address, target: string, { why }: LifeOptions): Promise<readonly Tended[]> {
    const { roster, clock } = this.parts
    const one = this.#target(target)
    personOrCoordinator(roster, caller, one, `resume ${target}`)
    const tended = await this.#each(one, agent => resume(this.parts, agent, { caller, why }))
    const { record } = roster.agency(one.agency)
    if (!one.agent && record.isDraining)
      await roster.saveAgency({ ...record, isDraining: false }, 'resume', clock.now())
    return tended
  }

  /** Each finishes what it is doing, is handed nothing new, and is then stopped. */
  async drain(caller: Address, target: string, { why }: LifeOptions): Promise<readonly Tended[]> {
    const { roster, clock } = this.parts
    const one = this.#target(target)
    personOrCoordinator(roster, caller, one, `drain ${target}`)
    const running = this.#agentsOf(one).filter(agent => roster.agent(agent).desired === 'running')
    const { record } = roster.agency(one.agency)
    if (!one.agent && record.desired === 'running' && running.length > 0)
      await roster.saveAgency({ ...record, isDraining: true }, 'drain', clock.now())
    const tended: Tended[] = []
    for (const agent of running) tended.push(await hold(this.parts, agent, 'draining', { caller, why }))
    return tended
  }

  /** Everything that the files say should run, runs. */
  async up(caller: Address, target: string | undefined, progress: Progress): Promise<readonly string[]> {
    onlyPerson(caller, target === undefined ? 'bring the workspace up' : `start ${target}`)
    const names = target === undefined ? [...this.parts.roster.agencies.keys()] : [this.#target(target).agency]
    const failures: unknown[] = []
    for (const name of names) await this.start(caller, name, { why: '', progress }).catch(error => failures.push(error))
    // One agency that cannot start must not keep the others down.
    if (failures.length > 0) throw failures[0]
    return names
  }

  /** `others`: ends whatever else runs in the workspace's terminal, before it is left. */
  async down(caller: Address, progress: Progress, others: () => Promise<void>): Promise<readonly string[]> {
    onlyPerson(caller, 'take the workspace down')
    const running = [...this.parts.roster.agencies.values()]
      .filter(agency => agency.desired === 'running')
      .map(agency => agency.name)
    for (const name of running) await this.stop(caller, name, { why: '', progress })
    await others()
    await this.parts.starter.leaveTerminal()
    return running
  }

  async #start(caller: Address, one: Target, { why, progress }: LifeOptions): Promise<void> {
    const { starter } = this.parts
    progress(`starting ${one.agent ?? one.agency}`)
    const isLifted = (entry: Hold) => keepsDown(entry) || entry.kind === 'draining'
    for (const agent of this.#agentsOf(one))
      await lift(this.parts, agent, isLifted, { caller, why: why || 'started again' })
    await this.#record(caller, one, 'start', why)
    // Edited a moment ago, its definition may not have been read yet; a bad one leaves it as it was.
    await this.parts.changes.run(one.agency, () => reconcileAgency(this.parts, one.agency))
    await this.#renewHooks(one.agency)
    if (one.agent) return starter.startAgent(one.agent)
    await this.#wishAll(one.agency)
    await starter.startAgency(one.agency)
    await starter.whenRunning(one.agency, 10_000)
  }

  #target(target: string): Target {
    const parts = splitAddress(target)
    if (!parts) return { agency: this.parts.roster.agency(target).record.name, agent: undefined }
    return { agency: parts.agency, agent: this.parts.roster.resolve(target) }
  }

  #agentsOf({ agency, agent }: Target): readonly Address[] {
    return agent ? [agent] : this.parts.roster.agentsOf(agency).map(({ address }) => address)
  }

  async #each(one: Target, tend: (agent: Address) => Promise<Tended>): Promise<readonly Tended[]> {
    const tended: Tended[] = []
    for (const agent of this.#agentsOf(one)) tended.push(await tend(agent))
    return tended
  }

  /** A coordinator's restart must not be a way around a limit, or around a drain that the person has asked for. */
  #refuseToOverrule(caller: Address, agent: Address): void {
    const record = this.parts.roster.agent(agent)
    const draining = findHold(record, 'draining')
    const kept = holdsOf(record).find(
      entry => !mayLift(entry, caller) && (entry === draining || (entry.kind === 'limit' && keepsDown(entry))),
    )
    if (!kept) return
    throw new AgencyError('NOT_ALLOWED', `${caller} may not restart ${agent}, which is ${sayHold(kept)}`, {
      hint: '"$AGENCY_BIN" send human "…" asks for it',
    })
  }

  /** Who has asked for it, and why. */
  async #record(caller: Address, one: Target, what: string, why: string): Promise<void> {
    const subject = one.agent ?? one.agency
    const payload = `${what} ${subject}${why ? `: ${why}` : ''}`
    await this.parts.roster.note({
      ...{ context: one.agency, agent: caller, type: 'decision', at: this.parts.clock.now(), subject, payload },
      metadata: { what, why },
    })
  }

  /** Worktrees may have been made before there were hooks, or by another place of this package. */
  async #renewHooks(agency: string): Promise<void> {
    for (const { branch, workdir } of this.parts.roster.agentsOf(agency))
      if (branch !== undefined) await installHooks(this.parts, workdir)
  }

  async #wishAll(agency: string): Promise<void> {
    for (const agent of this.parts.roster.agentsOf(agency))
      if (agent.desired === 'stopped') await this.parts.roster.saveAgent({ ...agent, desired: 'running' })
  }
}
