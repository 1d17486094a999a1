/** The store as the daemon holds it: every call goes to the worker thread and resolves after its commit. */
import { Worker } from 'node:worker_threads'
import { AgencyError, fromDocument } from '../../kernel/errors.ts'
import type { Store } from '../store.ts'
import { type Call, type FromWorker, proxyStore, type ToWorker } from './protocol.ts'

export interface SqliteStoreOptions {
  readonly file: string
  /** The bundled `worker.ts`. */
  readonly workerFile: string
  /** Told when the worker has ended by itself: from then on every call is refused, so whoever holds the store has to end too. */
  readonly onLost: (error: AgencyError) => void
}

/** AgencyError: STORE_DAMAGED, NEWER_STORE, DISK, ENVIRONMENT. */
export async function openSqliteStore({ file, workerFile, onLost }: SqliteStoreOptions): Promise<Store> {
  const worker = new Worker(workerFile, { workerData: { file }, name: 'store' })
  const calls = new Calls(worker, file)
  await calls.opened
  void calls.lost.then(onLost)
  return proxyStore(
    call => calls.send(call),
    () => calls.close(),
  )
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

class Calls {
  readonly opened: Promise<void>
  /** Pending for as long as the worker serves, and when it was closed. */
  readonly lost: Promise<AgencyError>
  readonly #worker: Worker
  readonly #exited: Promise<unknown>
  readonly #file: string
  readonly #waiting = new Map<number, Waiting>()
  #outgoing: (Call & { id: number })[] = []
  #lastId = 0
  #closed: Promise<void> | undefined
  #ended: AgencyError | undefined
  #lose: (error: AgencyError) => void = () => {}

  constructor(worker: Worker, file: string) {
    this.#worker = worker
    this.#file = file
    this.opened = new Promise((resolve, reject) => this.#waiting.set(0, { resolve: () => resolve(), reject }))
    this.lost = new Promise(resolve => {
      this.#lose = resolve
    })
    this.#exited = new Promise(resolve => worker.once('exit', resolve))
    worker.on('message', (message: FromWorker) => this.#receive(message))
    worker.once('error', error => this.#end(error))
    worker.once('exit', () => this.#end())
  }

  send(call: Call): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended)
    if (this.#closed) return Promise.reject(closed(this.#file))
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      // What is asked within one turn goes in one post, and so into one commit.
      if (this.#outgoing.push({ ...call, id }) === 1) queueMicrotask(() => this.#flush())
    })
  }

  /** Resolves when everything that was asked is answered and the file is closed. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#flush()
    this.#post({ close: true })
    await this.#exited
  }

  #flush(): void {
    const calls = this.#outgoing
    this.#outgoing = []
    if (calls.length === 0) return
    try {
      this.#post({ calls })
    } catch {
      // Nothing of it was sent. One alone cannot be: the others are not to be lost with it.
      for (const call of calls) this.#flushOne(call)
    }
  }

  #flushOne(call: Call & { id: number }): void {
    try {
      this.#post({ calls: [call] })
    } catch (error) {
      this.#take(call.id)?.reject(error as Error)
    }
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #receive(message: FromWorker): void {
    if ('opened' in message) this.#take(0)?.resolve(undefined)
    else if ('refused' in message) this.#take(0)?.reject(fromDocument(message.refused))
    else if ('failed' in message) this.#end(fromDocument(message.failed))
    else
      for (const [id, outcome] of message.outcomes) {
        if ('value' in outcome) this.#take(id)?.resolve(outcome.value)
        else this.#take(id)?.reject(fromDocument(outcome.error))
      }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  /** Nothing more is answered: what waits may or may not have been kept. */
  #end(cause?: unknown): void {
    if (this.#ended) return
    this.#ended = this.#closed ? closed(this.#file) : stopped(this.#file, cause)
    if (!this.#closed) this.#lose(this.#ended)
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }
}

function closed(file: string): AgencyError {
  return new AgencyError('NO_DAEMON', `the store ${file} is closed`, { hint: 'start it again: agency up' })
}

function stopped(file: string, cause: unknown): AgencyError {
  if (cause instanceof AgencyError) return cause
  const detail = cause instanceof Error ? `: ${cause.message}` : ''
  return new AgencyError('DISK', `the worker of the store ${file} has stopped${detail}`, {
    hint: 'start again: agency up; then look: agency doctor',
    cause,
  })
}
