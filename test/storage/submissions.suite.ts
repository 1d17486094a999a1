/** What every engine of the store must keep of finished work. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId, shortId } from '../../src/kernel/ids.ts'
import type { Submission, SubmissionChange, SubmissionEvent, SubmissionState } from '../../src/model/submission.ts'
import type { Store } from '../../src/storage/store.ts'
import { COMMIT, DIGEST, submission } from '../model/aSubmission.ts'

const NOW = 1_800_000_000_000
const MERGE = { commit: 'm'.repeat(40), onto: 'o'.repeat(40) }

export function submissionsSuite(name: string, open: () => Promise<Store>): void {
  describe(`submissions: ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(async () => {
      expect(await store.check()).toEqual([])
      await store[Symbol.asyncDispose]()
    })

    const add = (state: SubmissionState = 'checking', changes: Partial<Submission> = {}) =>
      store.addSubmission(submission(state, { seq: 0, ...changes }))
    const move = ({ id }: Submission, event: SubmissionEvent, changes: Partial<SubmissionChange> = {}) =>
      store.moveSubmission(id, { event, at: NOW, by: 'system', ...changes })
    const decide = (of: Submission, changes: Partial<SubmissionChange> = {}) =>
      move(of, 'approve', { by: 'human', commit: COMMIT, digest: DIGEST, ...changes })

    it('R-APR-2 are kept whole, in the order of handing in, and found by id and short id', async () => {
      const [one, two] = [await add(), await add()]
      expect(one.seq).toBeLessThan(two.seq)
      expect(await store.submissions({}, 10)).toEqual([one, two])
      for (const named of [one.id, shortId(one.id), shortId(one.id).toUpperCase()])
        expect(await store.findSubmission(named)).toEqual(one)
      expect(await store.findSubmission(newId())).toBeUndefined()
      expect(await store.submissions({}, 1)).toEqual([two])
    })

    it('R-APR-2 a short id that fits several is refused, and says which', async () => {
      const [one, two] = [await add(), await add('checking', { id: newId() })]
      const twin = `${two.id.slice(0, -8)}${one.id.slice(-8)}` as Submission['id']
      await add('checking', { id: twin })
      await expect(store.findSubmission(shortId(one.id))).rejects.toThrow('fits 2 submissions')
      expect((await store.findSubmission(twin))?.id).toBe(twin)
    })

    it('R-APR-4 move by the table alone, each with its unit; what it refuses changes nothing', async () => {
      const made = await add('waiting')
      for (const wrong of [{ by: 'Code/lead' }, { by: 'system' }, { commit: 'e'.repeat(40) }, { digest: 'e' }])
        expect(await decide(made, wrong)).toBeUndefined()
      expect(await store.findSubmission(made.id)).toEqual(made)
      expect(await store.units({ subject: made.id }, 10)).toHaveLength(1)
      expect(await decide(made)).toMatchObject({ state: 'approved', decision: { by: 'human', commit: COMMIT } })
      expect(await decide(made)).toBeUndefined()
      const units = await store.units({ subject: made.id }, 10)
      expect(units.map(({ metadata }) => metadata.event)).toEqual(['submit', 'approve'])
      expect(units[1]).toMatchObject({
        agent: 'human',
        type: 'decision',
        metadata: { from: 'waiting', digest: DIGEST },
      })
      await expect(move(submission('waiting'), 'expire')).rejects.toThrow('there is no submission')
    })

    it('R-APR-4 of two who decide at once one is heard', async () => {
      const made = await add('waiting')
      const both = await Promise.all([
        decide(made, { from: 'waiting' }),
        move(made, 'reject', { by: 'human', commit: COMMIT, digest: DIGEST, from: 'waiting' }),
      ])
      expect(both.filter(Boolean)).toHaveLength(1)
    })

    it('R-APR-2 what its trial found, and where it waits, stays with it', async () => {
      const made = await add('testing')
      const run = {
        command: 'npm test',
        status: 0,
        seconds: 1,
        log: '/log',
        tests: { passed: 2, failed: 0 },
        coverage: 81.5,
      }
      const failures = [{ name: 'adds › two', message: 'expected 3' }]
      const found = { tests: [{ ...run, failures, cast: '/cast' }], testedIn: 'the sandbox a', notes: ['a note'] }
      const sandbox = newId()
      const moved = await move(made, 'pass-tests', {
        ...{ ...found, sandbox, preview: 'http://127.0.0.1:1', coverageBefore: 80, expiresAt: NOW + 9 },
      })
      expect(moved).toMatchObject({ ...found, sandbox, preview: 'http://127.0.0.1:1', coverageBefore: 80 })
      expect(await store.findSubmission(made.id)).toEqual(moved)
    })

    it('R-APR-4 what is held keeps its approval, and goes on with it', async () => {
      const made = await add('merging')
      const held = await move(made, 'hold', { obstacle: 'target', reason: 'checked out', expiresAt: NOW + 99 })
      expect(held).toMatchObject({ state: 'held', obstacle: 'target', decision: { kind: 'approve' } })
      expect(await move(made, 'resume')).toMatchObject({ state: 'approved', decision: held!.decision })
    })

    it('R-APR-2 are found by whose they are, by task, branch, cause and merge commit; and while nobody was told their end', async () => {
      const [task, cause] = [newId(), newId()]
      const one = await add('merging', { task, merge: MERGE })
      const { change } = one
      const two = await add('waiting', {
        ...{ agency: 'QA', author: 'QA/b', cause, change: { ...change!, branch: 'agency/QA/b' } },
      })
      const ids = async (filter: Parameters<Store['submissions']>[0]) =>
        (await store.submissions(filter, 10)).map(({ id }) => id)
      for (const filter of [{ agency: 'Code' }, { author: 'Code/a' }, { task }, { branch: 'agency/Code/a' }])
        expect([filter, await ids(filter)]).toEqual([filter, [one.id]])
      for (const filter of [{ agency: 'QA' }, { cause }, { states: ['waiting'] as const }])
        expect([filter, await ids(filter)]).toEqual([filter, [two.id]])
      await move(one, 'finish')
      expect(await ids({ mergeCommit: MERGE.commit })).toEqual([one.id])
      expect(await ids({ isUnsettled: true })).toEqual([one.id, two.id])
      await store.settleSubmission(one.id)
      expect(await ids({ isUnsettled: true })).toEqual([two.id])
      expect(await ids({ agency: 'Nobody' })).toEqual([])
    })
  })
}
