/** What every engine of the store must tell of how work went. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Id, newId } from '../../src/kernel/ids.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import type { Facts, ReviewFact, TaskFact } from '../../src/model/measures.ts'
import type { Message } from '../../src/model/message.ts'
import type { Submission, SubmissionChange } from '../../src/model/submission.ts'
import type { CheckRun, Evidence, TaskChange } from '../../src/model/task.ts'
import type { Store } from '../../src/storage/store.ts'
import type { NewTask } from '../../src/storage/taskStore.ts'
import { COMMIT, DIGEST, submission } from '../model/aSubmission.ts'
import { message } from './store.suite.ts'

const NOW = 1_800_000_000_000
const A = 'Code/a'

export function measureSuite(name: string, open: () => Promise<Store>): void {
  describe(`measures: ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(async () => {
      expect(await store.check()).toEqual([])
      await store[Symbol.asyncDispose]()
    })

    const say = (changes: Partial<Message>) =>
      store.accept(message({ from: 'human', to: A, label: undefined, ...changes }), [
        { to: changes.to ?? A, kind: 'direct' },
      ])
    const facts = async (after = 0, upTo = Number.MAX_SAFE_INTEGER): Promise<Facts> => store.facts({ after, upTo })

    /** A task that was given by a message of its label. */
    async function give(label: string, changes: Partial<NewTask> = {}): Promise<{ id: Id; given: Message }> {
      const { message: given } = await say({ label, type: 'TASK', at: NOW })
      const id = newId()
      const plain = { title: label, body: '', needs: [], createdBy: 'human', createdAt: NOW, priority: 1 }
      const rest = {
        agency: 'Code',
        assignee: A,
        parent: undefined,
        dependsOn: [],
        deadline: undefined,
        maxAttempts: 3,
      }
      const add: NewTask = {
        ...{ id, label, ...plain, ...rest },
        given: { message: given.id, leaseUntil: NOW + 1e9 },
        ...changes,
      }
      await store.changeTasks([{ add }])
      return { id, given }
    }

    async function move(id: Id, ...changes: (Pick<TaskChange, 'event'> & Partial<TaskChange>)[]): Promise<void> {
      for (const change of changes) {
        const [moved] = (await store.changeTasks([{ move: id, change: { at: NOW + 1000, by: A, ...change } }])).tasks
        expect([change.event, moved?.id]).toEqual([change.event, id])
      }
    }

    const submit = (at: number) => ({ event: 'submit', at: NOW + at, completion: newId() }) as const
    const pass = (at: number, evidence?: Evidence) => ({ event: 'pass', at: NOW + at, by: 'system', evidence }) as const
    const task = async (id: Id): Promise<TaskFact | undefined> => (await facts()).tasks.find(one => one.id === id)

    function evidence(...checks: Partial<CheckRun>[]): Evidence {
      const run = { command: 'npm test', status: 0, seconds: 1, log: '', tests: undefined, coverage: undefined }
      const runs = checks.map(check => ({ ...run, ...check }))
      return { at: NOW, commit: undefined, ahead: 0, files: [], checks: runs, problems: [] }
    }

    it('R-TSK-6 a task that went through by itself: worked for, tested, first time good', async () => {
      const { id } = await give('TASK-1', { estimateMinutes: 30 })
      const tests = { passed: 10, failed: 1 }
      const gathered = evidence({ tests, coverage: 80 }, { command: 'lint', status: 2 })
      await move(id, { event: 'begin', at: NOW + 1000 }, submit(61_000), pass(90_000, gathered))
      expect(await task(id)).toEqual({
        ...{ id, agent: A, agency: 'Code', at: NOW + 90_000, outcome: 'succeeded', isAutonomous: true },
        ...{ wasReviewed: true, isFirstPass: true, workedMs: 61_000, estimateMinutes: 30, testsPassed: 10 },
        ...{ testsFailed: 1, checkRuns: 2, checksFailed: 1, coverage: 80 },
      })
    })

    it('R-TSK-6 nothing is known of tests and coverage that nobody told', async () => {
      const { id } = await give('TASK-1')
      await move(id, submit(1000), pass(2000))
      const nothing = { testsPassed: null, testsFailed: null, coverage: null, estimateMinutes: null, checkRuns: 0 }
      expect(await task(id)).toMatchObject(nothing)
    })

    it('R-TSK-6 a hand of a person is a word in its thread or under its label, an answer, a nudge, a dialog; not the giving', async () => {
      const hands: Record<string, (id: Id, given: Message) => Promise<unknown>> = {
        none: async () => undefined,
        'by the system in their name': (_, given) =>
          say({ spokenBy: 'system', label: given.label, at: NOW + 1500, replyTo: given.id, thread: given.thread }),
        'of another thread': () => say({ at: NOW + 1500, body: 'NOTE something else' }),
        'after its end': (_, given) => say({ at: NOW + 99_000, replyTo: given.id, thread: given.thread }),
        'in its thread': (_, given) => say({ at: NOW + 1500, replyTo: given.id, thread: given.thread }),
        'in the name of another': (_, given) =>
          say({ from: 'Code/lead', spokenBy: 'human', at: NOW + 1500, replyTo: given.id, thread: given.thread }),
        'under its label': (_, given) => say({ label: given.label, at: NOW + 1500 }),
        'an answer': id => move(id, { event: 'ask', at: NOW + 1100 }, { event: 'answer', at: NOW + 1200, by: 'human' }),
        'a start of its program': () => decide('start'),
        'a dialog': () => decide('answer'),
      }
      const decide = (what: string) =>
        store.append({
          ...{ id: newId(), context: 'Code', agent: 'human', type: 'decision', at: NOW + 1500, subject: A },
          ...{ metadata: { what }, payload: 'yes', relations: [] },
        })
      const alone = new Map<string, boolean | undefined>()
      for (const [hand, lay] of Object.entries(hands)) {
        const { id, given } = await give(`TASK-${alone.size + 1}`)
        await move(id, { event: 'begin' })
        await lay(id, given)
        await move(id, submit(2000), pass(3000))
        alone.set(hand, (await task(id))?.isAutonomous)
      }
      expect(Object.fromEntries(alone)).toEqual({
        ...{ none: true, 'by the system in their name': true, 'of another thread': true, 'after its end': true },
        'a start of its program': true,
        ...{ 'in its thread': false, 'in the name of another': false, 'under its label': false },
        ...{ 'an answer': false, 'a dialog': false },
      })
    })

    it('R-TSK-6 the first completion was not good when checks sent it back, a person opened it again, or another agency found issues', async () => {
      const sentBack = await give('TASK-1')
      const bad = { ...evidence({ status: 1 }), problems: ['npm test ended with 1'] }
      await move(sentBack.id, submit(1000), { event: 'return', at: NOW + 2000, by: 'system', evidence: bad })
      await move(sentBack.id, submit(3000), pass(4000, evidence({})))
      expect(await task(sentBack.id)).toMatchObject({
        isFirstPass: false,
        isAutonomous: true,
        checkRuns: 2,
        checksFailed: 1,
      })
      const again = await give('TASK-2')
      await move(again.id, submit(1000), pass(2000))
      const firstEnd = (await store.unitSpan({}))!.last
      await move(again.id, { event: 'reopen', at: NOW + 3000, by: 'human' })
      // Open again: it has come to no end.
      expect(await task(again.id)).toBeUndefined()
      await move(
        again.id,
        { event: 'claim', at: NOW + 4000, claimant: A, leaseUntil: NOW + 1e9 },
        submit(5000),
        pass(6000),
      )
      expect(await task(again.id)).toMatchObject({ at: NOW + 6000, isFirstPass: false, isAutonomous: false })
      expect((await facts(0, firstEnd)).tasks.map(({ id }) => id)).toEqual([sentBack.id])
      const found = await give('TASK-3')
      await move(found.id, submit(1000), pass(2000))
      const report = { type: 'results', task: 'TASK-3', status: 'issues_found', bugs: ['x', 'y'], score: 3.5 }
      const results = { type: 'results', label: 'TASK-3', from: 'QA/lead', at: NOW + 9000 } as const
      await say({ ...results, to: 'Other/lead', payload: report })
      expect(await task(found.id)).toMatchObject({ isFirstPass: true })
      await say({ ...results, to: 'Code/lead', payload: report })
      expect(await task(found.id)).toMatchObject({ isFirstPass: false })
      expect((await facts()).results).toEqual([
        { agency: 'Other', at: NOW + 9000, bugs: 2, score: 3.5 },
        { agent: A, agency: 'Code', at: NOW + 9000, bugs: 2, score: 3.5 },
      ])
      const failed = await give('TASK-4')
      await move(failed.id, submit(1000), { event: 'fail', at: NOW + 2000, by: 'system' })
      const dead = await give('TASK-5')
      await move(dead.id, { event: 'bury', at: NOW + 2000, by: 'system' })
      expect(await task(failed.id)).toMatchObject({ outcome: 'failed', wasReviewed: true, isFirstPass: false })
      expect(await task(dead.id)).toMatchObject({ outcome: 'dead', wasReviewed: false })
    })

    it('R-TSK-6 the number of bugs is told as a number, a list or a count, and is 0 for what passed', async () => {
      const shapes = [{ bugs: 4 }, { bugs: [] }, { count: 2 }, { status: 'passed' }, {}, { score: 'good' }]
      for (const shape of shapes)
        await say({
          ...{ type: 'results', from: 'QA/lead', to: 'Code/lead' },
          payload: { type: 'results', task: 'T', status: 'failed', ...shape } as unknown as JsonObject,
        })
      const read = (await facts()).results
      expect(read.map(({ bugs }) => bugs)).toEqual([4, 0, 2, 0, null, null])
      expect(read.every(({ score }) => score === null)).toBe(true)
    })

    it('R-TSK-6 a handoff takes from accepted to confirmed, a response from confirmed to the first answer', async () => {
      const way = async (changes: Partial<Message>, ...events: [event: 'confirm' | 'ack', at: number][]) => {
        const accepted = await say({ at: NOW, ...changes })
        for (const [event, at] of events) await store.advance(accepted.deliveries[0]!.id, { event, at: NOW + at })
        return accepted.message
      }
      const answer = (to: Message, at: number, changes: Partial<Message> = {}) =>
        say({ from: to.to, to: 'Code/lead', at: NOW + at, replyTo: to.id, thread: to.thread, ...changes })
      const work = await way({ type: 'TASK', label: 'TASK-1' }, ['confirm', 50], ['ack', 9000])
      await answer(work, 700, { replyTo: undefined, thread: newId(), label: 'TASK-1' })
      await answer(work, 900)
      const handoff = { type: 'handoff', to: 'QA/lead', from: 'Code/lead' } as const
      await answer(await way(handoff, ['confirm', 70]), 100)
      const question = await way({ type: 'QUESTION' }, ['ack', 30])
      await answer(question, 430, { from: 'Code/other' })
      await answer(question, 330)
      await way({ type: 'QUESTION' }, ['confirm', 10])
      await way({ type: 'NOTE' }, ['confirm', 10])
      await way({ type: 'TASK', to: 'human' }, ['confirm', 10])
      await way({ type: 'TASK' })
      expect((await facts()).times).toEqual([
        { kind: 'handoff', agent: A, at: NOW, ms: 50 },
        { kind: 'handoff', agent: 'QA/lead', at: NOW, ms: 70 },
        { kind: 'response', agent: A, at: NOW, ms: 650 },
        { kind: 'response', agent: A, at: NOW, ms: 300 },
      ])
    })

    it('R-TSK-6 what was handed in without a task is told with its first judgment, and no other', async () => {
      const own = (branch: string) => ({ change: { ...submission('checking').change!, branch } })
      const decided = { by: 'human', commit: COMMIT, digest: DIGEST } as const
      const passed = [{ event: 'pass-checks' }, { event: 'pass-tests', expiresAt: NOW + 1e9 }] as const
      const merged = [
        ...([...passed, { event: 'approve', ...decided }, { event: 'begin-merge' }] as const),
        ...([
          { event: 'prepare', merge: { commit: 'e'.repeat(40), onto: 'f'.repeat(40) } },
          { event: 'finish' },
        ] as const),
      ] as const
      const handIn = async (changes: Partial<Submission>, ...events: readonly Partial<SubmissionChange>[]) => {
        const { id } = await store.addSubmission(submission('checking', { seq: 0, ...changes }))
        for (const [at, change] of events.entries()) {
          const moved = await store.moveSubmission(id, { at: NOW + at, by: 'system', ...change } as SubmissionChange)
          expect([change.event, moved?.id]).toEqual([change.event, id])
        }
      }
      await handIn(own('good'), ...merged)
      await handIn(own('bad'), { event: 'return' })
      await handIn(own('bad'), ...merged)
      await handIn(own('bad'), ...passed, { event: 'request-changes', ...decided, reason: 'no' })
      await handIn(own('taken back'), { event: 'withdraw' })
      await handIn(own('waits'), ...passed)
      await handIn({ ...own('of a task'), task: newId() }, ...merged)
      await handIn({ change: undefined }, ...passed, { event: 'approve', ...decided, commit: undefined })
      const { reviews } = await facts()
      expect(reviews.map(({ isGood }) => isGood)).toEqual([true, false, false, true])
      expect(reviews[0]).toEqual({ id: expect.any(String), agent: A, agency: 'Code', at: NOW + 5, isGood: true })
    })

    it('R-TSK-6 what was approved and then red when it was merged was not good, also when it was merged later or handed in anew', async () => {
      const decided = { by: 'human', commit: COMMIT, digest: DIGEST } as const
      const approved = [{ event: 'approve', ...decided }, { event: 'begin-merge' }] as const
      const passed = [{ event: 'pass-checks' }, { event: 'pass-tests', expiresAt: NOW + 1e9 }, ...approved] as const
      const merge = { commit: 'e'.repeat(40), onto: 'f'.repeat(40) }
      const merged = [{ event: 'prepare', merge }, { event: 'finish' }] as const
      const back = { event: 'requeue', expiresAt: NOW + 1e9 } as const
      const red = { ...back, isRed: true, reason: 'merged into main, npm test failed with 1' }
      const lives: Record<string, readonly Partial<SubmissionChange>[]> = {
        clean: [...passed, ...merged],
        'the target moved': [...passed, back, ...approved, ...merged],
        'red once': [...passed, red, ...approved, ...merged],
        'red and mended': [...passed, red, { event: 'void' }],
        expired: [...passed, red, { event: 'expire', at: NOW + 2e9 }],
        'only taken back': [...passed.slice(0, 2), { event: 'withdraw' }],
      }
      const handIn = async (branch: string, events: readonly Partial<SubmissionChange>[], task?: Id) => {
        const change = { ...submission('checking').change!, branch }
        const { id } = await store.addSubmission(submission('checking', { seq: 0, change, task }))
        for (const event of events) {
          const moved = await store.moveSubmission(id, { at: NOW, by: 'system', ...event } as SubmissionChange)
          expect([branch, event.event, moved?.id]).toEqual([branch, event.event, id])
        }
        return id
      }
      const ids: Record<string, Id> = {}
      for (const [branch, events] of Object.entries(lives)) ids[branch] = await handIn(branch, events)
      // Mended, it is the work that was red.
      await handIn('red and mended', [...passed, ...merged])
      // After a merge the branch begins anew.
      ids['red once, and then more'] = await handIn('red once', [...passed, ...merged])
      const good = new Map(
        ((await facts()).reviews as readonly (ReviewFact & { id: Id })[]).map(one => [one.id, one.isGood]),
      )
      expect(Object.entries(ids).map(([branch, id]) => [branch, good.get(id)])).toEqual([
        ...[
          ['clean', true],
          ['the target moved', true],
          ['red once', false],
          ['red and mended', false],
        ],
        ...[
          ['expired', false],
          ['only taken back', undefined],
          ['red once, and then more', true],
        ],
      ])
      expect(good.size).toBe(6)

      const [clean, redOnce] = await Promise.all([give('TASK-1'), give('TASK-2')])
      for (const [{ id }, events] of [
        [clean, lives.clean!],
        [redOnce, lives['red once']!],
      ] as const) {
        await move(id, submit(1000), { event: 'present', at: NOW + 2000, by: 'system' })
        await handIn('of a task', events, id)
        await move(id, { event: 'approve', at: NOW + 3000, by: 'human' })
      }
      expect([(await task(clean.id))?.isFirstPass, (await task(redOnce.id))?.isFirstPass]).toEqual([true, false])
    })

    it('R-TSK-6 restarts and interruptions are told, the first start is none', async () => {
      for (const instance of [1, 2, 3])
        await store.append({
          ...{ id: newId(), context: 'Code', agent: 'system', type: 'agent-state', at: NOW, subject: A },
          ...{ metadata: { state: 'starting', instance }, payload: undefined, relations: [] },
        })
      const { id } = await give('TASK-1')
      await move(id, { event: 'interrupt', at: NOW + 5, by: 'system' })
      expect((await facts()).disturbances).toEqual([
        { kind: 'restart', agent: A, at: NOW },
        { kind: 'restart', agent: A, at: NOW },
        { kind: 'interruption', agent: A, at: NOW + 5 },
      ])
      // A stretch has what lies in it, and two halves have everything once.
      const { last } = (await store.unitSpan({}))!
      const halves = await Promise.all([facts(0, 2), facts(2, last)])
      expect(halves.map(({ disturbances }) => disturbances.length)).toEqual([1, 2])
    })

    it('R-TSK-6 counts what is open or failed by state', async () => {
      const { id } = await give('TASK-1')
      await give('TASK-2')
      await move(id, { event: 'begin' })
      const gone = await say({})
      await store.advance(gone.deliveries[0]!.id, { event: 'cancel', at: NOW })
      expect(Object.fromEntries(await store.openTaskCounts())).toEqual({ claimed: 1, running: 1 })
      expect(Object.fromEntries(await store.deliveryCounts())).toEqual({ queued: 2, cancelled: 1 })
    })
  })
}
