/**
 * The warden: the one process in a sandbox's window `monitor` that owns its program, its tests and its mocks, and ends them all.
 * It outlives the daemon. Isolated it has two halves: one outside that holds the ports, and one inside that holds the rest.
 */
import { readFileSync } from 'node:fs'
import type { WardenOrder } from '../../model/warden.ts'
import { Inside } from './inside.ts'
import { runOutside } from './outside.ts'

async function main(half: string | undefined, file: string | undefined): Promise<void> {
  if (file === undefined) throw new Error('usage: warden inside|outside ORDER')
  const order = JSON.parse(readFileSync(file, 'utf8')) as WardenOrder
  if (half === 'outside') return runOutside(order, file)
  const inside = new Inside(order)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => inside.stop())
  await inside.run()
}

main(process.argv[2], process.argv[3]).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  },
)
