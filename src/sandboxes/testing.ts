/** Runs the tests of a sandbox and gathers what they tell: from their status, their output, and the reports that they wrote. */
import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { shortId } from '../kernel/ids.ts'
import type { Sandbox, TestOutcome } from '../model/sandbox.ts'
import { type ReportFile, readTestReport } from '../model/testReport.ts'
import { runInside } from './control.ts'
import type { SandboxParts } from './parts.ts'
import { homesFolder, placesOf } from './places.ts'
import { readPlainFile } from './project.ts'

/** The end of an output, in which runners sum up. */
const OUTPUT_BYTES = 4_000_000
const REPORT_BYTES = 8_000_000
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

export async function runTests(
  parts: SandboxParts,
  sandbox: Sandbox,
  command: string,
  signal: AbortSignal,
): Promise<TestOutcome> {
  const places = placesOf(parts.workspace, sandbox)
  const begun = Date.now()
  const { status, ended, seconds } = await runInside(
    places.sockets.control,
    { argv: ['/bin/sh', '-c', command], log: 'tests', timeoutMs: sandbox.plan.timeout * 1000 },
    { signal },
  ).catch(() => ({ status: undefined, ended: 'the sandbox does not answer', seconds: 0 }))
  const output = (await readPlainFile(sandbox.home, 'logs/tests.log', OUTPUT_BYTES)) ?? ''
  const report = readTestReport(output, await writtenReports(sandbox.folder, begun))
  const { passed, failed, skipped, failures, coverage } = report
  return {
    ...{ status, seconds, log: await keepLog(parts, sandbox, output), passed, failed, failures },
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
async function keepLog(parts: SandboxParts, sandbox: Sandbox, output: string): Promise<string> {
  const folder = resultsFolder(parts)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `${shortId(sandbox.id)}-${parts.clock.now()}.log`)
  await writeFile(file, output, { mode: 0o600 })
  return file
}

export function resultsFolder({ workspace }: SandboxParts): string {
  return join(homesFolder(workspace), 'results')
}
