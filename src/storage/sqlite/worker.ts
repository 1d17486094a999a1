/** The worker thread that owns the database: whatever was asked while one commit ran goes into the next one. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { crashAt } from '../../kernel/crash.ts'
import { toAgencyError } from '../../kernel/errors.ts'
import { SqliteEngine } from './engine.ts'
import { type FromWorker, METHODS, type Sent, type ToWorker, toAnswered, toCall } from './protocol.ts'

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
    const { sent, isClosing } = drain(first)
    for (let start = 0; start < sent.length; start += MOST_CALLS) commit(sent.slice(start, start + MOST_CALLS))
    const { failure } = engine
    if (!isClosing && !failure) {
      // Reading leaves nothing to move.
      if (sent.some(one => 'accept' in one || !METHODS[one.method].reads)) idle.refresh()
      return
    }
    // What was lost is found by the next opening of the file: a daemon that cannot write must not live on and only refuse.
    if (failure) reply({ failed: failure.toDocument() })
    clearTimeout(idle)
    engine.close()
    port.close()
  })

  function commit(sent: readonly Sent[]): void {
    const outcomes = engine.batch(sent.map(toCall))
    if (sent.some(one => 'accept' in one)) reach('store:accept')
    reply({ outcomes: sent.map((one, index) => toAnswered(one, outcomes[index]!)) })
  }
}

/** Takes everything that waits on the port, so that it shares one commit. */
function drain(first: ToWorker): { sent: readonly Sent[]; isClosing: boolean } {
  const sent: Sent[] = []
  let next: { message: ToWorker } | undefined = { message: first }
  while (next) {
    if ('close' in next.message) return { sent, isClosing: true }
    sent.push(...next.message.calls)
    next = receiveMessageOnPort(port) as { message: ToWorker } | undefined
  }
  return { sent, isClosing: false }
}

function reply(message: FromWorker): void {
  port.postMessage(message)
}
