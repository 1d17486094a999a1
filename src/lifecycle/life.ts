/** The life of agencies and agents as the person orders it: create, start, stop, restart, remove, up, down. */
import { onlyPerson } from '../agencies/authority.ts'
import { installHooks } from '../agencies/gitHooks.ts'
import { type Address, splitAddress } from '../model/names.ts'
import { type Created, type CreateRequest, createAgency } from './create.ts'
import type { LifecycleParts, Progress } from './parts.ts'
import { type Removed, removeAgency } from './remove.ts'

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
  async start(caller: Address, target: string, progress: Progress): Promise<void> {
    const { starter } = this.parts
    const one = this.#lifeTarget(caller, target, 'start')
    progress(`starting ${target}`)
    await this.#renewHooks(one.agency)
    if (one.agent) return starter.startAgent(one.agent)
    await this.#wishAll(one.agency)
    await starter.startAgency(one.agency)
    await starter.whenRunning(one.agency, 10_000)
  }

  async stop(caller: Address, target: string, progress: Progress): Promise<void> {
    const { starter } = this.parts
    const one = this.#lifeTarget(caller, target, 'stop')
    progress(`stopping ${target}`)
    if (one.agent) await starter.stopAgent(one.agent)
    else await starter.stopAgency(one.agency)
  }

  async restart(caller: Address, target: string, progress: Progress): Promise<void> {
    const one = this.#lifeTarget(caller, target, 'restart')
    if (one.agent) return this.parts.starter.restartAgent(one.agent)
    await this.stop(caller, target, progress)
    await this.start(caller, target, progress)
  }

  /** Everything that the files say should run, runs. */
  async up(caller: Address, target: string | undefined, progress: Progress): Promise<readonly string[]> {
    const names =
      target === undefined ? [...this.parts.roster.agencies.keys()] : [this.#lifeTarget(caller, target, 'start').agency]
    const failures: unknown[] = []
    for (const name of names) await this.start(caller, name, progress).catch(error => failures.push(error))
    // One agency that cannot start must not keep the others down.
    if (failures.length > 0) throw failures[0]
    return names
  }

  async down(caller: Address, progress: Progress): Promise<readonly string[]> {
    onlyPerson(caller, 'take the workspace down')
    const running = [...this.parts.roster.agencies.values()]
      .filter(agency => agency.desired === 'running')
      .map(agency => agency.name)
    for (const name of running) await this.stop(caller, name, progress)
    await this.parts.starter.leaveTerminal()
    return running
  }

  #lifeTarget(caller: Address, target: string, verb: string): { agency: string; agent: Address | undefined } {
    onlyPerson(caller, `${verb} ${target}`)
    const parts = splitAddress(target)
    if (!parts) return { agency: this.parts.roster.agency(target).record.name, agent: undefined }
    return { agency: parts.agency, agent: this.parts.roster.resolve(target) }
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
