/** The open connections to programs that take prompts without typing: one for each start of a program. */
import type { Roster } from '../agencies/roster.ts'
import type { Driver, Drivers, Link } from '../drivers/driver.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { AgentRecord } from '../model/agent.ts'

export interface LinksParts {
  readonly roster: Roster
  readonly drivers: Drivers
  readonly log: Log
  readonly runFolder: (address: string) => string
}

interface Open {
  readonly instance: number
  readonly end: AbortController
  readonly link: Promise<Link>
}

export class Links {
  readonly #open = new Map<string, Open>()
  #emit: (address: string, event: string, payload: unknown) => void = () => undefined

  constructor(private readonly parts: LinksParts) {}

  /** Where events of the programs go. */
  onEvent(emit: (address: string, event: string, payload: unknown) => void): void {
    this.#emit = emit
  }

  /** Opens what a started program needs, so that its events are heard before anything is said to it. */
  async tend(address: string): Promise<void> {
    const agent = this.parts.roster.agents.get(address)
    const open = this.#open.get(address)
    if (open && (agent?.instance !== open.instance || agent.pid === undefined)) await this.#close(address)
    if (!agent || agent.pid === undefined || agent.state === 'dead') return
    const driver = await this.parts.drivers.get(agent.driver)
    if (driver.connect) await this.of(agent, driver)
  }

  /** AgencyError('ENVIRONMENT') when the program cannot be reached just now. */
  async of(agent: AgentRecord, driver: Driver): Promise<Link> {
    const { address, instance, workdir, port, conversation } = agent
    const open = this.#open.get(address)
    if (open?.instance === instance) return open.link
    if (open) {
      await this.#close(address)
      // Whoever else has waited for the same may have opened the new one meanwhile.
      return this.of(agent, driver)
    }
    if (!driver.connect) throw new AgencyError('ENVIRONMENT', `the driver ${driver.name} has no api door`)
    const end = new AbortController()
    const link = driver.connect({
      ...{ address, instance, workdir, port, conversation, runFolder: this.parts.runFolder(address) },
      emit: (event, payload) => this.#emit(address, event, payload),
      signal: end.signal,
    })
    this.#open.set(address, { instance, end, link })
    // A program that does not answer yet is asked again.
    link.catch(() => {
      if (this.#open.get(address)?.link === link) this.#open.delete(address)
    })
    return link
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map(address => this.#close(address)))
  }

  async #close(address: string): Promise<void> {
    const open = this.#open.get(address)
    this.#open.delete(address)
    open?.end.abort()
    await open?.link
      .then(link => link[Symbol.asyncDispose]())
      .catch(error => this.parts.log.warn({ agent: address, err: String(error) }, 'a connection could not be closed'))
  }
}
