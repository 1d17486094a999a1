/** What has happened since this daemon began, counted as it happens: the counters of /metrics, which no restart of theirs disturbs. */
import type { LedgerEvent } from '../bus/ledger.ts'
import type { AgentRecord } from '../model/agent.ts'
import { agencyOf } from '../model/names.ts'
import { isEnded, type Task } from '../model/task.ts'

export type Labels = Readonly<Record<string, string>>

/** One counter: how often, for each set of labels. */
export class Count {
  readonly #values = new Map<string, { readonly labels: Labels; value: number }>()

  add(labels: Labels): void {
    const key = JSON.stringify(labels)
    const found = this.#values.get(key)
    if (found) found.value++
    else this.#values.set(key, { labels, value: 1 })
  }

  values(): readonly { readonly labels: Labels; readonly value: number }[] {
    return [...this.#values.values()]
  }
}

export class EventCounts {
  readonly messages = new Count()
  readonly deliveryChanges = new Count()
  readonly tasksEnded = new Count()
  readonly interruptions = new Count()
  readonly starts = new Count()
  /** By their numbers, so that news of the same thing count once. */
  readonly #instances = new Map<string, number>()
  readonly #interruptions = new Map<string, number>()

  onLedger(event: LedgerEvent): void {
    const moved = event.kind === 'moved' ? [event.delivery] : event.accepted.deliveries
    if (event.kind === 'accepted') this.messages.add({ type: event.accepted.message.type })
    for (const { state } of moved) this.deliveryChanges.add({ state })
  }

  onTask(task: Task): void {
    const who = whose(task)
    const before = this.#interruptions.get(task.id) ?? 0
    if (task.interruptions > before) this.interruptions.add(who)
    if (task.interruptions > 0) this.#interruptions.set(task.id, task.interruptions)
    if (!isEnded(task.state)) return
    this.#interruptions.delete(task.id)
    this.tasksEnded.add({ ...who, outcome: task.state })
  }

  onAgent({ address, agency, instance, state }: AgentRecord): void {
    const before = this.#instances.get(address)
    if (state !== 'starting' || before === instance) return
    this.#instances.set(address, instance)
    this.starts.add({ agency, agent: address })
  }
}

function whose({ agency, claimant, assignee }: Task): Labels {
  const agent = claimant ?? assignee ?? ''
  return { agency: agency ?? agencyOf(agent) ?? '', agent }
}
