/** Who is there: the definitions on disk and the record of every agent, kept in memory and in the store together. */
import { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { AgencyRecord, AgentRecord, Reading } from '../model/agent.ts'
import { closest } from '../model/closest.ts'
import { type AgentDefinition, capabilitiesOf, type Definition, members } from '../model/definition.ts'
import { type Address, address, COORDINATOR, EXTERNAL, HUMAN, SYSTEM, splitAddress } from '../model/names.ts'
import type { UnitDraft, UnitType } from '../model/unit.ts'
import type { Store } from '../storage/store.ts'

export interface RosterChange {
  readonly address: Address
  readonly record: AgentRecord
}

export class Roster {
  readonly definitions = new Map<string, Definition>()
  readonly agencies = new Map<string, AgencyRecord>()
  readonly agents = new Map<Address, AgentRecord>()
  /** Agency → what is wrong with its definition file. */
  readonly problems = new Map<string, AgencyError>()
  readonly #listeners = new Set<(change: RosterChange) => void>()
  readonly #agencyListeners = new Set<(name: string) => void>()

  constructor(private readonly store: Store) {}

  async load(): Promise<void> {
    for (const record of await this.store.agencies()) {
      this.agencies.set(record.name, record)
      if (record.definition) this.definitions.set(record.name, record.definition)
    }
    for (const record of await this.store.agents()) this.agents.set(record.address, record)
  }

  onChange(listener: (change: RosterChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** An agency was made, changed or removed, or one of its agents removed. */
  onAgency(listener: (name: string) => void): () => void {
    this.#agencyListeners.add(listener)
    return () => this.#agencyListeners.delete(listener)
  }

  agentsOf(agency: string): readonly AgentRecord[] {
    const definition = this.definitions.get(agency)
    const order = definition ? members(definition).map(member => address(agency, member.name)) : []
    const records = [...this.agents.values()].filter(record => record.agency === agency)
    return records.sort((a, b) => order.indexOf(a.address) - order.indexOf(b.address))
  }

  definitionOf(of: Address): AgentDefinition | undefined {
    const at = splitAddress(of)
    const definition = at && this.definitions.get(at.agency)
    return definition && members(definition).find(({ name }) => name === at.agent)
  }

  /** What an agent can do, by its own definition or its agency's; nothing for anybody else. */
  capabilities(of: Address): readonly string[] {
    const own = this.definitionOf(of)
    return own ? capabilitiesOf(this.definitions.get(splitAddress(of)!.agency)!, own) : []
  }

  agency(name: string): { record: AgencyRecord; definition: Definition } {
    const record = this.agencies.get(name)
    const definition = this.definitions.get(name)
    if (record && definition) return { record, definition }
    const problem = this.problems.get(name)
    if (problem) throw problem
    throw new AgencyError('NOT_FOUND', `there is no agency ${JSON.stringify(name.slice(0, 70))}`, {
      hint: this.#meantBy(name),
    })
  }

  agent(of: Address): AgentRecord {
    const record = this.agents.get(of)
    if (record) return record
    const parts = splitAddress(of)
    if (!parts)
      throw new AgencyError('NOT_FOUND', `${JSON.stringify(of.slice(0, 140))} is not an agent`, {
        hint: 'an agent is written Agency/agent: agency list',
      })
    this.agency(parts.agency)
    const names = this.agentsOf(parts.agency).map(({ name }) => name)
    const close = closest(parts.agent, names)
    throw new AgencyError('NOT_FOUND', `${parts.agency} has no agent ${JSON.stringify(parts.agent.slice(0, 70))}`, {
      hint: `${close === undefined ? '' : `did you mean ${parts.agency}/${close}? `}its agents: ${names.join(', ')}`,
    })
  }

  /** For a word that is no agency: the agents of that name, the agency that may have been meant, and all there are. */
  #meantBy(word: string): string {
    const names = [...this.agencies.keys()]
    if (names.length === 0) return 'agency create CodeAgency'
    const bearers = [...this.agents.values()].filter(({ name }) => name === word).map(each => each.address)
    if (bearers.length > 0) return `an agent is named with its agency: ${bearers.join(' or ')}`
    const close = closest(word, names)
    return `${close === undefined ? '' : `did you mean ${close}? `}there are ${names.join(', ')}`
  }

  coordinator(agency: string): Address {
    return address(agency, this.agency(agency).definition.coordinator.name)
  }

  isCoordinator(of: Address): boolean {
    const parts = splitAddress(of)
    return parts !== undefined && this.definitions.get(parts.agency)?.coordinator.name === parts.agent
  }

  /** `Agency/agent`, `Agency/coordinator`, a bare agency (its coordinator), or `human`, as one address that exists. */
  resolve(target: string): Address {
    if (target === HUMAN) return HUMAN
    if (target === SYSTEM || target === EXTERNAL)
      throw new AgencyError('NOT_FOUND', `nobody reads messages to ${target}`, { hint: 'agency list' })
    const parts = splitAddress(target)
    if (!parts) return this.coordinator(target)
    if (parts.agent === COORDINATOR) return this.coordinator(parts.agency)
    return this.agent(target).address
  }

  /** `unit`: told in the same transaction; by the system and at the record's time, unless it says otherwise. */
  async saveAgent(
    record: AgentRecord,
    unit?: { type: UnitType; metadata: JsonObject } & Partial<Pick<UnitDraft, 'agent' | 'at' | 'payload'>>,
  ): Promise<void> {
    this.agents.set(record.address, record)
    for (const listener of this.#listeners) listener({ address: record.address, record })
    const draft: UnitDraft | undefined = unit && {
      id: newId(),
      context: record.agency,
      agent: SYSTEM,
      at: record.since,
      subject: record.address,
      payload: undefined,
      relations: [],
      ...unit,
    }
    await this.store.saveAgent(record, draft)
  }

  /** Something that was decided about an agency or an agent, and that changes no record. */
  async note(unit: Omit<UnitDraft, 'id' | 'relations'>): Promise<void> {
    await this.store.append({ id: newId(), relations: [], ...unit })
  }

  /** Records a new reading when it differs from the one before. */
  async observe(
    of: Address,
    reading: Reading,
    at: number,
    rest: Partial<AgentRecord> = {},
  ): Promise<AgentRecord | undefined> {
    const record = this.agents.get(of)
    if (!record) return undefined
    const isSameState = record.state === reading.state && record.rule === reading.rule
    if (isSameState && Object.entries(rest).every(([key, value]) => record[key as keyof AgentRecord] === value))
      return record
    const next: AgentRecord = {
      ...record,
      ...rest,
      ...reading,
      since: record.state === reading.state ? record.since : at,
    }
    const isNewState = record.state !== reading.state
    await this.saveAgent(
      next,
      isNewState
        ? {
            type: 'agent-state',
            metadata: { from: record.state, state: next.state, rule: next.rule, evidence: next.evidence },
          }
        : undefined,
    )
    return next
  }

  /** Saved together with the definition that holds for it just now. */
  async saveAgency(change: AgencyRecord, what: string, at: number): Promise<void> {
    const record = { ...change, definition: this.definitions.get(change.name) }
    this.agencies.set(record.name, record)
    const unit: UnitDraft = {
      id: newId(),
      context: record.name,
      agent: SYSTEM,
      type: 'agency',
      at,
      subject: record.name,
      metadata: { what },
      payload: undefined,
      relations: [],
    }
    await this.store.saveAgency(record, unit)
    this.#tellAgency(record.name)
  }

  async removeAgency(name: string, at: number, reason: string): Promise<void> {
    await this.store.removeAgency(name, at, reason)
    this.agencies.delete(name)
    this.definitions.delete(name)
    this.problems.delete(name)
    for (const record of [...this.agents.values()]) if (record.agency === name) this.agents.delete(record.address)
    this.#tellAgency(name)
  }

  async removeAgent(of: Address, at: number, reason: string): Promise<void> {
    await this.store.removeAgent(of, at, reason)
    this.agents.delete(of)
    this.#tellAgency(splitAddress(of)?.agency ?? '')
  }

  #tellAgency(name: string): void {
    for (const listener of this.#agencyListeners) listener(name)
  }
}
