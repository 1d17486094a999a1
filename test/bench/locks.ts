/** Taking and giving back a lock in the daemon's store, behind its worker thread, against a raw sync of the same disk. */
import { Locks } from '../../src/locks/locks.ts'
import { withDisk } from './disk.ts'
import { factor, ms, type Row, type Spread, spread, times } from './measure.ts'

const ROUNDS = 2_000
/** Leases of others that are there all the while. */
const OTHERS = 200

export function locks(): Promise<readonly Row[]> {
  return withDisk(async ({ folder, store, sync }) => {
    const feature = new Locks({ store, clock: { now: Date.now }, publish: async () => {} })
    const { signal } = new AbortController()
    const acquire = (owner: string, name: string) => {
      const request = { names: [name], cwd: folder, mode: 'exclusive', ttlMs: 600_000, waitMs: 0 } as const
      return feature.acquire(owner, request, { signal, tell: () => {} })
    }
    const release = (id: string) => feature.release('Code/python-agent', { names: [id], cwd: folder })
    for (let other = 0; other < OTHERS; other++) await acquire('Code/lead', `src/other-${other}.ts`)
    const measured = { taken: [] as number[], given: [] as number[], disk: [] as number[] }
    for (let round = 0; round < ROUNDS + 200; round++) {
      const name = `src/file-${round % 50}.ts`
      let id = ''
      const taken = await times(1, async () => {
        id = (await acquire('Code/python-agent', name)).lease.id
      })
      const given = await times(1, () => release(id))
      const disk = await times(1, sync)
      // The first rounds warm up.
      if (round < 200) continue
      measured.taken.push(...taken)
      measured.given.push(...given)
      measured.disk.push(...disk)
    }
    const disk = spread(measured.disk)
    return [
      ...rows('lock acquired durably', spread(measured.taken), disk),
      ...rows('lock released durably', spread(measured.given), disk),
    ]
  })
}

function rows(what: string, ours: Spread, disk: Spread): readonly Row[] {
  return (
    [
      ['p50', '≤ 2 ×'],
      ['p99', '≤ 3 ×'],
    ] as const
  ).map(([part, aim]) => ({
    what: `${what}, ${part}`,
    aim,
    measured: ms(ours[part]),
    yardstick: `fdatasync of 4 KB ${ms(disk[part])}`,
    ratio: factor(ours[part] / disk[part]),
  }))
}
