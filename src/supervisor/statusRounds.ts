/** Every so often, each agent that is at work and silent is asked for a STATUS, and its coordinator to sum up for the person. */
import type { Roster } from '../agencies/roster.ts'
import type { LedgerEvent } from '../bus/ledger.ts'
import type { Draft } from '../bus/publish.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type AgentRecord, takesWork } from '../model/agent.ts'
import { type Address, HUMAN, SYSTEM } from '../model/names.ts'
import { type Worker, whomToAsk } from '../model/statusRound.ts'
import type { Accepted } from '../storage/store.ts'

export interface StatusRoundsParts {
  readonly roster: Roster
  readonly settings: Settings
  readonly clock: Clock
  readonly publish: (caller: string, draft: Draft) => Promise<Accepted>
}

type Heard = Partial<Pick<Worker, 'givenAt' | 'saidAt' | 'askedAt'>>

const LOOK_MS = 60_000

export class StatusRounds {
  /** What was heard since this daemon began. One that comes later asks no sooner for that. */
  readonly #heard = new Map<Address, Heard>()
  readonly #asked = new Set<string>()

  constructor(private readonly parts: StatusRoundsParts) {}

  get everyMs(): number {
    const every = this.#intervalMs
    return every === 0 ? LOOK_MS : Math.min(LOOK_MS, every / 4)
  }

  get #intervalMs(): number {
    return this.parts.settings.supervision.statusEvery * 1000
  }

  /** Hears who says something, and who is handed something. */
  take(event: LedgerEvent): void {
    const at = this.parts.clock.now()
    if (event.kind === 'accepted') this.#hear(event.accepted.message.from, { saidAt: at, givenAt: undefined })
    else if (event.change.event === 'expire') this.#asked.delete(event.delivery.id)
    else if (event.change.event === 'hand' && !this.#asked.delete(event.delivery.id)) {
      const { to } = event.delivery
      const { givenAt, askedAt } = this.#heard.get(to) ?? {}
      // What it was given before it was asked, it was asked for.
      const isAskedFor = givenAt !== undefined && askedAt !== undefined && askedAt >= givenAt
      this.#hear(to, { givenAt: isAskedFor ? at : (givenAt ?? at) })
    }
  }

  async tick(): Promise<void> {
    const { roster, clock } = this.parts
    const everyMs = this.#intervalMs
    if (everyMs === 0) return
    const workers = [...roster.agents.values()].map(record => this.#worker(record))
    for (const worker of whomToAsk(workers, clock.now(), everyMs)) await this.#ask(worker)
  }

  #worker(record: AgentRecord): Worker {
    const { address, agency, isCoordinator, state, since } = record
    const heard = { givenAt: undefined, saidAt: undefined, askedAt: undefined, ...this.#heard.get(address) }
    const busySince = state === 'busy' ? since : undefined
    return { ...{ address, agency, isCoordinator, isOpen: takesWork(record), busySince }, ...heard }
  }

  /** At most one such question waits: an older one is over when the next is due. */
  async #ask({ address, agency, isCoordinator }: Worker): Promise<void> {
    const name = address.slice(agency.length + 1)
    const { definition } = this.parts.roster.agency(agency)
    const to = isCoordinator ? HUMAN : `${agency}/${definition.coordinator.name}`
    const what = isCoordinator
      ? 'Sum up for the person what your agents are doing, what is done, and what is stuck'
      : 'Say in one message what you are doing, what is done, and what holds you up'
    const body = `STATUS? ${what}: "$AGENCY_BIN" send ${to} "STATUS ${name}: …"`
    this.#hear(address, { askedAt: this.parts.clock.now() })
    try {
      const ttl = this.#intervalMs / 1000
      const { deliveries } = await this.parts.publish(SYSTEM, {
        to: address,
        body,
        ttl,
        nudge: true,
        whileBusy: 'wait',
      })
      for (const { id } of deliveries) this.#asked.add(id)
    } catch (error) {
      // It was removed in this moment.
      if (!(error instanceof AgencyError) || error.code !== 'NOT_FOUND') throw error
    }
  }

  #hear(address: Address, news: Heard): void {
    this.#heard.set(address, { ...this.#heard.get(address), ...news })
  }
}
