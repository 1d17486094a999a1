/** What every engine of the store must do. Each engine's test calls `storeSuite` with how to open a fresh one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Id, newId, shortId } from '../../src/kernel/ids.ts'
import type { AgentRecord } from '../../src/model/agent.ts'
import type { Delivery, DeliveryEvent } from '../../src/model/delivery.ts'
import type { Message } from '../../src/model/message.ts'
import type { UnitDraft } from '../../src/model/unit.ts'
import type { Recipient, Store, UnitFilter } from '../../src/storage/store.ts'

const NOW = 1_800_000_000_000
const TO = 'Code/python-agent'
const direct: readonly Recipient[] = [{ to: TO, kind: 'direct' }]

export function message(changes: Partial<Message> = {}): Message {
  const id = changes.id ?? newId()
  return {
    id,
    from: 'Code/lead',
    spokenBy: undefined,
    to: TO,
    type: 'TASK',
    body: 'TASK-1: write it down',
    payload: undefined,
    label: 'TASK-1',
    priority: 1,
    at: NOW,
    expiresAt: undefined,
    replyTo: undefined,
    thread: id,
    idempotencyKey: undefined,
    ackWanted: false,
    whileBusy: 'wait',
    ...changes,
  }
}

function unit(changes: Partial<UnitDraft> = {}): UnitDraft {
  return {
    id: newId(),
    context: 'Code',
    agent: 'Code/lead',
    type: 'decision',
    at: NOW,
    subject: 'a subject',
    metadata: { weight: 3 },
    payload: 'why',
    relations: [],
    ...changes,
  }
}

function agent(address: string): AgentRecord {
  const [agency, name] = address.split('/') as [string, string]
  return {
    ...{ address, agency, name, driver: 'script', isCoordinator: false, desired: 'running', state: 'ready' },
    ...{ rule: 'r', evidence: 'e', since: NOW, serverPid: 1, pane: '%1', panePid: 2, pid: undefined, instance: 1 },
    ...{ startedAt: NOW, lastExit: { status: 0, at: NOW }, deaths: [NOW], nextStartAt: undefined },
    ...{ conversation: undefined, workdir: '/w', branch: undefined },
  }
}

export function storeSuite(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(async () => {
      expect(await store.check()).toEqual([])
      await store[Symbol.asyncDispose]()
    })

    async function accept(changes: Partial<Message> = {}, recipients = direct): Promise<Delivery> {
      return (await store.accept(message(changes), recipients)).deliveries[0]!
    }

    async function walk(delivery: Delivery, ...events: DeliveryEvent[]): Promise<Delivery> {
      let now = delivery
      for (const event of events) now = (await store.advance(delivery.id, { event, at: NOW }))!
      return now
    }

    describe('acceptance', () => {
      it('R-BUS-4 keeps the message and a queued delivery for each recipient', async () => {
        const said = message({
          spokenBy: 'human',
          payload: { type: 'notice', deep: { list: [1] } },
          expiresAt: NOW + 1_000,
          idempotencyKey: 'k',
        })
        const accepted = await store.accept(said, [...direct, { to: 'Code/lead', kind: 'copy' }])
        expect(accepted).toMatchObject({ message: said, isDuplicate: false })
        expect(accepted.deliveries.map(({ to, kind, state, dueAt }) => [to, kind, state, dueAt])).toEqual([
          [TO, 'direct', 'queued', NOW + 1_000],
          ['Code/lead', 'copy', 'queued', NOW + 1_000],
        ])
        expect(await store.find(said.id)).toEqual({ message: said, deliveries: accepted.deliveries })
      })

      it('R-BUS-4 takes the same id of the same sender once', async () => {
        const said = message()
        const first = await store.accept(said, direct)
        const again = await store.accept({ ...said, body: 'other words' }, direct)
        expect(again).toEqual({ ...first, isDuplicate: true })
        expect(await store.units({}, 10)).toHaveLength(2)
      })

      it('R-BUS-4 refuses the id of another sender', async () => {
        const said = message()
        await store.accept(said, direct)
        await expect(store.accept({ ...said, from: 'Code/other' }, direct)).rejects.toMatchObject({ code: 'CONFLICT' })
      })

      it('R-BUS-4 takes an idempotency key once for each sender', async () => {
        const first = await store.accept(message({ idempotencyKey: 'once' }), direct)
        const again = await store.accept(message({ idempotencyKey: 'once' }), direct)
        const other = await store.accept(message({ idempotencyKey: 'once', spokenBy: 'human' }), direct)
        expect(again).toEqual({ ...first, isDuplicate: true })
        expect(other.isDuplicate).toBe(false)
      })

      it('R-BUS-4 takes a message twice at the same moment once', async () => {
        const said = message()
        const both = await Promise.all([store.accept(said, direct), store.accept(said, direct)])
        expect(both.map(({ isDuplicate }) => isDuplicate)).toEqual([false, true])
      })

      it('R-LOG-1 writes one unit for the message, with its words, and one for each delivery', async () => {
        const question = message()
        const answer = message({ replyTo: question.id, thread: question.id, from: TO, to: 'Code/lead' })
        await store.accept(question, direct)
        await store.accept(answer, [{ to: 'human', kind: 'direct' }])
        const units = await store.units({}, 10)
        expect(units.map(({ type, context, contextSeq, seq }) => [type, context, contextSeq, seq])).toEqual([
          ['message', 'Code', 1, 1],
          ['delivery', 'Code', 2, 2],
          ['message', 'Code', 3, 3],
          ['delivery', 'Code', 4, 4],
        ])
        expect(units[2]).toMatchObject({
          id: answer.id,
          subject: answer.id,
          payload: answer.body,
          relations: [{ type: 'REPLIES_TO', target: question.id }],
        })
        expect(units[1]).toMatchObject({
          agent: 'system',
          metadata: { message: question.id, to: TO, event: 'accept', state: 'queued', attempt: 0, redelivery: false },
          relations: [{ type: 'REFERENCES', target: question.id }],
        })
        expect((await store.replies(question.id)).map(({ id }) => id)).toEqual([answer.id])
      })
    })

    describe('the queue', () => {
      it('R-BUS-4 goes by priority, then by acceptance, whatever the clock says', async () => {
        const later = await accept({ at: NOW + 60_000 })
        const jumpedBack = await accept({ at: NOW - 60_000 })
        const urgent = await accept({ priority: 3 })
        expect((await store.next(TO, NOW))?.delivery.id).toBe(urgent.id)
        const claimed = await store.claim(TO, NOW, 10)
        expect(claimed.map(({ delivery }) => delivery.id)).toEqual([urgent.id, later.id, jumpedBack.id])
        expect(claimed.every(({ delivery }) => delivery.state === 'claimed')).toBe(true)
        expect(await store.claim(TO, NOW, 10)).toEqual([])
        // What is under way does not go again.
        expect(await store.next(TO, NOW)).toBeUndefined()
      })

      it('R-BUS-4 leaves alone what is a copy, held for later, expired, or for another', async () => {
        await accept({}, [{ to: TO, kind: 'copy' }])
        await accept({ expiresAt: NOW })
        await accept({}, [{ to: 'Code/python', kind: 'direct' }])
        const held = await accept()
        await store.advance(held.id, { event: 'hold', at: NOW, notBefore: NOW + 10, reason: 'limited' })
        expect(await store.next(TO, NOW)).toBeUndefined()
        expect(await store.claim(TO, NOW, 10)).toEqual([])
        expect((await store.claim(TO, NOW + 10, 10)).map(({ delivery }) => delivery.id)).toEqual([held.id])
      })

      it('R-BUS-4 counts what waits for each recipient', async () => {
        await accept()
        await walk(await accept(), 'claim', 'begin', 'lose')
        await walk(await accept({ ackWanted: true }), 'confirm')
        await accept({}, [{ to: 'Code/lead', kind: 'copy' }])
        expect(await store.waiting()).toEqual(new Map([[TO, 2]]))
      })

      it('R-BUS-4 gives what is due, oldest first, and what is under way', async () => {
        const first = await accept({ at: NOW + 5 })
        const second = await accept({ at: NOW })
        expect((await store.due(NOW + 30_004, 10)).map(({ delivery }) => delivery.id)).toEqual([second.id])
        expect((await store.due(NOW + 30_005, 10)).map(({ delivery }) => delivery.id)).toEqual([second.id, first.id])
        await walk(first, 'claim', 'begin', 'hand')
        expect((await store.underWay(TO)).map(({ state }) => state)).toEqual(['handed'])
        expect((await store.inStates(['handed', 'queued'], 10)).map(({ delivery }) => delivery.id)).toEqual([
          first.id,
          second.id,
        ])
      })
    })

    describe('changes of a delivery', () => {
      it('R-BUS-4 records each with its evidence', async () => {
        const delivery = await accept()
        await walk(delivery, 'claim', 'begin')
        const handed = await store.advance(delivery.id, {
          ...{ event: 'hand', at: NOW, evidence: 'Enter was pressed', door: 'typing', instance: 4, dueAt: NOW + 7 },
        })
        expect(handed).toMatchObject({ state: 'handed', attempts: 1, door: 'typing', instance: 4, dueAt: NOW + 7 })
        const units = await store.units({ subject: delivery.id }, 10)
        expect(units.map(({ metadata }) => metadata['event'])).toEqual(['accept', 'claim', 'begin', 'hand'])
        expect(units.at(-1)?.metadata).toEqual({
          ...{ message: delivery.messageId, to: TO, event: 'hand', from: 'handing', state: 'handed', attempt: 1 },
          ...{ redelivery: false, evidence: 'Enter was pressed' },
        })
      })

      it('R-BUS-4 refuses a step that the table does not have, and records nothing', async () => {
        const delivery = await walk(await accept(), 'claim', 'begin')
        const before = await store.units({}, 100)
        expect(await store.advance(delivery.id, { event: 'expire', at: NOW })).toBeUndefined()
        expect(await store.units({}, 100)).toEqual(before)
        await expect(store.advance(newId(), { event: 'claim', at: NOW })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      })

      it('R-BUS-4 marks what goes again', async () => {
        const delivery = await walk(await accept(), 'claim', 'begin', 'hand', 'retry')
        expect(delivery).toMatchObject({ state: 'queued', isRedelivery: true, attempts: 1 })
      })

      it('R-BUS-4 requeues what died as a new, marked delivery, once', async () => {
        const dead = await walk(await accept({ expiresAt: NOW + 50 }), 'bury')
        const again = await store.requeue(dead.id, NOW + 100)
        expect(again).toMatchObject({ state: 'queued', isRedelivery: true, attempts: 0, expiresAt: NOW + 150, to: TO })
        expect(again.id).not.toBe(dead.id)
        await expect(store.requeue(dead.id, NOW)).rejects.toMatchObject({ code: 'CONFLICT' })
        await expect(store.requeue(again.id, NOW)).rejects.toMatchObject({ code: 'CONFLICT' })
        expect((await store.find(dead.id))?.deliveries).toEqual([again])
        expect(await store.messages({ state: 'dead' }, 10)).toEqual([])
      })

      it('R-BUS-4 buries an unknown delivery that is requeued', async () => {
        const lost = await walk(await accept(), 'claim', 'begin', 'lose')
        await store.requeue(lost.id, NOW)
        const last = (await store.units({ subject: lost.id }, 10)).at(-1)
        expect(last?.metadata).toMatchObject({ event: 'bury', from: 'unknown', state: 'dead' })
      })

      it('R-BUS-4 purges what failed before, and keeps its units', async () => {
        const dead = await walk(await accept(), 'bury')
        const open = await accept()
        expect(await store.purge(NOW)).toBe(0)
        expect(await store.purge(NOW + 1)).toBe(1)
        expect(await store.find(dead.id)).toBeUndefined()
        expect((await store.find(dead.messageId))?.deliveries).toEqual([])
        expect(await store.units({ subject: dead.id }, 10)).toHaveLength(2)
        expect(await store.find(open.id)).toBeDefined()
      })
    })

    describe('looking', () => {
      it('R-BUS-7 shows an inbox newest last, and what is unread in it', async () => {
        const read = await walk(await accept(), 'confirm')
        const fresh = await accept()
        await walk(await accept(), 'cancel')
        const ids = async (isUnread: boolean) =>
          (await store.inbox(TO, { isUnread, limit: 2 })).map(({ delivery }) => delivery.id)
        expect(await ids(true)).toEqual([fresh.id])
        expect((await ids(false))[0]).toBe(fresh.id)
        expect((await store.inbox(TO, { isUnread: false, limit: 9 }))[0]?.delivery.id).toBe(read.id)
      })

      it('R-BUS-7 finds by id and by short id, and says when a short id fits several', async () => {
        const delivery = await accept()
        for (const id of [
          delivery.messageId,
          delivery.id,
          shortId(delivery.id),
          shortId(delivery.messageId).toUpperCase(),
        ])
          expect((await store.find(id))?.message.id).toBe(delivery.messageId)
        const twin = (delivery.messageId.slice(0, 7) +
          (delivery.messageId[7] === '0' ? '1' : '0') +
          delivery.messageId.slice(8)) as Id
        await accept({ id: twin })
        await expect(store.find(shortId(twin))).rejects.toMatchObject({ code: 'CONFLICT' })
        expect(await store.find(newId())).toBeUndefined()
        expect(await store.find("' or 1 --")).toBeUndefined()
      })

      it('R-BUS-7 lists by filter, and follows by cursor', async () => {
        const one = await accept()
        const two = await accept({ from: 'human', to: 'QA/tester', type: 'NOTE', thread: one.messageId }, [
          { to: 'QA/tester', kind: 'direct' },
        ])
        await walk(two, 'bury')
        const three = await accept({ at: NOW + 1_000 })
        const ids = async (...query: Parameters<Store['messages']>) =>
          (await store.messages(...query)).map(listed => listed.message.id)
        expect(await ids({}, 2)).toEqual([two.messageId, three.messageId])
        const [first] = await store.messages({}, 3)
        expect(await ids({ after: first!.seq }, 1)).toEqual([two.messageId])
        expect(await ids({ involving: 'QA/tester' }, 9)).toEqual([two.messageId])
        expect(await ids({ involving: 'Code/lead' }, 9)).toEqual([one.messageId, three.messageId])
        expect(await ids({ agency: 'QA' }, 9)).toEqual([two.messageId])
        expect(await ids({ agency: 'Q' }, 9)).toEqual([])
        expect(await ids({ type: 'NOTE' }, 9)).toEqual([two.messageId])
        expect(await ids({ thread: one.messageId }, 9)).toEqual([one.messageId, two.messageId])
        expect(await ids({ state: 'dead' }, 9)).toEqual([two.messageId])
        expect(await ids({ state: 'queued', sinceMs: NOW + 1 }, 9)).toEqual([three.messageId])
      })
    })

    describe('agencies and agents', () => {
      it('keeps the last record of each', async () => {
        const agency = { name: 'Code', desired: 'running', createdAt: NOW, serverPid: 7, session: '$1' } as const
        await store.saveAgency({ ...agency, desired: 'stopped' })
        await store.saveAgency(agency, unit({ type: 'agency' }))
        await store.saveAgent(agent(TO), unit({ type: 'agent-state' }))
        expect(await store.agencies()).toEqual([agency])
        expect(await store.agents()).toEqual([agent(TO)])
        expect(await store.units({}, 9)).toHaveLength(2)
      })

      it('R-BUS-4 buries what is open when the recipient is removed', async () => {
        await store.saveAgency({ name: 'Code', desired: 'running', createdAt: NOW, serverPid: 7, session: '$1' })
        for (const address of [TO, 'Code/lead', 'Codex/lead']) await store.saveAgent(agent(address))
        const mine = await accept()
        const other = await accept({}, [{ to: 'Codex/lead', kind: 'direct' }])
        const lead = await accept({}, [{ to: 'Code/lead', kind: 'direct' }])
        await store.removeAgent(TO, NOW, 'removed')
        const state = async (id: Id) => (await store.find(id))?.deliveries[0]?.state
        expect([await state(mine.id), await state(lead.id)]).toEqual(['dead', 'queued'])
        await store.removeAgency('Code', NOW, 'removed')
        expect([await state(lead.id), await state(other.id)]).toEqual(['dead', 'queued'])
        expect((await store.agents()).map(({ address }) => address)).toEqual(['Codex/lead'])
        expect(await store.agencies()).toEqual([])
      })
    })

    describe('the log', () => {
      it('R-LOG-1 has one order over all and a gapless one in each context', async () => {
        for (const context of ['a', 'b', 'a', 'b', 'b']) await store.append(unit({ context }))
        const all = await store.units({}, 9)
        expect(all.map(({ seq, context, contextSeq }) => [seq, context, contextSeq])).toEqual([
          [1, 'a', 1],
          [2, 'b', 1],
          [3, 'a', 2],
          [4, 'b', 2],
          [5, 'b', 3],
        ])
        expect((await store.units({ context: 'b', after: 2 }, 1)).map(({ seq }) => seq)).toEqual([4])
        expect(await store.units({ subject: 'nothing' }, 9)).toEqual([])
      })

      it('R-TSK-5 R-LOG-8 finds units by who did it, to whom, about whom, what kind, when and which words', async () => {
        const numbers = async (filter: UnitFilter, limit = 99, which?: 'newest') =>
          (await store.units(filter, limit, which)).map(({ seq }) => seq)
        await store.append(unit({ agent: 'Code/a', at: NOW, payload: 'choose Go' })) // 1
        await store.append(unit({ agent: 'system', type: 'agent-state', subject: 'Code/a', at: NOW + 1 })) // 2
        await accept({ at: NOW + 2, to: 'Code/a', body: '100% Done' }, [{ to: 'Code/a', kind: 'direct' }]) // 3, 4
        await store.append(unit({ agent: 'Other/b', context: 'Other', at: NOW + 3, type: 'error' })) // 5
        await store.append(unit({ agent: 'Code/lead', context: 'Other', at: NOW + 4 })) // 6
        expect(await numbers({ about: 'Code/a' })).toEqual([1, 2, 3, 4])
        expect(await numbers({ about: 'Code/a' }, 2, 'newest')).toEqual([3, 4])
        expect(await numbers({ about: 'Code/a' }, 2)).toEqual([1, 2])
        expect(await numbers({ about: 'system' })).toEqual([2, 4])
        expect(await numbers({ agency: 'Code' })).toEqual([1, 2, 3, 4, 6])
        expect(await numbers({ agency: 'Cod' })).toEqual([])
        expect(await numbers({ agency: 'Other' })).toEqual([5, 6])
        expect(await numbers({ agency: 'Other', about: 'Code/lead' })).toEqual([6])
        for (const [type, found] of [
          ['delivery', [4]],
          ['message', [3]],
          ['error', [5]],
          ['lock', []],
        ] as const)
          expect(await numbers({ type })).toEqual(found)
        expect(await numbers({ sinceMs: NOW + 1, untilMs: NOW + 4 })).toEqual([2, 3, 4, 5])
        expect(await numbers({ after: 2, upTo: 5 })).toEqual([3, 4, 5])
        expect(await numbers({}, 2, 'newest')).toEqual([5, 6])
        expect(await numbers({ withoutMessages: true }, 3, 'newest')).toEqual([2, 5, 6])
        expect(await numbers({ withoutMessages: true, about: 'Code/a' })).toEqual([1, 2])
        expect(await numbers({ text: 'CHOOSE' })).toEqual([1])
        expect(await numbers({ text: '100% done' })).toEqual([3])
        expect(await numbers({ text: '1_0' })).toEqual([])
        expect(await store.unitSpan({})).toEqual({ first: 1, last: 6 })
        expect(await store.unitSpan({ sinceMs: NOW + 2, untilMs: NOW + 4 })).toEqual({ first: 3, last: 5 })
        expect(await store.unitSpan({ sinceMs: NOW + 9 })).toBeUndefined()
      })

      it("R-TSK-5 gives a task's story: its own units, its messages and their conversations, and the deliveries of them, purged ones too", async () => {
        const label = 'TASK-7'
        const question = message({ label: undefined, type: 'QUESTION', body: 'QUESTION: about seven' })
        await store.accept(question, direct) // 1, 2: the conversation in which the task came up
        await store.accept(message(), direct) // 3, 4: of another task
        const task = newId()
        await store.append(unit({ type: 'task', subject: task, metadata: { event: 'add', state: 'ready', label } })) // 5
        const given = message({ label, thread: question.id, replyTo: question.id })
        const [way] = (await store.accept(given, direct)).deliveries // 6, 7
        await store.advance(way!.id, { event: 'cancel', at: NOW }) // 8
        await store.purge(NOW + 1)
        const note = message({ label: undefined, thread: question.id, replyTo: given.id, body: 'no label here' })
        const [answer] = (await store.accept(note, direct)).deliveries // 9, 10
        await store.advance(answer!.id, { event: 'claim', at: NOW }) // 11
        await store.append(unit({ type: 'task', subject: task, metadata: { event: 'succeed', state: 'succeeded' } })) // 12
        const story = async (which: UnitFilter['task']) =>
          (await store.units({ task: which! }, 99)).map(({ seq }) => seq)
        expect(await story({ id: task, label })).toEqual([1, 2, 5, 6, 7, 8, 9, 10, 11, 12])
        expect(await story({ label })).toEqual([1, 2, 6, 7, 8, 9, 10, 11])
        expect(await story({ id: task })).toEqual([5, 12])
        expect(await story({ label: 'TASK-0' })).toEqual([])
      })

      it('R-LOG-1 gives back what was said, and refuses the same id twice without a gap', async () => {
        const draft = unit({ relations: [{ type: 'CAUSES', target: newId() }], payload: undefined })
        expect(await store.append(draft)).toEqual({ ...draft, seq: 1, contextSeq: 1 })
        await expect(store.append(draft)).rejects.toMatchObject({ code: 'CONFLICT' })
        expect(await store.append(unit())).toMatchObject({ seq: 2, contextSeq: 2 })
      })

      it('keeps marks', async () => {
        expect(await store.marked('spool')).toBeUndefined()
        await store.mark('spool', '1')
        await store.mark('spool', '2')
        expect(await store.marked('spool')).toBe('2')
      })
    })

    it('answers reads after the writes that were asked before them, and isolates one that fails', async () => {
      const said = message()
      const [, refused, found, , mark] = await Promise.allSettled([
        store.accept(said, direct),
        store.accept({ ...said, from: 'Code/thief' }, direct),
        store.find(said.id),
        store.mark('m', 'v'),
        store.marked('m'),
      ])
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } })
      expect(found).toMatchObject({ status: 'fulfilled', value: { message: { id: said.id } } })
      expect(mark).toMatchObject({ value: 'v' })
    })
  })
}
