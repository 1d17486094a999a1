/** The storm of test/chaos, for AGENCY_STORM seconds: what is left of the promise when everything goes wrong at once. */
import { storm } from '../chaos/storm.ts'
import type { Row } from './measure.ts'

export async function weather(seconds = Number(process.env.AGENCY_STORM ?? 120)): Promise<readonly Row[]> {
  const { sent, deeds, states, verdict, complaints } = await storm(7, seconds, () => {})
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`)
  const count = Object.values(deeds).reduce((sum, times) => sum + times, 0)
  const { lost, altered, unmarked, marked } = verdict
  const told = Object.entries(states).map(([state, times]) => `${times} ${state}`)
  return [
    {
      what: `${sent} messages through ${seconds} s of kill -9, kill-server, kill-pane, stops and half-typed words (${count} of them)`,
      aim: '0 lost, 0 altered, 0 unmarked duplicates',
      measured: `${lost.length} lost, ${altered.length} altered, ${unmarked.length} unmarked duplicates (${marked} marked); ${told.join(', ')}`,
    },
  ]
}
