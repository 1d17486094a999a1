/** Watches the run folders, so that an idle daemon reads nothing and an ended program is seen at once. */
import { type FSWatcher, statSync, watch } from 'node:fs'
import type { Workspace } from '../config/workspace.ts'
import { isAlive } from '../kernel/process.ts'
import { eventsFolder, observeRun, runFolder } from './runFolder.ts'

export type RunChange = 'run' | 'out' | 'events'
export type RunFacts = Awaited<ReturnType<typeof observeRun>>

/** A missed notification costs at most this long. */
const TRUST_MS = 60_000

export class RunWatch {
  readonly #watchers = new Map<string, { readonly folder: string; readonly watchers: readonly FSWatcher[] }>()
  readonly #known = new Map<string, { facts: RunFacts; at: number }>()
  /** Counts what was heard, so that a reading which news has overtaken is not kept. */
  readonly #news = new Map<string, number>()
  readonly #listeners = new Set<(address: string, change: RunChange) => void>()

  constructor(private readonly workspace: Workspace) {}

  onChange(listener: (address: string, change: RunChange) => void): void {
    this.#listeners.add(listener)
  }

  async watch(address: string): Promise<void> {
    const run = runFolder(this.workspace, address)
    // Asked at every change of an agent, and nearly always watched already. The folder is made for a start: one that is made
    // here would be left behind by an agent that is just being removed.
    const folder = identify(run)
    if (folder === undefined || this.#watchers.get(address)?.folder === folder) return
    this.unwatch(address)
    const own = watch(run, (_event, file) => {
      if (file === 'out' || file === 'out.1') return this.#tell(address, 'out')
      this.#forget(address)
      this.#tell(address, 'run')
    })
    const events = watch(eventsFolder(run), (_event, file) => {
      if (!file?.startsWith('.')) this.#tell(address, 'events')
    })
    for (const watcher of [own, events]) watcher.on('error', () => this.unwatch(address))
    this.#watchers.set(address, { folder, watchers: [own, events] })
    // What was written before anybody listened is looked for once.
    for (const change of ['run', 'out', 'events'] as const) this.#tell(address, change)
  }

  unwatch(address: string): void {
    for (const watcher of this.#watchers.get(address)?.watchers ?? []) watcher.close()
    this.#watchers.delete(address)
    this.#forget(address)
  }

  close(): void {
    for (const address of [...this.#watchers.keys()]) this.unwatch(address)
  }

  /** What the folder says, read again only when something in it has changed; whether the process lives is asked each time. */
  async observe(address: string): Promise<RunFacts> {
    const known = this.known(address)
    if (known) {
      const { program } = known
      return { ...known, program: program && { ...program, isAlive: isAlive(program.pid) } }
    }
    const at = performance.now()
    const news = this.#news.get(address)
    const facts = await observeRun(runFolder(this.workspace, address))
    if (this.#watchers.has(address) && this.#news.get(address) === news) this.#known.set(address, { facts, at })
    return facts
  }

  /** What was read last, while nothing has been heard since: the same object for as long. */
  known(address: string): RunFacts | undefined {
    const known = this.#known.get(address)
    return known && performance.now() - known.at < TRUST_MS ? known.facts : undefined
  }

  #forget(address: string): void {
    this.#known.delete(address)
    this.#news.set(address, (this.#news.get(address) ?? 0) + 1)
  }

  #tell(address: string, change: RunChange): void {
    for (const listener of this.#listeners) listener(address, change)
  }
}

/** A folder that was removed and made again has the same name, and its old watcher hears nothing any more. Undefined when it is not whole. */
function identify(run: string): string | undefined {
  const [own, events] = [run, eventsFolder(run)].map(folder =>
    statSync(folder, { bigint: true, throwIfNoEntry: false }),
  )
  return own && events && `${own.ino}:${own.birthtimeNs}:${events.ino}:${events.birthtimeNs}`
}
