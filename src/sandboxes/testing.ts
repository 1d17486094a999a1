/** Runs the tests of a sandbox and gathers what they tell: from their status, their output, and the reports that they wrote. */
import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCast } from '../kernel/asciicast.ts'
import { shortId } from '../kernel/ids.ts'
import { tellingLines } from '../model/check.ts'
import type { Sandbox, TestOutcome } from '../model/sandbox.ts'
import { type ReportFile, readTestReport } from '../model/testReport.ts'
import type { RunEnd } from '../model/warden.ts'
import { runInside } from './control.ts'
import type { SandboxParts } from './parts.ts'
import { homesFolder, placesOf } from './places.ts'
import { readPlainFile } from './project.ts'

/** The end of an output, in which runners sum up. */
const OUTPUT_BYTES = 4_000_000
const REPORT_BYTES = 8_000_000
const CAST_BYTES = 20_000_000
const MOST_REPORTS = 200
const REPORT_FOLDERS = [
  '.',
  'reports',
  'report',
  'test-results',
  'test-reports',
  'build/test-results/test',
  'target/surefire-reports',
  'coverage',
  '.nyc_output',
]
const REPORT_NAMES =
  /^(junit.*\.xml|TEST-.*\.xml|.*(test|result|report)s?.*\.xml|coverage\.xml|cobertura.*\.xml|lcov\.info|coverage-summary\.json)$/i

export interface TestOrder {
  /** In place of the project's tests. */
  readonly command?: string
  /** Folder for its output, and its recording, which outlive the sandbox. */
  readonly keepIn?: string
}

export async function runTests(
  parts: SandboxParts,
  sandbox: Sandbox,
  { command, keepIn }: TestOrder & { readonly command: string },
  signal: AbortSignal,
): Promise<TestOutcome> {
  const places = placesOf(parts.workspace, sandbox)
  const begun = Date.now()
  const order = { argv: ['/bin/sh', '-c', command], log: 'tests' as const, isRecorded: true }
  const timeoutMs = sandbox.plan.timeout * 1000
  const { status, ended, seconds, isLost } = await runInside(
    places.sockets.control,
    { ...order, timeoutMs },
    { signal },
  ).catch((): RunEnd => ({ ended: 'the sandbox does not answer', seconds: 0, isLost: true }))
  const output = (await readPlainFile(sandbox.home, 'logs/tests.log', OUTPUT_BYTES)) ?? ''
  const cast = await readPlainFile(sandbox.home, 'logs/tests.cast', CAST_BYTES)
  const report = readTestReport(output, await writtenReports(sandbox.folder, begun))
  const { passed, failed, skipped, failures, coverage } = report
  return {
    ...{ status, seconds, passed, failed, failures },
    ...(status === 0 ? {} : { tail: tellingLines(output) }),
    ...(await keep(parts, sandbox, { output, cast, folder: keepIn ?? resultsFolder(parts) })),
    ...(isLost ? { isLost } : {}),
    ...(ended === undefined ? {} : { ended }),
    ...(skipped === undefined ? {} : { skipped }),
    ...(coverage === undefined ? {} : { coverage }),
  }
}

/** Of this run: what lies there from before says nothing about it. */
async function writtenReports(folder: string, begun: number): Promise<readonly ReportFile[]> {
  const found: ReportFile[] = []
  for (const place of REPORT_FOLDERS)
    for (const name of await readdir(join(folder, place)).catch(() => [])) {
      if (!REPORT_NAMES.test(name) || found.length >= MOST_REPORTS) continue
      const path = join(place, name)
      const written = await lstat(join(folder, path)).catch(() => undefined)
      // A file system may keep whole seconds only.
      if (!written?.isFile() || written.mtimeMs < begun - 1_000 || written.size > REPORT_BYTES) continue
      const text = await readPlainFile(folder, path, REPORT_BYTES)
      if (text !== undefined) found.push({ name, text })
    }
  return found
}

/** Where it outlives the sandbox, for whoever decides on it. */
async function keep(
  { clock }: SandboxParts,
  { id }: Sandbox,
  { output, cast, folder }: { output: string; cast: string | undefined; folder: string },
): Promise<{ log: string; cast?: string }> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `${shortId(id)}-${clock.now()}`)
  await writeFile(`${file}.log`, output, { mode: 0o600 })
  if (cast === undefined || !isCast(cast)) return { log: `${file}.log` }
  await writeFile(`${file}.cast`, cast, { mode: 0o600 })
  return { log: `${file}.log`, cast: `${file}.cast` }
}

export function resultsFolder({ workspace }: SandboxParts): string {
  return join(homesFolder(workspace), 'results')
}
