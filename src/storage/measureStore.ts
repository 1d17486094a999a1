/** PORT, the part about measures: the record condensed to facts that figures are made of. */
import type { DeliveryState } from '../model/delivery.ts'
import type { Facts } from '../model/measures.ts'
import type { TaskState } from '../model/task.ts'

export interface MeasureStore {
  /** What the units between these order numbers tell: tasks that ended in them, messages accepted in them. Pages of some thousand keep nobody waiting. */
  facts(units: { readonly after: number; readonly upTo: number }): Promise<Facts>
  /** How many deliveries are open in each state, and how many have failed and were not purged or requeued. */
  deliveryCounts(): Promise<ReadonlyMap<DeliveryState, number>>
  /** How many tasks are open in each state. */
  openTaskCounts(): Promise<ReadonlyMap<TaskState, number>>
}
