/** A task in a state, for tests of the model. */
import { newId } from '../../src/kernel/ids.ts'
import { isHeld, type Task, type TaskState } from '../../src/model/task.ts'

const NOW = 1_800_000_000_000

export function task(state: TaskState, changes: Partial<Task> = {}): Task {
  return {
    ...{
      id: newId(),
      seq: 1,
      label: 'TASK-001',
      title: 'A thing',
      body: '',
      agency: 'Code',
      assignee: undefined,
      needs: [],
    },
    ...{ createdBy: 'human', createdAt: NOW, priority: 1, parent: undefined, dependsOn: [], deadline: undefined },
    ...{
      maxAttempts: 3,
      state,
      since: NOW,
      reason: undefined,
      rank: 0,
      epoch: isHeld(state) ? 1 : 0,
      notBefore: undefined,
    },
    claimant: isHeld(state) ? 'Code/a' : undefined,
    leaseUntil: isHeld(state) ? NOW + 30_000 : undefined,
    ...{ message: undefined, completion: undefined, attempts: 0, interruptions: 0, iteration: 1, result: undefined },
    claimedSeq: 0,
    ...{ evidence: undefined, isUnapproved: false },
    ...changes,
  }
}
