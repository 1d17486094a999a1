/**
 * What agents' programs tell of themselves: in files that their hooks leave, over their connection, or by the API. Messages that were
 * left there while no daemon ran come first to the outbox.
 */
import type { Roster } from '../agencies/roster.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Drivers } from '../drivers/driver.ts'
import type { Clock } from '../kernel/clock.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import { Pending } from '../kernel/pending.ts'
import { LEFT_MESSAGE } from '../model/message.ts'
import type { Address } from '../model/names.ts'
import { runFolder, takeEvents } from '../supervisor/runFolder.ts'
import { takeHook } from './confirm.ts'
import type { Ledger } from './ledger.ts'
import type { Router } from './router.ts'

export interface HooksParts {
  readonly workspace: Workspace
  readonly roster: Roster
  readonly drivers: Drivers
  readonly ledger: Ledger
  readonly router: Router
  readonly clock: Clock
  /** A message that its agent has left where its hooks leave their files. */
  readonly takeLeft: (address: Address, draft: unknown) => Promise<void>
}

export class Hooks {
  /** One reading at a time of what one agent tells. */
  readonly #readings = new KeyedLock()
  readonly #spooled = new Pending()

  constructor(private readonly parts: HooksParts) {}

  /** Told by the API. */
  async take(caller: Address, event: string, payload: unknown): Promise<void> {
    const { driver } = this.parts.roster.agent(caller)
    await takeHook(this.parts, caller, await this.parts.drivers.get(driver), event, payload)
  }

  /** Its hooks have left files, which the next tick reads. */
  hasSpooled(address: Address): void {
    this.#spooled.add(address)
  }

  tick(): Promise<void> {
    return this.#spooled.each(address => this.takeSpool(address))
  }

  /** The files that an agent's hooks have left. */
  async takeSpool(address: Address): Promise<void> {
    const { roster, drivers, workspace, router } = this.parts
    await this.#readings.run(address, async () => {
      const record = roster.agents.get(address)
      if (!record) return
      const driver = await drivers.get(record.driver)
      const taken = await takeEvents(runFolder(workspace, address), ({ event, payload }) =>
        event === LEFT_MESSAGE
          ? this.parts.takeLeft(address, payload)
          : takeHook(this.parts, address, driver, event, payload),
      )
      if (taken > 0) router.wake(address)
    })
  }

  /** What a program says over its connection. */
  async takeLinked(address: Address, event: string, payload: unknown): Promise<void> {
    const { roster, drivers, router } = this.parts
    await this.#readings.run(address, async () => {
      const record = roster.agents.get(address)
      if (!record) return
      await takeHook(this.parts, address, await drivers.get(record.driver), event, payload)
      router.wake(address)
    })
  }
}
