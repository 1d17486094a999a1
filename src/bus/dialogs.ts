/** Dialogs that stand open in agents' panes: what they ask, and the keys that answer them, pressed for the person or by a policy. */
import { onlyPerson } from '../agencies/authority.ts'
import type { Roster } from '../agencies/roster.ts'
import type { Driver, Drivers, ScreenReading } from '../drivers/driver.ts'
import { until } from '../kernel/abort.ts'
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { KeyedLock } from '../kernel/keyedLock.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type Address, SYSTEM } from '../model/names.ts'
import type { Store } from '../storage/store.ts'
import { KEYS, type Key, type PaneId, type Terminal } from '../terminal/terminal.ts'

export interface DialogsParts {
  readonly roster: Roster
  readonly drivers: Drivers
  readonly terminal: Terminal
  readonly store: Store
  readonly clock: Clock
  readonly hands: KeyedLock
}

export interface Dialog {
  readonly agent: Address
  readonly rule: string
  readonly question: string
  /** Choices that the driver's profile knows keys for. */
  readonly choices: readonly string[]
}

export interface Answered extends Dialog {
  readonly choice: string
  /** False when the same dialog is still open after its keys. */
  readonly isClosed: boolean
}

/** Between the keys of one answer, so that a program that redraws takes each as one of its own. */
const KEY_GAP_MS = 60
const CLOSE_MS = 3_000

export class Dialogs {
  constructor(private readonly parts: DialogsParts) {}

  /** The dialog that is open in an agent's pane. AgencyError('CONFLICT') when none is that the driver's profile knows. */
  async of(target: string): Promise<Dialog> {
    const address = this.parts.roster.resolve(target)
    const dialog = await this.#look(address)
    if (dialog) return dialog
    throw new AgencyError('CONFLICT', `${address} asks nothing just now`, { hint: `agency explain ${address}` })
  }

  /**
   * Makes a choice in the open dialog: one of the profile's, or keys by name (`Down Enter`).
   * AgencyError('CONFLICT') when no dialog is open, ('USAGE') when it has no such choice.
   */
  async answer(caller: Address, target: string, choice: string): Promise<Answered> {
    onlyPerson(caller, 'answer a dialog')
    return this.#answer(caller, this.parts.roster.resolve(target), choice)
  }

  /** Answers what a policy of the agency names; called whenever an agent may have begun to wait. */
  async applyPolicies(): Promise<void> {
    for (const agent of this.parts.roster.agents.values()) {
      const policies = this.parts.roster.definitions.get(agent.agency)?.policies.answers ?? []
      if (policies.length === 0 || agent.pid === undefined || agent.state === 'dead') continue
      const dialog = await this.#look(agent.address).catch(() => undefined)
      const policy = policies.find(
        ({ rule, question }) => rule === dialog?.rule && new RegExp(question, 'mu').test(dialog.question),
      )
      if (policy) await this.#answer(SYSTEM, agent.address, policy.answer, dialog).catch(ignoreClosed)
    }
  }

  async #look(address: Address): Promise<Dialog | undefined> {
    const agent = this.parts.roster.agent(address)
    const reading = await this.#read(agent, await this.parts.drivers.get(agent.driver))
    return reading && describe(agent, reading)
  }

  /** `asked`: only when this very dialog is still the open one, or AgencyError('CONFLICT'). */
  async #answer(by: Address, address: Address, choice: string, asked?: Dialog): Promise<Answered> {
    const { roster, drivers, hands } = this.parts
    return hands.run(address, async () => {
      const agent = roster.agent(address)
      const driver = await drivers.get(agent.driver)
      const reading = await this.#read(agent, driver)
      if (!reading)
        throw new AgencyError('CONFLICT', `${address} asks nothing just now: it is ${agent.state}`, {
          hint: `agency explain ${address}`,
        })
      const open = describe(agent, reading)
      if (asked && (asked.rule !== open.rule || asked.question !== open.question))
        throw new AgencyError('CONFLICT', `${address} asks something else by now`, { hint: `agency answer ${address}` })
      const keys = keysOf(reading, address, choice)
      await this.#press(agent, driver, reading, keys)
      const isClosed = await this.#whenClosed(agent, driver, reading)
      await this.#record(by, agent, open, choice)
      return { ...open, choice, isClosed }
    })
  }

  async #read(agent: AgentRecord, driver: Driver): Promise<ScreenReading | undefined> {
    const { terminal, clock } = this.parts
    if (!agent.pane || agent.pid === undefined) return undefined
    const reading = driver.readScreen(await terminal.capture(agent.pane as PaneId), clock.now())
    return reading.state === 'waiting' ? reading : undefined
  }

  async #press(agent: AgentRecord, driver: Driver, seen: ScreenReading, keys: readonly Key[]): Promise<void> {
    for (const [index, key] of keys.entries()) {
      if (index > 0) await until(() => false, { timeoutMs: KEY_GAP_MS })
      // Looked at again before each key: the person may have answered meanwhile, and the next key would be typed at the prompt.
      const now = await this.#read(agent, driver)
      if (now?.rule !== seen.rule || (index === 0 && now.question !== seen.question)) return
      await this.parts.terminal.pressKey(agent.pane as PaneId, key)
    }
  }

  async #whenClosed(agent: AgentRecord, driver: Driver, before: ScreenReading): Promise<boolean> {
    const isGone = async () => {
      const now = await this.#read(agent, driver)
      return now === undefined || now.rule !== before.rule || now.question !== before.question
    }
    return (await until(isGone, { timeoutMs: CLOSE_MS, everyMs: 50 })) === true
  }

  async #record(by: Address, agent: AgentRecord, dialog: Dialog, choice: string): Promise<void> {
    await this.parts.store.append({
      id: newId(),
      context: agent.agency,
      agent: by,
      type: 'decision',
      at: this.parts.clock.now(),
      subject: agent.address,
      metadata: { what: 'answer', rule: dialog.rule, choice },
      payload: dialog.question,
      relations: [],
    })
  }
}

function describe(agent: AgentRecord, reading: ScreenReading): Dialog {
  const { rule, question = reading.evidence } = reading
  return { agent: agent.address, rule, question, choices: Object.keys(reading.answers) }
}

function keysOf(reading: ScreenReading, address: Address, choice: string): readonly Key[] {
  const known = reading.answers[choice]
  if (known) return known
  const keys = choice.trim().split(/\s+/)
  if (keys.every(key => (KEYS as readonly string[]).includes(key))) return keys as Key[]
  const choices = Object.keys(reading.answers)
  throw new AgencyError('USAGE', `the dialog "${reading.rule}" of ${address} has no choice ${JSON.stringify(choice)}`, {
    hint: `${choices.length > 0 ? `it has ${choices.join(', ')}; or ` : ''}keys by name, such as "Down Enter"`,
  })
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof AgencyError) || error.code !== 'CONFLICT') throw error
}
