/** How well it all works: measured from the log, and counted while it happens. */

import type { LoopRunner } from '../loops/runner.ts'
import { EventCounts } from '../measures/eventCounts.ts'
import { MeasureBook } from '../measures/measures.ts'
import type { ComposedParts } from './composed.ts'

export function composeMeasures({ ground, voice, work }: ComposedParts, loops: LoopRunner) {
  const measures = new MeasureBook(ground)
  const counts = new EventCounts()
  voice.ledger.onEvent(event => counts.onLedger(event))
  work.board.onChange(task => counts.onTask(task))
  ground.roster.onChange(({ record }) => counts.onAgent(record))
  // Loaded when somebody asks for it: most workspaces are never scraped.
  const exposition = once(async () => {
    const { Exposition } = await import('../measures/exposition.ts')
    return new Exposition({ ...ground, counts, book: measures, loops: () => loops.counts() })
  })
  return { measures, exposition: async () => (await exposition()).text() }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
