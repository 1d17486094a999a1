import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // A time-out is for what hangs: on a machine that is busy with something else a test may take long.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // Where nobody looks on, a failure that comes from the machine's other work gets a second run; the summary names it.
    retry: process.env.CI ? 1 : 0,
    setupFiles: ['test/reaper.ts'],
    pool: 'forks',
    maxWorkers: 2,
  },
})
