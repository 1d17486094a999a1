/** The App: everything a face (command line, HTTP, later MCP and screens) may ask for, in one place and in the product's words. */
import type { Roster } from './agencies/roster.ts'
import { listTemplates } from './agencies/templates.ts'
import type { Tokens } from './agencies/tokens.ts'
import { takeHook } from './bus/confirm.ts'
import type { Answered, Dialog, Dialogs } from './bus/dialogs.ts'
import type { HookDoor } from './bus/doors/hook.ts'
import type { Inbox, Settlement } from './bus/inbox.ts'
import type { Goal, Ledger } from './bus/ledger.ts'
import type { Draft, Publisher } from './bus/publish.ts'
import type { Drivers } from './drivers/driver.ts'
import { AgencyError } from './kernel/errors.ts'
import type { Id } from './kernel/ids.ts'
import { type Created, type CreateRequest, createAgency } from './lifecycle/create.ts'
import { type DoctorReport, doctor } from './lifecycle/doctor.ts'
import type { LifecycleParts, Progress } from './lifecycle/parts.ts'
import { type Removed, removeAgency } from './lifecycle/remove.ts'
import { type AgencyStatus, agencyStatus } from './lifecycle/status.ts'
import type { AgentRecord } from './model/agent.ts'
import type { Delivery, DeliveryState } from './model/delivery.ts'
import type { Message, MessageWithDeliveries } from './model/message.ts'
import { type Address, agencyOf, EXTERNAL, HUMAN, SYSTEM, splitAddress } from './model/names.ts'
import type { Unit } from './model/unit.ts'
import type {
  Accepted,
  DeliveryAtAGlance,
  DeliveryWithMessage,
  ListedMessage,
  MessageFilter,
  Store,
} from './storage/store.ts'
import type { DriverShelf, DriverSummary, DriverTestOptions, DriverTestReport } from './supervisor/driverShelf.ts'

export type { AgencyStatus } from './lifecycle/status.ts'

export interface AppParts extends LifecycleParts {
  readonly store: Store
  readonly ledger: Ledger
  readonly publisher: Publisher
  readonly inbox: Inbox
  readonly hookDoor: HookDoor
  readonly dialogs: Dialogs
  readonly driverShelf: DriverShelf
  readonly drivers: Drivers
  readonly tokens: Tokens
  readonly roster: Roster
  readonly version: string
  /** Loops of the daemon whose last tick failed, in words. */
  readonly loopFailures: () => readonly string[]
}

export interface Trace {
  readonly message: Message
  readonly deliveries: readonly (Delivery & { readonly events: readonly TraceEvent[] })[]
  readonly replies: readonly Message[]
}

export interface TraceEvent {
  readonly at: number
  readonly state: DeliveryState
  readonly event: string
  readonly evidence?: string
  readonly reason?: string
}

export interface Explanation {
  readonly agent: AgentRecord
  readonly driver: {
    readonly name: string
    readonly title: string
    readonly doors: readonly string[]
    readonly hasHooks: boolean
  }
  /** What the screen says just now, where there is one to read. */
  readonly screen:
    | {
        readonly state: string
        readonly rule: string
        readonly evidence: string
        readonly composer: string | undefined
      }
    | undefined
  readonly waiting: readonly DeliveryAtAGlance[]
  readonly next: string
}

const VOICES: ReadonlySet<string> = new Set([HUMAN, SYSTEM, EXTERNAL])

export class App {
  constructor(private readonly parts: AppParts) {}

  get version(): string {
    return this.parts.version
  }

  get workspaceRoot(): string {
    return this.parts.workspace.root
  }

  /** The owner of a token. AgencyError('NO_TOKEN') when nobody owns it. */
  identify(token: string | undefined): Address {
    const owner = token === undefined ? undefined : this.parts.tokens.owner(token)
    if (owner !== undefined) return owner
    throw new AgencyError('NO_TOKEN', token ? 'this token is not known here' : 'no token was given', {
      hint: 'agency doctor',
    })
  }

  /** The agent whose program runs in this tmux pane, if it is one of ours: such a caller is never the person. */
  agentInPane(pane: string, serverPid: number): Address | undefined {
    return [...this.parts.roster.agents.values()].find(agent => agent.pane === pane && agent.serverPid === serverPid)
      ?.address
  }

  // ── messages ──

  send(caller: Address, draft: Draft): Promise<Accepted> {
    return this.parts.publisher.publish(caller, draft)
  }

  /** Waits until every delivery that is no copy has come this far, cannot come further, or the signal aborts. */
  async settled(deliveries: readonly Delivery[], goal: Goal, signal: AbortSignal): Promise<readonly Delivery[]> {
    const direct = await this.parts.ledger.settled(
      deliveries.filter(delivery => delivery.kind === 'direct'),
      goal,
      signal,
    )
    return [...direct, ...deliveries.filter(delivery => delivery.kind === 'copy')]
  }

  /** The first answer to a message, or undefined when the signal aborts before one comes. Who has it this way has read it. */
  async answer(caller: Address, message: Id, signal: AbortSignal): Promise<Message | undefined> {
    const answer = await this.#firstAnswer(message, signal)
    const found = answer && (await this.parts.store.find(answer.id))
    const own = found?.deliveries.filter(delivery => delivery.to === caller) ?? []
    for (const { id } of own)
      await this.parts.ledger.move(id, {
        event: 'confirm',
        at: this.parts.clock.now(),
        door: 'inbox',
        evidence: 'printed by agency ask',
      })
    return answer
  }

  async #firstAnswer(message: Id, signal: AbortSignal): Promise<Message | undefined> {
    const { store, ledger } = this.parts
    // Whoever was asked answers, or the person; words of others are messages, and no answers.
    const asked = new Set<Address>([HUMAN, ...(await this.find(message)).deliveries.map(({ to }) => to)])
    let wake: () => void = () => {}
    const stop = ledger.onEvent(event => {
      if (event.kind === 'accepted' && event.accepted.message.replyTo === message) wake()
    })
    const giveUp = () => wake()
    signal.addEventListener('abort', giveUp)
    try {
      while (!signal.aborted) {
        const news = new Promise<void>(resolve => {
          wake = resolve
        })
        const replies = await store.replies(message)
        const first = replies.find(reply => asked.has(reply.from))
        if (first) return first
        await news
      }
      return undefined
    } finally {
      stop()
      signal.removeEventListener('abort', giveUp)
    }
  }

  async reply(caller: Address, idOrShort: string, draft: Omit<Draft, 'to' | 'replyTo'>): Promise<Accepted> {
    const { message } = await this.find(idOrShort)
    return this.send(caller, {
      ...draft,
      to: message.from,
      replyTo: message.id,
      type: draft.type ?? (message.type === 'QUESTION' && draft.payload === undefined ? 'ANSWER' : undefined),
    })
  }

  readInbox(
    caller: Address,
    owner: string | undefined,
    options: { isPeek: boolean; includeRead: boolean; limit: number },
  ): Promise<readonly DeliveryWithMessage[]> {
    const of = owner === undefined ? caller : this.parts.roster.resolve(owner)
    if (of !== caller && caller !== HUMAN)
      throw new AgencyError('NOT_ALLOWED', `${caller} may not read the inbox of ${of}`, { hint: 'agency inbox' })
    // The person looks into another's inbox without confirming anything in their name.
    return this.parts.inbox.read(of, { ...options, isPeek: options.isPeek || of !== caller })
  }

  settle(caller: Address, idOrShort: string, how: Settlement): Promise<readonly Delivery[]> {
    return this.parts.inbox.settle(caller, idOrShort, how)
  }

  /** The filter with an alias spelled out. AgencyError('NOT_FOUND') when it names somebody who never was; of a removed agency the messages stay. */
  async knownFilter(filter: MessageFilter): Promise<MessageFilter> {
    const { roster, store } = this.parts
    const { involving, agency } = filter
    const name = involving ?? agency
    if (name === undefined || VOICES.has(name)) return filter
    try {
      if (involving === undefined) roster.agency(name)
      else return { ...filter, involving: roster.resolve(involving) }
    } catch (error) {
      const traces = await store.messages(involving === undefined ? { agency: name } : { involving: name }, 1)
      if (traces.length === 0) throw error
    }
    return filter
  }

  messages(filter: MessageFilter, limit: number): Promise<readonly ListedMessage[]> {
    return this.parts.store.messages(filter, limit)
  }

  async find(idOrShort: string): Promise<MessageWithDeliveries> {
    const found = await this.parts.store.find(idOrShort)
    if (found) return found
    throw new AgencyError('NOT_FOUND', `there is no message ${JSON.stringify(idOrShort.slice(0, 60))}`, {
      hint: 'agency messages',
    })
  }

  async trace(idOrShort: string): Promise<Trace> {
    const { store } = this.parts
    const { message, deliveries } = await this.find(idOrShort)
    const events = await Promise.all(deliveries.map(delivery => store.units({ subject: delivery.id }, 1000)))
    return {
      message,
      deliveries: deliveries.map((delivery, index) => ({ ...delivery, events: events[index]!.map(toTraceEvent) })),
      replies: await store.replies(message.id),
    }
  }

  /** Deliveries that need a person: dead, expired, and those of which nobody knows. */
  async dead(): Promise<readonly DeliveryWithMessage[]> {
    const { store } = this.parts
    const listed = (
      await Promise.all((['dead', 'expired', 'unknown'] as const).map(state => store.messages({ state }, 1000)))
    ).flat()
    const found = listed.flatMap(({ message, deliveries }) => deliveries.map(delivery => ({ delivery, message })))
    const lost = found.filter(({ delivery }) => ['dead', 'expired', 'unknown'].includes(delivery.state))
    return [...new Map(lost.map(item => [item.delivery.id, item])).values()]
  }

  async requeue(caller: Address, idOrShort: string): Promise<readonly Delivery[]> {
    this.#onlyPerson(caller, 'requeue a delivery')
    const { message, deliveries } = await this.find(idOrShort)
    const lost = deliveries.filter(delivery => ['dead', 'expired', 'unknown', 'cancelled'].includes(delivery.state))
    if (lost.length === 0)
      throw new AgencyError('CONFLICT', `message ${message.id} has no delivery that is dead, expired or unknown`, {
        hint: `agency trace ${idOrShort}`,
      })
    return Promise.all(lost.map(delivery => this.parts.ledger.requeue(delivery.id, this.parts.clock.now())))
  }

  purgeDead(caller: Address): Promise<number> {
    this.#onlyPerson(caller, 'purge dead letters')
    return this.parts.store.purge(this.parts.clock.now())
  }

  onMessage(listener: () => void): () => void {
    return this.parts.ledger.onEvent(event => {
      if (event.kind === 'accepted') listener()
    })
  }

  async hook(caller: Address, event: string, payload: unknown): Promise<void> {
    const agent = this.parts.roster.agent(caller)
    await takeHook(this.parts, caller, await this.parts.drivers.get(agent.driver), event, payload)
  }

  /** A program has come to the end of a turn: what its hook is to print, the next message or nothing. */
  boundary(caller: Address, event: string, payload: unknown): Promise<string> {
    return this.parts.hookDoor.answer(this.parts.roster.agent(caller).address, event, payload)
  }

  // ── agencies ──

  create(caller: Address, request: CreateRequest, progress: Progress): Promise<Created> {
    this.#onlyPerson(caller, 'create an agency')
    return this.parts.changes.run(request.name, () => createAgency(this.parts, request, progress))
  }

  remove(caller: Address, name: string, progress: Progress): Promise<Removed> {
    this.#onlyPerson(caller, 'remove an agency')
    return this.parts.changes.run(name, () => removeAgency(this.parts, name, progress))
  }

  /** `target` is an agency or one agent. */
  async start(caller: Address, target: string, progress: Progress): Promise<void> {
    const { starter } = this.parts
    const one = this.#lifeTarget(caller, target, 'start')
    progress(`starting ${target}`)
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
    this.#onlyPerson(caller, 'take the workspace down')
    const running = [...this.parts.roster.agencies.values()]
      .filter(agency => agency.desired === 'running')
      .map(agency => agency.name)
    for (const name of running) await this.stop(caller, name, progress)
    await this.parts.starter.leaveTerminal()
    return running
  }

  async status(): Promise<readonly AgencyStatus[]> {
    return agencyStatus(this.parts, this.parts.store)
  }

  templates(): Promise<readonly string[]> {
    return listTemplates(this.parts.workspace)
  }

  async explain(target: string): Promise<Explanation> {
    const { roster, drivers, sight, store } = this.parts
    const agent = roster.agent(roster.resolve(target))
    const driver = await drivers.get(agent.driver)
    const screen = await sight.lookAt(agent, driver)
    const waiting = (await store.inStates(['queued', 'held', 'claimed', 'handing', 'handed', 'unknown'], 1000)).filter(
      item => item.delivery.to === agent.address,
    )
    return {
      agent,
      driver: { name: driver.name, title: driver.title, doors: driver.doors, hasHooks: driver.hasHooks },
      screen: screen && {
        state: screen.state,
        rule: screen.rule,
        evidence: screen.evidence,
        composer: screen.composer,
      },
      waiting,
      next: whatNext(agent, waiting, this.parts.clock.now()),
    }
  }

  /** The dialog that is open in an agent's pane. AgencyError('CONFLICT') when none is. */
  async dialog(target: string): Promise<Dialog> {
    const address = this.parts.roster.resolve(target)
    const dialog = await this.parts.dialogs.of(address)
    if (dialog) return dialog
    throw new AgencyError('CONFLICT', `${address} asks nothing just now`, { hint: `agency explain ${address}` })
  }

  answerDialog(caller: Address, target: string, choice: string): Promise<Answered> {
    this.#onlyPerson(caller, 'answer a dialog')
    return this.parts.dialogs.answer(caller, this.parts.roster.resolve(target), choice)
  }

  drivers(): Promise<readonly DriverSummary[]> {
    return this.parts.driverShelf.list()
  }

  driver(name: string): Promise<DriverSummary & { readonly file: string; readonly text: string }> {
    return this.parts.driverShelf.show(name)
  }

  testDriver(caller: Address, name: string, options: DriverTestOptions): Promise<DriverTestReport> {
    this.#onlyPerson(caller, `start the program of the driver ${name}`)
    return this.parts.driverShelf.test(name, options)
  }

  doctor(): Promise<DoctorReport> {
    return doctor(this.parts, this.parts.store, this.parts.loopFailures())
  }

  #lifeTarget(caller: Address, target: string, verb: string): { agency: string; agent: Address | undefined } {
    this.#onlyPerson(caller, `${verb} ${target}`)
    const parts = splitAddress(target)
    if (!parts) return { agency: this.parts.roster.agency(target).record.name, agent: undefined }
    return { agency: parts.agency, agent: this.parts.roster.resolve(target) }
  }

  async #wishAll(agency: string): Promise<void> {
    for (const agent of this.parts.roster.agentsOf(agency))
      if (agent.desired === 'stopped') await this.parts.roster.saveAgent({ ...agent, desired: 'running' })
  }

  #onlyPerson(caller: Address, what: string): void {
    if (caller === HUMAN) return
    throw new AgencyError('NOT_ALLOWED', `${caller} may not ${what}: that is for the person`, {
      hint:
        caller === EXTERNAL || agencyOf(caller) === undefined
          ? 'use the person’s own shell'
          : '"$AGENCY_BIN" send human "…" asks for it',
    })
  }
}

function toTraceEvent(unit: Unit): TraceEvent {
  const { state, event, evidence, reason } = unit.metadata
  return {
    at: unit.at,
    state: state as DeliveryState,
    event: String(event),
    ...(typeof evidence === 'string' ? { evidence } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  }
}

function whatNext(agent: AgentRecord, waiting: readonly DeliveryAtAGlance[], now: number): string {
  const queue =
    waiting.length === 0
      ? 'nothing waits for it'
      : `${waiting.length} waiting; the first is ${waiting[0]!.delivery.state}${waiting[0]!.delivery.reason ? `: ${waiting[0]!.delivery.reason}` : ''}`
  if (agent.desired === 'stopped') return `stopped until you start it: agency start ${agent.address}; ${queue}`
  if (agent.state !== 'dead') return queue
  if (agent.nextStartAt === undefined)
    return `it is not started again by itself: agency restart ${agent.address}; ${queue}`
  return `it is started again in ${Math.max(0, Math.round((agent.nextStartAt - now) / 1000))} s; ${queue}`
}
