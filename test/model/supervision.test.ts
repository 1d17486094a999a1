import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AgentRecord } from '../../src/model/agent.ts'
import { afterDeath, DEATH_WINDOW_MS, judge, type Observed } from '../../src/model/supervision.ts'

const NOW = 1_800_000_000_000
const limits = { backoffBaseMs: 2_000, backoffMaxMs: 300_000, quarantineDeaths: 5, random: () => 1 }
const record: AgentRecord = {
  address: 'Duo/a',
  agency: 'Duo',
  name: 'a',
  driver: 'rehearsal',
  isCoordinator: false,
  desired: 'running',
  state: 'ready',
  rule: 'composer',
  evidence: '',
  since: NOW - 60_000,
  serverPid: 100,
  pane: '%1',
  panePid: 200,
  pid: 300,
  instance: 3,
  startedAt: NOW - 60_000,
  lastExit: undefined,
  deaths: [],
  nextStartAt: undefined,
  conversation: undefined,
  workdir: '/somewhere',
  branch: undefined,
}
const alive: Observed = {
  hasServer: true,
  hasSession: true,
  pane: { id: '%1', pid: 200, isDead: false },
  runnerPid: 200,
  program: { pid: 300, instance: 3, isAlive: true },
  exit: undefined,
}

const observed: fc.Arbitrary<Observed> = fc.record({
  hasServer: fc.boolean(),
  hasSession: fc.boolean(),
  pane: fc.option(fc.record({ id: fc.constant('%1'), pid: fc.constantFrom(200, 201), isDead: fc.boolean() }), {
    nil: undefined,
  }),
  runnerPid: fc.constantFrom(undefined, 200, 201),
  program: fc.option(fc.record({ pid: fc.constant(300), instance: fc.constantFrom(2, 3), isAlive: fc.boolean() }), {
    nil: undefined,
  }),
  exit: fc.option(fc.record({ status: fc.integer({ min: -1, max: 255 }), instance: fc.constantFrom(2, 3) }), {
    nil: undefined,
  }),
})

describe('invariants of supervision', () => {
  it('17 an agent counts as running only while server, session, pane and process are there and no end is written down', () => {
    expect(judge(record, alive, NOW)).toEqual({ kind: 'running', pid: 300 })
    fc.assert(
      fc.property(observed, seen => {
        if (judge(record, seen, NOW).kind !== 'running') return
        expect(seen).toMatchObject({ hasServer: true, hasSession: true, program: { isAlive: true } })
        expect(seen.pane).toBeDefined()
        expect(seen.exit?.instance).not.toBe(record.instance)
      }),
    )
  })

  it('18 what a person must have meant is left to them: a lost server or session, a pane that was given away', () => {
    const remedyOf = (seen: Partial<Observed>) => judge(record, { ...alive, ...seen }, NOW)
    expect(remedyOf({ hasServer: false, hasSession: false, pane: undefined })).toMatchObject({ remedy: 'person' })
    expect(remedyOf({ hasSession: false, pane: undefined })).toMatchObject({ remedy: 'person' })
    const taken = remedyOf({ pane: { id: '%1', pid: 999, isDead: false } })
    expect(taken).toMatchObject({ remedy: 'person', reading: { rule: 'pane taken over' } })
    expect(remedyOf({ pane: undefined })).toMatchObject({ remedy: 'open-pane' })
  })

  it('19 the end of an earlier start says nothing about this one, and this one’s end says how it came', () => {
    expect(judge(record, { ...alive, exit: { status: 1, instance: 2 } }, NOW)).toEqual({ kind: 'running', pid: 300 })
    const evidence = (status: number) => {
      const facts = judge(record, { ...alive, exit: { status, instance: 3 } }, NOW)
      return facts.kind === 'gone' ? facts.reading.evidence : facts.kind
    }
    expect(evidence(1)).toBe('it ended with status 1')
    expect(evidence(137)).toBe('it ended with signal KILL')
    expect(evidence(127)).toContain('could not be run')
    expect(evidence(-1)).toBe('its pane was begun anew, and nobody saw how its program ended')
  })

  it('20 a start that is under way is given time, and no more than that', () => {
    const fresh = { ...record, startedAt: NOW - 500 }
    expect(judge(fresh, { ...alive, program: undefined }, NOW)).toEqual({ kind: 'starting' })
    expect(judge(record, { ...alive, program: undefined }, NOW)).toMatchObject({ remedy: 'start-program' })
  })

  it('21 the first death is answered at once, each further one later, up to the longest wait', () => {
    const many = { ...limits, quarantineDeaths: 100 }
    let deaths: readonly number[] = []
    const waits: number[] = []
    for (let count = 0; count < 12; count++) {
      const next = afterDeath({ deaths }, NOW, many)
      deaths = next.deaths
      waits.push(next.nextStartAt! - NOW)
    }
    const seconds = [0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    expect(waits).toEqual(seconds.map(second => second * 1000))
    // Chance shortens a wait to its half at most.
    const shortest = afterDeath({ deaths: [NOW, NOW] }, NOW, { ...limits, random: () => 0 })
    expect(shortest.nextStartAt).toBe(NOW + 2_000)
  })

  it('22 so many deaths within ten minutes end in quarantine, and older ones do not count', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 * DEATH_WINDOW_MS }), { maxLength: 8 }), ages => {
        const before = ages.map(age => NOW - age)
        const recent = ages.filter(age => age < DEATH_WINDOW_MS).length
        const { deaths, nextStartAt } = afterDeath({ deaths: before }, NOW, limits)
        expect(deaths).toHaveLength(recent + 1)
        expect(nextStartAt === undefined).toBe(recent + 1 >= limits.quarantineDeaths)
      }),
    )
  })
})
