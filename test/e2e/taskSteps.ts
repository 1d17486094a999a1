/** What tests of tasks do again and again: add one, and wait for what becomes of it. */
import { until } from '../../src/kernel/abort.ts'
import type { Workbench } from './workbench.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
export type Document = any

/** Waits for a task to come into one of these states; returns its story. */
export async function whenTask(bench: Workbench, id: string, ...states: readonly string[]): Promise<Document> {
  let story: Document
  const found = await until(
    async () => {
      story = await bench.ok(['task', 'show', id])
      return states.includes(story.task.state)
    },
    { timeoutMs: 20_000, everyMs: 100 },
  )
  if (!found) throw new Error(`${id} is not ${states.join(' or ')}: ${JSON.stringify(story, null, 1)}`)
  return story
}

/** Waits until the task says why it is as it is. */
export async function whenSaid(bench: Workbench, id: string, reason: string): Promise<void> {
  let last: Document
  const found = await until(
    async () => {
      last = (await bench.ok(['task', 'show', id])).events
      return last.some((event: Document) => event.reason?.includes(reason))
    },
    { timeoutMs: 10_000, everyMs: 100 },
  )
  if (!found) throw new Error(`nobody says ${reason}: ${JSON.stringify(last, null, 1)}`)
}

export async function add(bench: Workbench, ...words: readonly string[]): Promise<Document> {
  return (await bench.ok(['task', 'add', ...words])).tasks[0]
}
