/** The half of a warden that its programs live with: it runs them, answers for the mocks, and obeys the daemon. */
import type { Server } from 'node:net'
import { join } from 'node:path'
import { Recording } from '../../kernel/recording.ts'
import type { WardenLog, WardenOrder, WardenRequest, WardenStatus } from '../../model/warden.ts'
import { BoundedLog } from './boundedLog.ts'
import { type Running, runCommand } from './command.ts'
import { type Caller, listenForOrders } from './control.ts'
import { forward, listen } from './forward.ts'
import { mockServer } from './mockServer.ts'

export class Inside {
  readonly #servers: Server[] = []
  readonly #running = new Set<Running>()
  #app: WardenStatus = { app: 'none' }
  #stopped: () => void = () => {}
  readonly #end = new Promise<void>(resolve => {
    this.#stopped = resolve
  })

  constructor(private readonly order: WardenOrder) {}

  /** Until it is told to stop. The control socket comes last: who reaches it finds everything else there. */
  async run(): Promise<void> {
    const { order } = this
    const { ports, sockets, isolation } = order
    if (isolation === 'bubblewrap') {
      const app = ['127.0.0.1', '::1'].map(host => ({ host, port: ports.app }))
      this.#servers.push(await forward({ path: sockets.preview }, app))
      if (order.database)
        this.#servers.push(await forward({ host: '127.0.0.1', port: ports.database }, [{ path: sockets.database }]))
    }
    const log = new BoundedLog(this.#logFile('mocks'), 'goes on')
    const mocks = mockServer({ routes: order.mocks, documents: order.documents }, line => log.line(line))
    await listen(mocks, { host: '127.0.0.1', port: ports.mocks })
    const mocked = `${order.mocks.length} routes, ${order.documents.length} OpenAPI documents`
    log.line(`${mocked} on http://127.0.0.1:${ports.mocks}`)
    this.#servers.push(mocks, await listenForOrders(sockets.control, (request, caller) => this.#obey(request, caller)))
    this.#show(order.title)
    if (order.url) this.#show(`preview   ${order.url}`)
    this.#show(`mocks     http://127.0.0.1:${ports.mocks}   ${mocked}`)
    this.#show(`isolation ${isolation}`)
    await this.#end
    for (const server of this.#servers) server.close()
  }

  stop(): void {
    for (const running of this.#running) running.stop('the sandbox was taken down')
    this.#stopped()
  }

  async #obey(request: WardenRequest, caller: Caller): Promise<void> {
    if (request.do === 'stop') return this.stop()
    if (request.do === 'start') this.#start()
    if (request.do !== 'run') return caller.say({ status: this.#app })
    await this.#run(request, caller)
  }

  #start(): void {
    const { app, folder, env } = this.order
    if (app === undefined || this.#app.app === 'running') return
    const log = new BoundedLog(this.#logFile('app'), 'goes on')
    log.line(`$ ${app}`)
    const running = this.#begin({
      argv: ['/bin/sh', '-c', app],
      cwd: folder,
      env,
      timeoutMs: 0,
      take: chunk => log.write(chunk),
    })
    this.#app = { app: 'running', startedAt: Date.now() }
    this.#show(`app       ${app}`)
    void running.end.then(({ status, ended }) => {
      const how = ended ?? `it ended with ${status}`
      log.line(`\n[${how}]`)
      log.close()
      this.#app = { ...this.#app, app: 'ended', exit: status ?? -1 }
      this.#show(`app       ${how}`)
    })
  }

  async #run(request: WardenRequest & { do: 'run' }, caller: Caller): Promise<void> {
    const { folder: cwd, env } = this.order
    const { argv, timeoutMs, log: name, isRecorded } = request
    const log = name && new BoundedLog(this.#logFile(name), 'ends')
    const shown = argv.at(-1)!
    const cast = name && isRecorded ? new Recording(join(this.order.logs, `${name}.cast`), shown) : undefined
    log?.line(`$ ${shown}`)
    if (name) this.#show(`${name.padEnd(9)} ${shown}`)
    const take = (chunk: Buffer) => {
      if (log) log.write(chunk)
      else caller.say({ out: chunk.toString('base64') })
      cast?.write(chunk)
    }
    const running = this.#begin({ argv, cwd, env, timeoutMs, take })
    caller.onGone(() => running.stop('whoever asked for it has gone'))
    const done = await running.end
    const how = done.ended ?? `it ended with ${done.status}`
    log?.line(`\n[${how}, ${done.seconds} s]`)
    log?.close()
    cast?.close(`${how}, ${done.seconds} s`)
    if (name) this.#show(`${name.padEnd(9)} ${how}, ${done.seconds} s`)
    caller.say({ done })
  }

  #begin(order: Parameters<typeof runCommand>[0]): Running {
    const running = runCommand(order)
    this.#running.add(running)
    void running.end.then(() => this.#running.delete(running))
    return running
  }

  #logFile(name: WardenLog): string {
    return join(this.order.logs, `${name}.log`)
  }

  #show(line: string): void {
    process.stdout.write(
      `${new Date().toTimeString().slice(0, 8)}  ${line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')}\n`,
    )
  }
}
