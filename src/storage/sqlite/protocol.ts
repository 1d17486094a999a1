/** What passes between the store's client and its worker: calls of the port's methods by name, and their outcomes. */
import type { ErrorDocument } from '../../kernel/errors.ts'
import type { Store } from '../store.ts'

type MethodName = Exclude<keyof Store, symbol | 'changes' | 'onChange'>

/** A part of the port, synchronous, as an engine in one thread has it. */
export type Sync<Part> = {
  readonly [Name in keyof Part as Name extends symbol ? never : Name]: Part[Name] extends (
    ...args: infer Args
  ) => Promise<infer Value>
    ? (...args: Args) => Value
    : never
}
export type SyncStore = Sync<Pick<Store, MethodName>>

// A record, so that a method that the port gains does not compile until it is here. True when it only reads.
export const METHODS: Readonly<Record<MethodName, { readonly reads: boolean }>> = {
  accept: { reads: false },
  next: { reads: true },
  claim: { reads: false },
  advance: { reads: false },
  postpone: { reads: false },
  underWay: { reads: true },
  due: { reads: true },
  nextDue: { reads: true },
  inStates: { reads: true },
  waiting: { reads: true },
  requeue: { reads: false },
  purge: { reads: false },
  inbox: { reads: true },
  find: { reads: true },
  messages: { reads: true },
  replies: { reads: true },
  saveAgency: { reads: false },
  saveAgent: { reads: false },
  agencies: { reads: true },
  agents: { reads: true },
  removeAgency: { reads: false },
  removeAgent: { reads: false },
  append: { reads: false },
  units: { reads: true },
  unitSpan: { reads: true },
  mark: { reads: false },
  marked: { reads: true },
  acquireLock: { reads: false },
  extendLock: { reads: false },
  endLock: { reads: false },
  sweepLocks: { reads: false },
  locks: { reads: true },
  findLock: { reads: true },
  locksOn: { reads: true },
  lockTime: { reads: true },
  changeTasks: { reads: false },
  claimTask: { reads: false },
  extendTask: { reads: false },
  findTask: { reads: true },
  tasks: { reads: true },
  dueTasks: { reads: true },
  nextTaskDue: { reads: true },
  readyQueues: { reads: true },
  trackRecords: { reads: true },
  addSubmission: { reads: false },
  moveSubmission: { reads: false },
  settleSubmission: { reads: false },
  findSubmission: { reads: true },
  submissions: { reads: true },
  facts: { reads: true },
  deliveryCounts: { reads: true },
  openTaskCounts: { reads: true },
  addSandbox: { reads: false },
  changeSandbox: { reads: false },
  sandboxes: { reads: true },
  findSandbox: { reads: true },
  check: { reads: true },
}

export interface Call {
  readonly method: MethodName
  readonly args: readonly unknown[]
}

export type Outcome = { readonly value: unknown } | { readonly error: ErrorDocument }

export type ToWorker =
  | { readonly calls: readonly (Call & { readonly id: number })[] }
  /** Finish what was asked, close the file, end. */
  | { readonly close: true }

export type FromWorker =
  | { readonly opened: true }
  | { readonly refused: ErrorDocument }
  /** The disk cannot be trusted any more: nothing is answered after this, and the worker ends. */
  | { readonly failed: ErrorDocument }
  | { readonly outcomes: readonly (readonly [id: number, outcome: Outcome])[] }

/** A store whose every method goes through `call`. */
export function proxyStore(call: (call: Call) => Promise<unknown>, dispose: () => Promise<void>): Store {
  let changes = 0
  const listeners = new Set<() => void>()
  const change = () => {
    changes++
    for (const listener of listeners) listener()
  }
  const methods = Object.keys(METHODS).map(name => {
    const method = name as MethodName
    const send = (...args: unknown[]) => {
      const answer = call({ method, args })
      if (!METHODS[method].reads) change()
      return answer
    }
    return [method, send]
  })
  return {
    ...(Object.fromEntries(methods) as Pick<Store, MethodName>),
    get changes() {
      return changes
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    [Symbol.asyncDispose]: dispose,
  }
}
