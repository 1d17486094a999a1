import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'

it('R-ALL-3 a command line that is not built says so, as JSON to whoever asked for JSON, and ends with 8', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agency-unbuilt-'))
  try {
    await mkdir(join(folder, 'bin'))
    await cp(join(packageRoot, 'bin', 'agency.js'), join(folder, 'bin', 'agency.js'))
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    const run = (...words: readonly string[]) => {
      const ran = spawnSync(process.execPath, [join(folder, 'bin', 'agency.js'), ...words], { encoding: 'utf8' })
      return [ran.status, ran.stdout, ran.stderr]
    }
    const error = { code: 'ENVIRONMENT', message: 'the command line is not built', hint: 'npm run build' }
    const words = 'error  the command line is not built   [ENVIRONMENT]\ntry    npm run build\n'
    for (const verb of ['status', 'send']) {
      expect(run(verb, '--json')).toEqual([8, `${JSON.stringify({ error })}\n`, ''])
      expect(run(verb)).toEqual([8, '', words])
      expect(run(verb, '--', '--json')).toEqual([8, '', words])
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
