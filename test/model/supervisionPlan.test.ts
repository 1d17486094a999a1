import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AgentRecord, type AgentState, type Hold, takesWork } from '../../src/model/agent.ts'
import { type Amounts, exceeded, isPerDay, limitsOf, nextMidnight } from '../../src/model/agentLimits.ts'
import { findHold, holdsOf, keepsDown, mayLift, withHold } from '../../src/model/holds.ts'
import { whatNext } from '../../src/model/prospect.ts'
import { type Worker, whomToAsk } from '../../src/model/statusRound.ts'
import { DEATH_WINDOW_MS, judge } from '../../src/model/supervision.ts'
import { needsNothing, plan, type Sighting, type Step } from '../../src/model/supervisionPlan.ts'

const NOW = 1_800_000_000_000
const DAY = 86_400_000
const rules = { backoffBaseMs: 2_000, backoffMaxMs: 300_000, quarantineDeaths: 3, random: () => 1 }
const record: AgentRecord = {
  ...{ address: 'Duo/a', agency: 'Duo', name: 'a', driver: 'script', isCoordinator: false, desired: 'running' },
  ...{ state: 'ready', rule: 'process', evidence: '', since: NOW - 60_000, serverPid: 100, pane: '%1', panePid: 200 },
  ...{ pid: 300, instance: 3, startedAt: NOW - 60_000, lastExit: undefined, deaths: [], nextStartAt: undefined },
  ...{ conversation: undefined, workdir: '/somewhere', branch: undefined },
}
const alive: Sighting = {
  hasServer: true,
  hasSession: true,
  pane: { id: '%1', pid: 200, isDead: false },
  runnerPid: 200,
  program: { pid: 300, instance: 3, isAlive: true },
  exit: undefined,
  limits: {},
  used: {},
  unanswered: 0,
  reading: undefined,
}
const ended: Sighting = {
  ...alive,
  program: { pid: 300, instance: 3, isAlive: false },
  exit: { status: 1, instance: 3 },
}
const hold = (kind: Hold['kind'], rest: Partial<Hold> = {}): Hold => ({ kind, by: 'human', at: NOW, why: '', ...rest })
const does = (steps: readonly Step[]) => steps.map(step => step.do)

/** What the supervisor does with a step, as far as the record shows it. */
function applied(now: AgentRecord, step: Step, at: number): AgentRecord {
  if (step.do === 'live') return { ...now, state: now.state === 'dead' ? 'ready' : now.state, pid: step.pid }
  if (step.do === 'bury') return { ...now, ...step.change, ...step.reading, since: at }
  if (step.do === 'note') return { ...now, ...step.change }
  if (step.do === 'interrupt') return { ...now, interruption: step.interruption, holds: step.holds }
  if (step.do === 'stop') return { ...now, desired: 'stopped', state: 'stopped', pid: undefined, holds: [] }
  const { instance } = now
  return {
    ...{ ...now, state: 'ready', rule: 'started', instance: instance + 1, startedAt: at, since: at, pid: 300 },
    ...{ nextStartAt: undefined, interruption: undefined, isDeathCertain: undefined },
  }
}

type Event =
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind:
        | 'crash'
        | 'lose server'
        | 'find server'
        | 'lose pane'
        | 'pause'
        | 'resume'
        | 'drain'
        | 'give'
        | 'answer'
    }
  | { readonly kind: 'use'; readonly used: Amounts }
  | { readonly kind: 'set limits'; readonly limits: Amounts }

const amounts = fc.record(
  {
    memory: fc.constantFrom(50, 150),
    cpu: fc.constantFrom(50, 150),
    wallClock: fc.constantFrom(50, 150),
    messagesPerDay: fc.constantFrom(1, 100),
    tokensPerDay: fc.constantFrom(1, 100),
  },
  { requiredKeys: [] },
)
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(10, 3_000, 400_000, 4_000_000, DAY, -7_200_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        ...([
          'crash',
          'crash',
          'lose server',
          'find server',
          'lose pane',
          'pause',
          'resume',
          'drain',
          'give',
          'answer',
        ] as const),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('use' as const), used: amounts }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set limits' as const), limits: amounts }) },
)

/** An agent and the machine that it runs on. */
class World {
  now = NOW
  record = record
  hasServer = true
  hasPane = true
  isAlive = true
  limits: Amounts = {}
  used: Amounts = {}
  unanswered = 0
  starts = 0

  see(): Sighting {
    const { instance } = this.record
    return {
      ...{ hasServer: this.hasServer, hasSession: this.hasServer, runnerPid: 200 },
      pane: this.hasPane && this.hasServer ? { id: '%1', pid: 200, isDead: false } : undefined,
      program: { pid: 300, instance, isAlive: this.isAlive && this.hasServer },
      exit: this.isAlive ? undefined : { status: 1, instance },
      ...{ limits: this.limits, used: this.isAlive ? this.used : {}, unanswered: this.unanswered, reading: undefined },
    }
  }

  happen(what: Event): void {
    if (what.kind === 'pass') this.now += what.ms
    else if (what.kind === 'crash') this.isAlive = false
    else if (what.kind === 'lose server') this.hasServer = false
    else if (what.kind === 'find server') this.hasServer = true
    else if (what.kind === 'lose pane') Object.assign(this, { hasPane: false, isAlive: false })
    else if (what.kind === 'pause' || what.kind === 'drain') this.#hold(what.kind === 'pause' ? 'paused' : 'draining')
    else if (what.kind === 'resume')
      this.record = { ...this.record, holds: holdsOf(this.record).filter(one => !mayLift(one, 'human')) }
    else if (what.kind === 'give') this.unanswered = 1
    else if (what.kind === 'answer') this.unanswered = 0
    else if (what.kind === 'use') this.used = what.used
    else if (what.kind === 'set limits') this.limits = what.limits
  }

  #hold(kind: 'paused' | 'draining'): void {
    if (this.record.desired === 'running') this.record = { ...this.record, holds: withHold(this.record, hold(kind)) }
  }

  /** One tick; `check` sees each step before it is done. */
  tick(check: (step: Step, seen: Sighting) => void): readonly Step[] {
    const seen = this.see()
    const steps = plan(this.record, seen, this.now, rules)
    for (const step of steps) {
      check(step, seen)
      this.record = applied(this.record, step, this.now)
      if (step.do === 'start') Object.assign(this, { isAlive: true, hasPane: true, used: {}, starts: this.starts + 1 })
      if (step.do === 'interrupt' || step.do === 'stop') this.isAlive = false
    }
    return steps
  }
}

/** Random lives; `check` sees the world around each tick. */
function everyLife(check: (world: World, step: Step, seen: Sighting) => void, after?: (world: World) => void): void {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 60 }), events => {
      const world = new World()
      for (const what of events) {
        world.happen(what)
        world.tick((step, seen) => check(world, step, seen))
        after?.(world)
      }
    }),
    { numRuns: 300 },
  )
}

describe("invariants of the supervisor's plan", () => {
  it('117 what needs nothing is planned nothing but that it lives, whatever time passes', () => {
    expect(needsNothing(record, alive)).toBe(true)
    expect(needsNothing(record, { ...alive, limits: { memory: 100 }, used: { memory: 100 } })).toBe(true)
    for (const change of [
      { desired: 'stopped' },
      { state: 'starting' },
      { state: 'limited' },
      { holds: [hold('paused')] },
      { quarantines: 1 },
    ] as const)
      expect([change, needsNothing({ ...record, ...change }, alive)]).toEqual([change, false])
    let count = 0
    everyLife(
      () => undefined,
      world => {
        const seen = world.see()
        if (!needsNothing(world.record, seen)) return
        count++
        for (const later of [-30 * DAY, 0, 1, 600_000, DAY, 400 * DAY])
          expect(plan(world.record, seen, world.now + later, rules)).toEqual([{ do: 'live', pid: 300 }])
      },
    )
    expect(count).toBeGreaterThan(100)
  })

  it('23 an agent that is not wished for gets no step', () => {
    expect(plan({ ...record, desired: 'stopped' }, ended, NOW, rules)).toEqual([])
    everyLife(world => expect(world.record.desired).toBe('running'))
  })

  it('24 a program is started only when it is gone, known to be, due, and kept down by nothing', () => {
    let count = 0
    everyLife((world, step, seen) => {
      if (step.do !== 'start') return
      count++
      expect(seen.program?.isAlive && seen.pane).toBeFalsy()
      expect(world.record.state).toBe('dead')
      expect(holdsOf(world.record).some(keepsDown)).toBe(false)
      expect(world.record.nextStartAt).toBeDefined()
    })
    expect(count).toBeGreaterThan(10)
  })

  it('25 a pause starts and ends nothing, and ends only when somebody says so', () => {
    const paused = { ...record, holds: [hold('paused')] }
    expect(does(plan(paused, alive, NOW, rules))).toEqual(['live'])
    const buried = plan(paused, ended, NOW, rules)
    expect(does(buried)).toEqual(['bury'])
    const dead = applied(paused, buried[0]!, NOW)
    expect(plan(dead, ended, NOW, rules)).toEqual([{ do: 'start', needsPane: false }])
    expect(findHold(applied(dead, { do: 'start', needsPane: false }, NOW), 'paused')).toBeDefined()
    expect(plan(paused, alive, NOW + 30 * DAY, rules)).toEqual([{ do: 'live', pid: 300 }])
  })

  it('26 whatever holds an agent, it takes no work; without holds its wish and its state decide', () => {
    const states: readonly AgentState[] = ['starting', 'ready', 'busy', 'unknown']
    const other: readonly AgentState[] = ['stopped', 'waiting', 'limited', 'shell', 'dead', 'hung']
    for (const state of states) expect([state, takesWork({ ...record, state })]).toEqual([state, true])
    for (const state of other) expect([state, takesWork({ ...record, state })]).toEqual([state, false])
    for (const kind of ['paused', 'draining', 'limit', 'quarantined'] as const)
      expect(takesWork({ ...record, holds: [hold(kind)] })).toBe(false)
    expect(takesWork({ ...record, desired: 'stopped' })).toBe(false)
  })

  it('27 at most one hold of each kind and limit, and each says who, when and why', () => {
    everyLife(
      () => undefined,
      ({ record: { holds = [] } }) => {
        const keys = holds.map(({ kind, limit }) => `${kind} ${limit}`)
        expect(new Set(keys).size).toBe(keys.length)
        for (const { by, at, kind, why } of holds) {
          expect([by, at]).toEqual([expect.any(String), expect.any(Number)])
          if (by === 'system') expect([kind, why]).toEqual([kind, expect.stringMatching(/./)])
        }
      },
    )
  })

  it('28 we end a program only for a limit that it exceeds, and that is no crash where time is the limit', () => {
    everyLife((world, step, seen) => {
      if (step.do !== 'interrupt') return
      expect(exceeded(seen.limits, seen.used)).toContain(step.interruption.limit)
      expect(isPerDay(step.interruption.limit)).toBe(false)
      expect(step.interruption.instance).toBe(world.record.instance)
    })
    for (const limit of ['cpu', 'wallClock'] as const) {
      const over = { ...alive, limits: { [limit]: 100 }, used: { [limit]: 101 } }
      const [, interrupt] = plan(record, over, NOW, rules)
      const after = applied(record, interrupt!, NOW)
      const [bury] = plan(after, { ...ended, limits: over.limits }, NOW + 50, rules)
      const dead = applied(after, bury!, NOW + 50)
      expect(dead).toMatchObject({ rule: `limit ${limit}`, deaths: [], nextStartAt: undefined, isDeathCertain: true })
      expect(findHold(dead, 'limit', limit)?.until).toBe(nextMidnight(NOW))
      expect(findHold(dead, 'quarantined')).toBeUndefined()
    }
  })

  it('29 memory beyond its limit is followed by a start after a wait, and by quarantine when it goes on', () => {
    const limits = { memory: 100 }
    let now = record
    let at = NOW
    for (let count = 1; count <= 3; count++) {
      const program = { pid: 300, instance: now.instance, isAlive: true }
      const [, interrupt] = plan(now, { ...alive, program, limits, used: { memory: 101 } }, at, rules)
      now = applied(now, interrupt!, at)
      const gone = {
        ...ended,
        limits,
        program: { ...program, isAlive: false },
        exit: { status: 143, instance: now.instance },
      }
      now = applied(now, plan(now, gone, at, rules)[0]!, at)
      expect(now.deaths).toHaveLength(count)
      if (count === 3) break
      expect(plan(now, gone, at + 100, rules)).toEqual([])
      at = now.nextStartAt!
      expect(at - NOW).toBeGreaterThanOrEqual(2_000)
      now = applied(now, plan(now, gone, at, rules)[0]!, at)
      expect(holdsOf(now)).toEqual([])
      expect(does(plan(now, gone, at, rules))).toEqual(['start'])
      now = applied(now, { do: 'start', needsPane: false }, at)
    }
    expect(holdsOf(now).map(({ kind }) => kind)).toEqual(['quarantined'])
  })

  it('30 limits of a day end no program; all but memory hold until midnight and no longer', () => {
    const over = { ...alive, limits: { tokensPerDay: 10 }, used: { tokensPerDay: 10 } }
    const steps = plan(record, over, NOW, rules)
    expect(does(steps)).toEqual(['live', 'note'])
    const held = applied(record, steps[1]!, NOW)
    expect(does(plan(held, over, NOW + 1, rules))).toEqual(['live'])
    const midnight = nextMidnight(NOW)
    expect(new Date(midnight).getHours()).toBe(0)
    const [release] = plan(held, { ...over, used: { tokensPerDay: 0 } }, midnight, rules)
    expect(holdsOf(applied(held, release!, midnight))).toEqual([])
    everyLife(
      () => undefined,
      ({ record: { holds = [] } }) => {
        for (const { kind, limit, at, until } of holds)
          if (kind === 'limit' && limit !== 'memory') expect(until).toBe(nextMidnight(at))
      },
    )
  })

  it('31 quarantine decays: a trial start, twice as long when that dies soon, and all is forgiven after ten minutes of life', () => {
    let now: AgentRecord = { ...record, deaths: [NOW - 2, NOW - 1] }
    let at = NOW
    const lasted: number[] = []
    for (let round = 0; round < 10; round++) {
      const gone = {
        ...ended,
        program: { pid: 300, instance: now.instance, isAlive: false },
        exit: { status: 1, instance: now.instance },
      }
      now = applied(now, plan(now, gone, at, rules)[0]!, at)
      const { until } = findHold(now, 'quarantined')!
      lasted.push((until! - at) / DEATH_WINDOW_MS)
      expect(plan(now, gone, until! - 1, rules)).toEqual([])
      at = until!
      now = applied(now, plan(now, gone, at, rules)[0]!, at)
      expect(does(plan(now, gone, at, rules))).toEqual(['start'])
      now = applied(now, { do: 'start', needsPane: false }, at)
      at += 30_000
    }
    expect(lasted).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 144, 144])
    const program = { pid: 300, instance: now.instance, isAlive: true }
    const proven = plan(now, { ...alive, program }, now.startedAt! + DEATH_WINDOW_MS, rules)
    expect(applied(now, proven[1]!, at).quarantines).toBe(0)
  })

  it('32 a drain ends in a stop exactly when all is done, or the program has died', () => {
    const draining = { ...record, holds: [hold('draining')] }
    fc.assert(
      fc.property(
        fc.constantFrom<AgentState>('ready', 'busy', 'waiting', 'limited', 'unknown', 'shell', 'starting', 'hung'),
        fc.integer({ min: 0, max: 2 }),
        (state, unanswered) => {
          const isStopped = does(plan({ ...draining, state }, { ...alive, unanswered }, NOW, rules)).includes('stop')
          expect(isStopped).toBe(unanswered === 0 && ['ready', 'shell', 'starting'].includes(state))
        },
      ),
    )
    const fresh = { state: 'busy', rule: 'screen', evidence: '' } as const
    expect(does(plan(draining, { ...alive, reading: fresh }, NOW, rules))).toEqual(['live'])
    const dead = applied(draining, plan(draining, ended, NOW, rules)[0]!, NOW)
    expect(does(plan(dead, ended, NOW, rules))).toEqual(['stop'])
  })

  it('33 a limit that is taken out or lifted holds nothing', () => {
    const limit = hold('limit', { by: 'system', limit: 'cpu', until: NOW + DAY })
    const down: AgentRecord = { ...record, state: 'dead', holds: [limit] }
    const [step] = plan(down, ended, NOW, rules)
    expect(applied(down, step!, NOW)).toMatchObject({ holds: [], nextStartAt: NOW })
    const over = { ...alive, limits: { messagesPerDay: 1 }, used: { messagesPerDay: 5 } }
    expect(does(plan({ ...record, lifted: { messagesPerDay: NOW + 1 } }, over, NOW, rules))).toEqual(['live'])
    expect(does(plan({ ...record, lifted: { messagesPerDay: NOW } }, over, NOW, rules))).toEqual(['live', 'note'])
  })

  it('34 what is dead has a step, a time, or the person; and words for what comes next', () => {
    everyLife(
      () => undefined,
      world => {
        const { record: now } = world
        if (now.desired !== 'running' || now.state !== 'dead') return
        const facts = judge(now, world.see(), world.now)
        const isTheirs = facts.kind === 'gone' && facts.remedy === 'person'
        // A pane that was just made may not be listed yet: it is looked for again.
        if (facts.kind === 'starting') return
        const hasTime =
          now.nextStartAt !== undefined || holdsOf(now).some(one => keepsDown(one) && one.until !== undefined)
        const hasStep = plan(now, world.see(), world.now, rules).length > 0
        expect(isTheirs || hasTime || hasStep).toBe(true)
        expect(whatNext(now, { waiting: [], tasks: [] }, world.now)).toMatch(
          /agency (restart|resume)|it is started again in|until/,
        )
      },
    )
  })

  it('34 what a daemon that knew no holds has left dead is quarantined, and so comes back', () => {
    const left: AgentRecord = { ...record, state: 'dead', rule: 'program ended', evidence: 'status 1' }
    const [step] = plan(left, ended, NOW, rules)
    const held = applied(left, step!, NOW)
    expect(holdsOf(held)).toMatchObject([{ kind: 'quarantined', until: NOW + DEATH_WINDOW_MS, why: 'status 1' }])
    const [release] = plan(held, ended, NOW + DEATH_WINDOW_MS, rules)
    expect(does(plan(applied(held, release!, NOW), ended, NOW + DEATH_WINDOW_MS, rules))).toEqual(['start'])
  })

  it('35 a clock that is set by any amount makes no wait longer than the longest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2 * DAY, max: 3650 * DAY }), back => {
        const dead: AgentRecord = { ...record, state: 'dead', nextStartAt: NOW, deaths: [NOW, NOW] }
        expect(does(plan(dead, ended, NOW - back, rules))).toEqual(['start'])
        const held = { ...dead, holds: [hold('quarantined', { until: NOW + 600_000 })] }
        expect(does(plan(held, ended, NOW - back, rules))).toEqual(['note'])
        const [buried] = plan({ ...record, deaths: [NOW, NOW] }, ended, NOW - back, rules)
        expect(applied(record, buried!, NOW).deaths).toEqual([NOW - back])
        expect(judge({ ...record, startedAt: NOW }, { ...alive, program: undefined }, NOW - back).kind).toBe('gone')
        expect(does(plan(dead, ended, NOW + back, rules))).toEqual(['start'])
      }),
    )
  })

  it('36 once its steps are applied, a tick plans nothing new', () => {
    everyLife(
      () => undefined,
      world => {
        const quiet = () => world.tick(() => undefined).filter(step => step.do !== 'live')
        let ticks = 0
        while (quiet().length > 0) expect(++ticks).toBeLessThan(8)
      },
    )
  })

  it('37 a death is certain only when its end was written down or its process is not there', () => {
    const certain = (seen: Partial<Sighting>) => {
      const facts = judge(record, { ...alive, ...seen }, NOW)
      return facts.kind === 'gone' ? facts.isCertain : facts.kind
    }
    const gone = { pid: 300, instance: 3, isAlive: false }
    expect(certain({ exit: { status: 137, instance: 3 } })).toBe(true)
    expect(certain({ program: gone })).toBe(true)
    expect(certain({ hasServer: false, hasSession: false, pane: undefined, program: gone })).toBe(true)
    expect(certain({ hasServer: false, hasSession: false, pane: undefined })).toBe(false)
    expect(certain({ pane: { id: '%1', pid: 999, isDead: false } })).toBe(false)
    expect(certain({ pane: undefined })).toBe(false)
    expect(certain({ exit: { status: -1, instance: 3 } })).toBe(false)
    expect(certain({ program: undefined })).toBe(false)
  })

  it('38 a coordinator lifts what coordinators have said; nobody lifts a quarantine by resuming', () => {
    const may = (kind: Hold['kind'], by: string, caller: string) => mayLift(hold(kind, { by }), caller)
    for (const caller of ['human', 'Duo/lead']) expect(may('quarantined', 'system', caller)).toBe(false)
    expect(may('paused', 'human', 'Duo/lead')).toBe(false)
    expect(may('limit', 'system', 'Duo/lead')).toBe(false)
    expect(may('paused', 'Duo/lead', 'Duo/lead')).toBe(true)
    for (const kind of ['paused', 'draining', 'limit'] as const) expect(may(kind, 'system', 'human')).toBe(true)
  })

  it('39 for a STATUS is asked who takes work and has been silent at work for the interval, once in each', () => {
    const time = fc.option(fc.integer({ min: NOW - 10_000, max: NOW }), { nil: undefined })
    const worker: fc.Arbitrary<Worker> = fc.record({
      ...{
        address: fc.constant('Duo/a'),
        agency: fc.constant('Duo'),
        isCoordinator: fc.boolean(),
        isOpen: fc.boolean(),
      },
      ...{ busySince: time, givenAt: time, saidAt: time, askedAt: time },
    })
    fc.assert(
      fc.property(fc.array(worker, { maxLength: 5 }), workers => {
        for (const { isOpen, askedAt, busySince, givenAt, saidAt, isCoordinator } of whomToAsk(workers, NOW, 1000)) {
          expect(isOpen).toBe(true)
          expect(NOW - (askedAt ?? 0)).toBeGreaterThanOrEqual(1000)
          if (isCoordinator) continue
          expect(busySince ?? givenAt).toBeDefined()
          if (busySince !== undefined) expect(NOW - Math.max(busySince, saidAt ?? 0)).toBeGreaterThanOrEqual(1000)
        }
      }),
    )
    const busy: Worker = {
      ...{ address: 'Duo/a', agency: 'Duo', isCoordinator: false, isOpen: true, busySince: NOW - 1000 },
      ...{ givenAt: undefined, saidAt: undefined, askedAt: undefined },
    }
    const lead = { ...busy, address: 'Duo/lead', isCoordinator: true, busySince: undefined }
    expect(whomToAsk([busy, lead], NOW, 1000)).toEqual([busy])
    const asked = { ...busy, askedAt: NOW }
    expect(whomToAsk([asked, lead], NOW + 200, 1000)).toEqual([])
    expect(whomToAsk([asked, lead], NOW + 250, 1000)).toEqual([lead])
    expect(whomToAsk([asked, { ...lead, askedAt: NOW + 250 }], NOW + 900, 1000)).toEqual([])
  })
})

it('R-TSK-3 limits are read from what people write, the agent’s before the agency’s', () => {
  const limits = limitsOf({ memory: '2G', cpu: '2h', tokensPerDay: 5 }, { memory: '512MB', wallClock: '1h30m' })
  expect(limits).toEqual({ memory: 512 * 2 ** 20, cpu: 7_200_000, wallClock: 5_400_000, tokensPerDay: 5 })
  expect(limitsOf({ cpu: 90, wallClock: '45' }, undefined)).toEqual({ cpu: 90_000, wallClock: 45_000 })
})
