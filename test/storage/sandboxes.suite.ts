/** What every engine of the store must keep of sandboxes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId, shortId } from '../../src/kernel/ids.ts'
import { moveSandbox, type Sandbox } from '../../src/model/sandbox.ts'
import { planSandbox } from '../../src/model/sandboxPlan.ts'
import type { UnitDraft } from '../../src/model/unit.ts'
import type { Store } from '../../src/storage/store.ts'

const NOW = 1_800_000_000_000

export function sandboxSuite(name: string, open: () => Promise<Store>): void {
  describe(`sandboxes: ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(async () => {
      expect(await store.check()).toEqual([])
      await store[Symbol.asyncDispose]()
    })

    it('R-APR-1 are found by id, short id, slug and the beginning of their commit', async () => {
      const made = aSandbox('main', 'a'.repeat(40))
      await store.addSandbox(made, unit(made))
      for (const named of [made.id, shortId(made.id), 'main', 'aaaaaaa'])
        expect(await store.findSandbox(named)).toEqual(made)
      for (const named of ['mai', 'aaa', 'b'.repeat(7)]) expect(await store.findSandbox(named)).toBeUndefined()
    })

    it('R-APR-1 of two that are there none has the slug of the other; of one that is gone it is free', async () => {
      const first = aSandbox('main', 'a'.repeat(40))
      const second = aSandbox('main', 'b'.repeat(40))
      await store.addSandbox(first, unit(first))
      await expect(store.addSandbox(second, unit(second))).rejects.toThrow('there is a sandbox main already')
      expect(await store.units({ subject: second.id }, 10)).toEqual([])
      await store.changeSandbox({ ...first, state: 'destroyed' }, 'preparing')
      await store.addSandbox(second, unit(second))
      expect(await store.sandboxes({ includeDestroyed: false, limit: 10 })).toEqual([second])
      expect(await store.sandboxes({ includeDestroyed: true, limit: 10 })).toHaveLength(2)
    })

    it('R-APR-1 change only from the state that was looked at, together with their unit', async () => {
      const made = aSandbox('main', 'a'.repeat(40))
      await store.addSandbox(made, unit(made))
      const next = moveSandbox(made, 'prepared', { now: NOW + 1 })!
      expect(await store.changeSandbox(next, 'preparing', unit(made))).toBe(true)
      expect(await store.changeSandbox({ ...next, state: 'destroying' }, 'preparing', unit(made))).toBe(false)
      expect((await store.findSandbox('main'))!.state).toBe('starting')
      expect(await store.units({ subject: made.id }, 10)).toHaveLength(2)
    })
  })
}

function aSandbox(slug: string, commit: string): Sandbox {
  const place = { folder: `/w/${slug}`, home: '/h', session: `Code-${slug}`, repository: '/r' }
  return {
    ...{ id: newId(), slug, commit, agency: 'Code', by: 'human', state: 'preparing', since: NOW, createdAt: NOW },
    ...{ place: 'testing', isolation: 'none', ports: { app: 1, mocks: 2, database: 3 }, notes: [] },
    ...place,
    // As a record comes back: what is undefined is not there.
    plan: JSON.parse(JSON.stringify(planSandbox(undefined, { texts: {}, names: new Set() }))),
  }
}

function unit({ id }: Sandbox): UnitDraft {
  const said = { metadata: {}, payload: undefined, relations: [] }
  return { id: newId(), context: 'Code', agent: 'human', type: 'decision', at: NOW, subject: id, ...said }
}
