/** What the bundled processes that tests start (command line, daemon, store's worker, rehearsal agents) have run of src/, by their own records. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mergeProcessCovs, type ProcessCov, type ScriptCov } from '@bcoe/v8-coverage'
import { convert } from 'ast-v8-to-istanbul'
import { parseAstAsync } from 'vitest/node'

type Converted = Awaited<ReturnType<typeof convert>>

/** Records merged in one step: each holds every function of its bundles, so all at once would not fit into memory. */
const BATCH = 40

/** `raw`: where node has left a record for each process. `dist`: the bundles, readable, with their source maps beside them. */
export async function coverageOfChildren(raw: string, dist: string): Promise<readonly Converted[]> {
  const { result } = await mergeRecords(raw, dist)
  const converted: Converted[] = []
  for (const script of result) {
    const file = fileURLToPath(script.url)
    const map = await readFile(`${file}.map`, 'utf8').catch(() => undefined)
    if (map === undefined) continue
    const code = await readFile(file, 'utf8')
    const sourceMap = JSON.parse(map)
    converted.push(await convert({ ast: parseAstAsync(code), code, coverage: script, sourceMap, wrapperLength: 0 }))
  }
  return converted
}

async function mergeRecords(raw: string, dist: string): Promise<ProcessCov> {
  let merged: ProcessCov = { result: [] }
  const names = await readdir(raw)
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = await Promise.all(names.slice(start, start + BATCH).map(name => readRecord(join(raw, name), dist)))
    merged = mergeProcessCovs([merged, ...batch])
  }
  await rm(raw, { recursive: true })
  return merged
}

/** A process that was killed in the middle of writing its record has left a part of it: that is dropped. */
async function readRecord(file: string, dist: string): Promise<ProcessCov> {
  try {
    const { result } = JSON.parse(await readFile(file, 'utf8')) as { result: ScriptCov[] }
    return { result: result.filter(({ url }) => url === `file://${join(dist, basename(url))}`) }
  } catch (error) {
    if (error instanceof SyntaxError) return { result: [] }
    throw error
  }
}
