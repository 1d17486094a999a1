import { expect, it } from 'vitest'
import { storm } from './storm.ts'

const SECONDS = Number(process.env.AGENCY_STORM ?? 20)
const SEED = Number(process.env.AGENCY_STORM_SEED ?? 7)

it(
  'R-BUS-4 a storm of kills, stops and half-typed words: nothing accepted is lost, altered, or twice without a mark',
  async () => {
    const report = await storm(
      SEED,
      SECONDS,
      process.env.AGENCY_STORM ? line => process.stderr.write(`${line}\n`) : () => {},
    )
    if (process.env.AGENCY_STORM) process.stderr.write(`${JSON.stringify(report, null, 1)}\n`)
    expect(report.complaints).toEqual([])
    expect(report.sent).toBeGreaterThan(0)
  },
  (SECONDS + 400) * 1000,
)
