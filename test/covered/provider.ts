/** Vitest's own measuring of what runs inside the tests, and with it what the processes that they start have run. */
import { join } from 'node:path'
import v8 from '@vitest/coverage-v8'
import type { CoverageProvider, CoverageProviderModule, ReportContext } from 'vitest/node'

const module: CoverageProviderModule = {
  ...v8,
  async getProvider(): Promise<CoverageProvider> {
    // Loaded by the one process that reports, and not by each that runs tests.
    const { V8CoverageProvider } = await import('@vitest/coverage-v8/dist/provider.js')
    const { coverageOfChildren } = await import('./children.ts')
    class WithChildren extends V8CoverageProvider {
      override async generateCoverage(context: ReportContext) {
        const coverage = await super.generateCoverage(context)
        const { raw, dist } = foldersOf(process.env, this.ctx.config.root)
        for (const converted of await coverageOfChildren(raw, dist)) coverage.merge(converted)
        coverage.filter((file: string) => this.isIncluded(file))
        return coverage
      }
    }
    return new WithChildren()
  },
}

export default module

function foldersOf(env: NodeJS.ProcessEnv, root: string): { raw: string; dist: string } {
  const raw = env['AGENCY_COVERAGE_RAW']
  if (!raw) throw new Error('npm run coverage names the folder for the records')
  return { raw, dist: join(root, 'dist') }
}
