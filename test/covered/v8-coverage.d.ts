/** The package brings no types of its own. */
declare module '@bcoe/v8-coverage' {
  import type { Profiler } from 'node:inspector'
  export type ScriptCov = Profiler.ScriptCoverage
  export interface ProcessCov {
    result: ScriptCov[]
  }
  export function mergeProcessCovs(records: readonly ProcessCov[]): ProcessCov
}
