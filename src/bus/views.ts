/** registry/*.json: what jq and people read. Views of the store, written whole; deleting one loses nothing. */
import { join } from 'node:path'
import { Low } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import type { Workspace } from '../config/workspace.ts'
import { sleep, Wakeup } from '../kernel/abort.ts'
import type { Clock } from '../kernel/clock.ts'
import type { JsonValue } from '../kernel/json.ts'
import { oneLine } from '../model/sanitize.ts'
import type { Store } from '../storage/store.ts'

interface View {
  version: 1
  generatedAt: string
  items: JsonValue[]
}

export interface ViewsParts {
  readonly workspace: Workspace
  readonly store: Store
  readonly clock: Clock
  readonly agencies: () => Promise<JsonValue[]>
}

/** A view may be this much behind the store; many changes within it are one write. */
const DEBOUNCE_MS = 300
const MAX_ITEMS = 5_000

export class Views {
  readonly #wakeup = new Wakeup()

  constructor(private readonly parts: ViewsParts) {}

  touch(): void {
    this.#wakeup.wake()
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.tick()
      await this.#wakeup.wait(3_600_000, signal)
      await sleep(DEBOUNCE_MS, signal)
    }
    await this.tick()
  }

  async tick(): Promise<void> {
    const { store, agencies } = this.parts
    const open = await store.inStates(['queued', 'held', 'claimed', 'handing', 'handed', 'unknown'], MAX_ITEMS)
    const queue = open.map(({ delivery, message }) => ({
      id: delivery.id,
      message: message.id,
      from: message.from,
      to: delivery.to,
      kind: delivery.kind,
      type: message.type,
      state: delivery.state,
      since: new Date(delivery.since).toISOString(),
      reason: delivery.reason ?? null,
      attempts: delivery.attempts,
      priority: delivery.priority,
      text: oneLine(message.body, 120),
    }))
    await this.#write('active_agencies', await agencies())
    await this.#write('message_queue', queue)
    await this.#write('approval_queue', [])
    await this.#write('task_graph', [])
  }

  async #write(name: string, items: JsonValue[]): Promise<void> {
    const generatedAt = new Date(this.parts.clock.now()).toISOString()
    const view = new Low<View>(new JSONFile(join(this.parts.workspace.registry, `${name}.json`)), {
      version: 1,
      generatedAt,
      items,
    })
    await view.write()
  }
}
