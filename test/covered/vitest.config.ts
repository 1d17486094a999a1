import { join } from 'node:path'
import { mergeConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

/** Used by `npm run coverage`, which builds readable bundles first and names the folder for the records of all processes. */
export default mergeConfig(base, {
  root: join(import.meta.dirname, '..', '..'),
  test: {
    // A process that is measured starts later and ends later.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // Not of the processes that run the tests: those are measured by vitest.
    env: { NODE_V8_COVERAGE: process.env['AGENCY_COVERAGE_RAW'] },
    coverage: {
      enabled: true,
      provider: 'custom',
      customProviderModule: join(import.meta.dirname, 'provider.ts'),
      include: ['src/**/*.ts'],
      reporter: ['text', 'html'],
      reportOnFailure: true,
      thresholds: { lines: 80, 'src/model/**': { lines: 100 } },
    },
  },
})
