/** The port's methods about tasks, each one transaction. */
import type { TaskStore } from '../../taskStore.ts'
import type { Connection } from '../connection.ts'
import type { Sync } from '../protocol.ts'
import { changeTasks, claimTask, extendTask } from '../taskChanges.ts'
import { readyQueues } from '../taskClaims.ts'
import { dueTasks, findTask, listTasks, nextTaskDue, trackRecords } from '../tasks.ts'

export function taskMethods(connection: Connection): Sync<TaskStore> {
  return {
    changeTasks(steps, heard) {
      return connection.change(() => changeTasks(connection, steps, heard))
    },

    claimTask(claim) {
      return connection.change(() => claimTask(connection, claim))
    },

    extendTask(task, epoch, leaseUntil) {
      return connection.change(() => extendTask(connection, task, epoch, leaseUntil))
    },

    findTask(idOrLabel) {
      return findTask(connection, idOrLabel)
    },

    tasks(filter, limit) {
      return listTasks(connection, filter, limit)
    },

    dueTasks(now, limit) {
      return dueTasks(connection, now, limit)
    },

    nextTaskDue() {
      return nextTaskDue(connection)
    },

    readyQueues() {
      return readyQueues(connection)
    },

    trackRecords(since) {
      return trackRecords(connection, since)
    },
  }
}
