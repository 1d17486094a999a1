/** The worker thread that owns the database: whatever was asked while one commit ran goes into the next one. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { crashAt } from '../../kernel/crash.ts'
import { toAgencyError } from '../../kernel/errors.ts'
import { SqliteEngine } from './engine.ts'
import { type FromWorker, METHODS, type ToWorker } from './protocol.ts'

/** How long nothing may have been asked before the worker spends time on a checkpoint. */
const IDLE_MS = 50

/** One commit of more calls would keep the first of them waiting. */
const MOST_CALLS = 256

const port = parentPort!
const reach = crashAt(process.env, () => {
  throw new Error('the worker was told to end here')
})
const engine = open((workerData as { file: string }).file)
if (engine) serve(engine)
else port.close()

function open(file: string): SqliteEngine | undefined {
  try {
    const opened = new SqliteEngine(file)
    reply({ opened: true })
    return opened
  } catch (error) {
    reply({ refused: toAgencyError(error).toDocument() })
    return undefined
  }
}

function serve(engine: SqliteEngine): void {
  const idle = setTimeout(() => engine.checkpointWhenLarge(), IDLE_MS)
  port.on('message', (first: ToWorker) => {
    const { calls, isClosing } = drain(first)
    for (let start = 0; start < calls.length; start += MOST_CALLS) commit(calls.slice(start, start + MOST_CALLS))
    const { failure } = engine
    if (!isClosing && !failure) {
      // Reading leaves nothing to move.
      if (calls.some(({ method }) => !METHODS[method].reads)) idle.refresh()
      return
    }
    // What was lost is found by the next opening of the file: a daemon that cannot write must not live on and only refuse.
    if (failure) reply({ failed: failure.toDocument() })
    clearTimeout(idle)
    engine.close()
    port.close()
  })

  function commit(calls: Calls): void {
    const outcomes = engine.batch(calls)
    if (calls.some(({ method }) => method === 'accept')) reach('store:accept')
    reply({ outcomes: calls.map(({ id }, index) => [id, outcomes[index]!] as const) })
  }
}

type Calls = Extract<ToWorker, { calls: unknown }>['calls']

/** Takes everything that waits on the port, so that it shares one commit. */
function drain(first: ToWorker): { calls: Calls; isClosing: boolean } {
  const calls: Calls[number][] = []
  let next: { message: ToWorker } | undefined = { message: first }
  while (next) {
    if ('close' in next.message) return { calls, isClosing: true }
    calls.push(...next.message.calls)
    next = receiveMessageOnPort(port) as { message: ToWorker } | undefined
  }
  return { calls, isClosing: false }
}

function reply(message: FromWorker): void {
  port.postMessage(message)
}
