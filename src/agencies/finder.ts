/** agency find: gathers who is there, what they can do and what waits for them, and leaves the judgment to the model. */
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type Able, type AbleAgency, type FoundAgency, findAble, refuseUnknown, type Search } from '../model/able.ts'
import { takesWork } from '../model/agent.ts'
import { capabilitiesOf, type Definition, members } from '../model/definition.ts'
import { address } from '../model/names.ts'
import type { Store } from '../storage/store.ts'
import type { Roster } from './roster.ts'

export class Finder {
  constructor(private readonly parts: { readonly roster: Roster; readonly store: Store; readonly clock: Clock }) {}

  /** AgencyError('NOT_FOUND') for a capability that nobody has, and when nobody has all of them. */
  async find(search: Search): Promise<readonly FoundAgency[]> {
    const all = await this.everybody()
    refuseUnknown(all, search.capabilities)
    const found = findAble(all, { ...search, isFree: false })
    if (found.length === 0)
      throw new AgencyError('NOT_FOUND', `nobody has ${search.capabilities.join(' and ')} together`, {
        hint: `agency find --any --capability ${search.capabilities.join(',')}`,
      })
    return search.isFree ? findAble(all, search) : found
  }

  async everybody(): Promise<readonly AbleAgency[]> {
    const { roster, store, clock } = this.parts
    const [waiting, records] = await Promise.all([store.waiting(), store.trackRecords(clock.now())])
    const loadOf = new Map(records.map(({ agent, open, waiting }) => [agent, { open, waiting }]))
    const load = (of: string) => ({
      messages: waiting.get(of) ?? 0,
      openTasks: loadOf.get(of)?.open ?? 0,
      waitingTasks: loadOf.get(of)?.waiting ?? 0,
    })
    return [...roster.agencies.values()].flatMap(record => {
      const definition = roster.definitions.get(record.name)
      return definition ? [this.#agency(record.name, definition, load)] : []
    })
  }

  #agency(name: string, definition: Definition, load: (of: string) => Load): AbleAgency {
    const { roster } = this.parts
    const agents = members(definition).flatMap((agent): Able[] => {
      const record = roster.agents.get(address(name, agent.name))
      if (!record) return []
      const isInherited = agent.capabilities.length === 0
      const capabilities = capabilitiesOf(definition, agent)
      const { address: of, state } = record
      // What it is busy with may be nobody's task.
      const isIdle = takesWork(record) && state === 'ready'
      return [{ name: of, capabilities, isInherited, state, takesWork: isIdle, ...load(of) }]
    })
    const total = (key: keyof Load) => agents.reduce((sum, agent) => sum + agent[key], 0)
    const living = agents.filter(({ state }) => state !== 'dead' && state !== 'stopped').length
    const isStopped = roster.agencies.get(name)?.desired === 'stopped'
    return {
      name,
      capabilities: definition.capabilities,
      isInherited: false,
      state: isStopped ? 'stopped' : living === 0 ? 'down' : living < agents.length ? 'degraded' : 'running',
      takesWork: agents.some(agent => agent.takesWork),
      ...{ messages: total('messages'), openTasks: total('openTasks'), waitingTasks: total('waitingTasks') },
      agents,
    }
  }
}

type Load = Pick<Able, 'messages' | 'openTasks' | 'waitingTasks'>
