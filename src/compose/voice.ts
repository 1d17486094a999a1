/** How anything is said: the ledger that writes it down, and the publisher that takes it in. */
import { Ledger } from '../bus/ledger.ts'
import { type Draft, Publisher } from '../bus/publish.ts'
import { crashAt } from '../kernel/crash.ts'
import type { Ground } from './ground.ts'

export type Voice = ReturnType<typeof composeVoice>

export function composeVoice(ground: Ground) {
  const { store, settings, env } = ground
  const ledger = new Ledger(store, crashAt(env, endSelf), settings.delivery.ackTimeout * 1000)
  const publisher = new Publisher({ ...ground, ledger })
  return { ledger, publisher, publish: (caller: string, draft: Draft) => publisher.publish(caller, draft) }
}

function endSelf(): void {
  process.kill(process.pid, 'SIGKILL')
}
