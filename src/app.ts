/** The App: everything a face (command line, HTTP, later MCP and screens) may ask for, in one place and in the product's words. */
import { onlyPerson } from './agencies/authority.ts'
import type { Finder } from './agencies/finder.ts'
import type { Roster } from './agencies/roster.ts'
import { listTemplates } from './agencies/templates.ts'
import type { Tokens } from './agencies/tokens.ts'
import { awaitAnswer } from './bus/answer.ts'
import type { Archive, Trace } from './bus/archive.ts'
import { takeHook } from './bus/confirm.ts'
import type { Answered, Dialog, Dialogs } from './bus/dialogs.ts'
import type { HookDoor } from './bus/doors/hook.ts'
import type { Inbox, Settlement } from './bus/inbox.ts'
import type { Goal, Ledger } from './bus/ledger.ts'
import type { Draft, Publisher } from './bus/publish.ts'
import type { Drivers } from './drivers/driver.ts'
import { AgencyError } from './kernel/errors.ts'
import type { Id } from './kernel/ids.ts'
import { type DoctorReport, doctor } from './lifecycle/doctor.ts'
import { type AgencyExplanation, type Explanation, explain, explainAgency } from './lifecycle/explain.ts'
import type { Life } from './lifecycle/life.ts'
import type { LifecycleParts } from './lifecycle/parts.ts'
import { type AgencyStatus, agencyStatus } from './lifecycle/status.ts'
import type { Locks } from './locks/locks.ts'
import type { Audit } from './log/audit.ts'
import type { MeasureBook } from './measures/measures.ts'
import type { Delivery } from './model/delivery.ts'
import type { Message, MessageWithDeliveries } from './model/message.ts'
import { type Address, HUMAN, splitAddress } from './model/names.ts'
import type { Accepted, DeliveryWithMessage, ListedMessage, MessageFilter, Store } from './storage/store.ts'
import type { Submissions } from './submissions/submissions.ts'
import type {
  DriverDetails,
  DriverShelf,
  DriverSummary,
  DriverTestOptions,
  DriverTestReport,
} from './supervisor/driverShelf.ts'
import type { Chooser } from './tasks/chooser.ts'
import type { Tasks } from './tasks/tasks.ts'

import type { Worktrees } from './worktrees/worktrees.ts'

export type { TraceEvent } from './bus/archive.ts'
export type { AgencyStatus } from './lifecycle/status.ts'
export type { TaskStory } from './tasks/tasks.ts'

export interface AppParts extends LifecycleParts {
  readonly store: Store
  readonly life: Life
  readonly locks: Locks
  readonly tasks: Tasks
  readonly submissions: Submissions
  readonly chooser: Chooser
  readonly ledger: Ledger
  readonly publisher: Publisher
  readonly archive: Archive
  readonly audit: Audit
  readonly inbox: Inbox
  readonly hookDoor: HookDoor
  readonly dialogs: Dialogs
  readonly driverShelf: DriverShelf
  readonly drivers: Drivers
  readonly tokens: Tokens
  readonly roster: Roster
  readonly worktrees: Worktrees
  readonly finder: Finder
  readonly measures: MeasureBook
  readonly exposition: () => Promise<{ readonly contentType: string; readonly text: string }>
  readonly version: string
  /** Loops of the daemon whose last tick failed, in words. */
  readonly loopFailures: () => readonly string[]
}

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

  /** The first answer to a message, or undefined when the signal aborts before one comes. Who has it this way has read it. */
  answer(caller: Address, message: Id, signal: AbortSignal): Promise<Message | undefined> {
    return awaitAnswer(this.parts, caller, message, signal)
  }

  knownFilter(filter: MessageFilter): Promise<MessageFilter> {
    return this.parts.archive.knownFilter(filter)
  }

  messages(filter: MessageFilter, limit: number): Promise<readonly ListedMessage[]> {
    return this.parts.store.messages(filter, limit)
  }

  find(idOrShort: string): Promise<MessageWithDeliveries> {
    return this.parts.archive.find(idOrShort)
  }

  trace(idOrShort: string): Promise<Trace> {
    return this.parts.archive.trace(idOrShort)
  }

  dead(): Promise<readonly DeliveryWithMessage[]> {
    return this.parts.archive.dead()
  }

  async requeue(caller: Address, idOrShort: string): Promise<readonly Delivery[]> {
    onlyPerson(caller, 'requeue a delivery')
    const { message, deliveries } = await this.find(idOrShort)
    const lost = deliveries.filter(delivery => ['dead', 'expired', 'unknown', 'cancelled'].includes(delivery.state))
    if (lost.length === 0)
      throw new AgencyError('CONFLICT', `message ${message.id} has no delivery that is dead, expired or unknown`, {
        hint: `agency trace ${idOrShort}`,
      })
    return Promise.all(lost.map(delivery => this.parts.ledger.requeue(delivery.id, this.parts.clock.now())))
  }

  purgeDead(caller: Address): Promise<number> {
    onlyPerson(caller, 'purge dead letters')
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

  /** Who did what, when and why. */
  get audit(): Audit {
    return this.parts.audit
  }

  // ── agencies ──

  get tasks(): Tasks {
    return this.parts.tasks
  }

  /** Finished work, and the person's decision about it. */
  get submissions(): Submissions {
    return this.parts.submissions
  }

  /** Who is best suited for a task. */
  get chooser(): Chooser {
    return this.parts.chooser
  }

  /** Creating, starting, stopping, removing. */
  get life(): Life {
    return this.parts.life
  }

  /** Who can do what. */
  get finder(): Finder {
    return this.parts.finder
  }

  /** How well agencies and agents work. */
  get measures(): MeasureBook {
    return this.parts.measures
  }

  /** The same and more for Prometheus, in its text format. */
  exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    return this.parts.exposition()
  }

  /** How the agents' worktrees stand, and tidying them. */
  get worktrees(): Worktrees {
    return this.parts.worktrees
  }

  /** Leases on files, folders, globs, work units and names. */
  get locks(): Locks {
    return this.parts.locks
  }

  async status(): Promise<readonly AgencyStatus[]> {
    return agencyStatus(this.parts, this.parts.store)
  }

  templates(): Promise<readonly string[]> {
    return listTemplates(this.parts.workspace)
  }

  /** Of an agent, or of an agency as a whole. */
  explain(target: string): Promise<Explanation | AgencyExplanation> {
    return splitAddress(target) ? explain(this.parts, target) : explainAgency(this.parts, target)
  }

  /** The dialog that is open in an agent's pane. AgencyError('CONFLICT') when none is. */
  async dialog(target: string): Promise<Dialog> {
    const address = this.parts.roster.resolve(target)
    const dialog = await this.parts.dialogs.of(address)
    if (dialog) return dialog
    throw new AgencyError('CONFLICT', `${address} asks nothing just now`, { hint: `agency explain ${address}` })
  }

  answerDialog(caller: Address, target: string, choice: string): Promise<Answered> {
    onlyPerson(caller, 'answer a dialog')
    return this.parts.dialogs.answer(caller, this.parts.roster.resolve(target), choice)
  }

  drivers(): Promise<readonly DriverSummary[]> {
    return this.parts.driverShelf.list()
  }

  driver(name: string): Promise<DriverDetails> {
    return this.parts.driverShelf.show(name)
  }

  testDriver(caller: Address, name: string, options: DriverTestOptions): Promise<DriverTestReport> {
    onlyPerson(caller, `start the program of the driver ${name}`)
    return this.parts.driverShelf.test(name, options)
  }

  async doctor(): Promise<DoctorReport> {
    return doctor(this.parts, this.parts, await this.parts.worktrees.findings())
  }
}
