/** How busy this machine is. */
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os'

export interface Host {
  /** Of the last minute. */
  readonly load: number
  readonly cores: number
  /** 0 to 1. */
  readonly memory: number
}

export function sampleHost(): Host {
  return { load: loadavg()[0] ?? 0, cores: availableParallelism(), memory: 1 - freemem() / totalmem() }
}
