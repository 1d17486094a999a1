// Runs all tests once and measures what they run, in every process that they start: npm run coverage. Fails under the aims of
// test/covered/vitest.config.ts.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const raw = mkdtempSync(join(tmpdir(), 'agency-coverage-'))
const run = (script, args, env = {}) =>
  spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  }).status ?? 1

let status = 1
try {
  // Minified, a whole function would be one statement; and with maps beside them only, no process spends time on reading them.
  status = run('bin/build.js', ['--readable'])
  if (status === 0)
    status = run(
      'node_modules/vitest/vitest.mjs',
      ['run', '--config', 'test/covered/vitest.config.ts', ...process.argv.slice(2)],
      { AGENCY_COVERAGE_RAW: raw },
    )
} finally {
  rmSync(raw, { recursive: true, force: true })
  run('bin/build.js', [])
}
process.exit(status)
