/** npm run bench: every figure that the README and BENCHMARKS.md speak of, with its yardstick. Names as arguments choose some. */
import { cpus, totalmem } from 'node:os'
import { accept } from './accept.ts'
import { branches } from './branches.ts'
import { create, idle } from './create.ts'
import { latency } from './latency.ts'
import { locks } from './locks.ts'
import { type Row, table } from './measure.ts'
import { monitor } from './monitor.ts'
import { screens } from './screens.ts'
import { soak } from './soak.ts'
import { weather } from './storm.ts'
import { supervision } from './supervision.ts'
import { tasks } from './tasks.ts'

const BENCHES: Record<string, () => Promise<readonly Row[]>> = {
  accept,
  locks,
  latency,
  create,
  idle,
  tasks,
  supervision,
  branches,
  monitor,
  screens,
  soak,
  storm: weather,
}
const chosen = process.argv.slice(2)
const rows: Row[] = []
for (const [name, bench] of Object.entries(BENCHES)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  process.stderr.write(`measuring ${name}\n`)
  rows.push(...(await bench()))
}
process.stdout.write(
  `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, node ${process.versions.node}\n\n${table(rows)}\n`,
)
process.exit(0)
