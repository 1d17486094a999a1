/** registry/*.json: what jq and people read. Views of the store, written whole; deleting one loses nothing. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Low } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import type { Workspace } from '../config/workspace.ts'
import { sleep } from '../kernel/abort.ts'
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
  readonly locks: () => Promise<JsonValue[]>
  readonly approvals: () => Promise<JsonValue[]>
}

const NAMES = ['active_agencies', 'message_queue', 'approval_queue', 'task_graph', 'locks'] as const
type Name = (typeof NAMES)[number]

/** A view may be this much behind the store; many changes within it are one write. */
const PAUSE_MS = 300
const MAX_ITEMS = 5_000

export class Views {
  #isStale = true

  constructor(private readonly parts: ViewsParts) {}

  /** Something they show has changed. */
  touch(): void {
    this.#isStale = true
  }

  /** Writes them when they are behind, or when one was deleted. A write that fails leaves them stale, for the next tick. */
  async tick(signal?: AbortSignal): Promise<void> {
    if (!this.#isStale && NAMES.every(name => existsSync(this.#file(name)))) return
    this.#isStale = false
    try {
      await this.#writeAll()
    } catch (error) {
      this.#isStale = true
      throw error
    }
    await sleep(PAUSE_MS, signal)
  }

  async #writeAll(): Promise<void> {
    const { store, agencies, locks, approvals } = this.parts
    const open = await store.inStates(['queued', 'held', 'claimed', 'handing', 'handed', 'unknown'], MAX_ITEMS)
    const queue = open.map(({ delivery, message, excerpt }) => ({
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
      text: oneLine(excerpt, 120),
    }))
    await this.#write('active_agencies', await agencies())
    await this.#write('message_queue', queue)
    await this.#write('approval_queue', await approvals())
    await this.#write('task_graph', await this.#tasks())
    await this.#write('locks', await locks())
  }

  /** Everything that is open, and what was finished last. */
  async #tasks(): Promise<JsonValue[]> {
    const tasks = await this.parts.store.tasks({}, MAX_ITEMS)
    return tasks.map(task => ({
      id: task.id,
      label: task.label,
      title: oneLine(task.title, 120),
      state: task.state,
      since: new Date(task.since).toISOString(),
      reason: task.reason ?? null,
      agency: task.agency ?? null,
      assignee: task.assignee ?? null,
      claimant: task.claimant ?? null,
      needs: [...task.needs],
      priority: task.priority,
      parent: task.parent ?? null,
      dependsOn: task.dependsOn.map(({ task: id, on }) => ({ task: id, on })),
      attempts: task.attempts,
      interruptions: task.interruptions,
      iteration: task.iteration,
    }))
  }

  #file(name: Name): string {
    return join(this.parts.workspace.registry, `${name}.json`)
  }

  async #write(name: Name, items: JsonValue[]): Promise<void> {
    const generatedAt = new Date(this.parts.clock.now()).toISOString()
    const view = new Low<View>(new JSONFile(this.#file(name)), {
      version: 1,
      generatedAt,
      items,
    })
    await view.write()
  }
}
