/** Runs the daemon's loops: starts them, lets news wake them, and lets each come to its end. */
import { type Loop, startLoop } from '../kernel/loop.ts'
import { Scope } from '../kernel/scope.ts'
import { loopTable, type News } from '../loops.ts'
import { listen } from './listening.ts'
import type { LoopParts } from './parts.ts'
import { recover } from './recovery.ts'

export class LoopRunner {
  readonly #loops = new Map<string, Loop>()
  readonly #wokenBy = new Map<News, Loop[]>()

  constructor(private readonly parts: LoopParts) {}

  /** Loops whose last tick failed, in words. */
  failures(): readonly string[] {
    return [...this.#loops].flatMap(([name, { failure }]) =>
      failure === undefined ? [] : [`the loop "${name}" fails: ${failure}`],
    )
  }

  /** How often each loop went round. */
  counts(): readonly { name: string; ticks: number; failures: number }[] {
    return [...this.#loops].map(([name, { ticks, failures }]) => ({ name, ticks, failures }))
  }

  recover(): Promise<void> {
    return recover(this.parts)
  }

  /** Runs until the signal aborts, and then lets every loop come to its end. */
  async run(signal: AbortSignal): Promise<void> {
    const { definitions, router, supervisor, notices, views, activity } = this.parts
    await definitions.prepare()
    this.#start(signal)
    await using watched = new Scope()
    listen(this.parts, news => this.#wake(news), watched)
    router.start(signal)
    await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.all([...[...this.#loops.values()].map(({ done }) => done), router.stop()])
    await supervisor.settle()
    await notices.settle()
    await views.tick(signal)
    await activity.tick(signal)
  }

  #start(signal: AbortSignal): void {
    const { log } = this.parts
    for (const { name, tick, wokenBy, ...pace } of loopTable(this.parts)) {
      const loop = startLoop(name, async ended => tick(ended), { ...pace, log, signal })
      this.#loops.set(name, loop)
      for (const news of wokenBy) this.#wokenBy.set(news, [...(this.#wokenBy.get(news) ?? []), loop])
    }
  }

  #wake(news: News): void {
    for (const loop of this.#wokenBy.get(news) ?? []) loop.wake()
  }
}
