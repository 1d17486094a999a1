import { expect, it } from 'vitest'
import { newId } from '../../src/kernel/ids.ts'
import type { Unit } from '../../src/model/unit.ts'
import { Listener } from '../../src/tasks/listener.ts'
import type { TaskParts } from '../../src/tasks/parts.ts'

/** A message in the log, as far as hearing it goes. */
function said(seq: number, from: string): Unit {
  const metadata = { to: 'Crew/b', messageType: 'NOTE' }
  return { seq, id: newId(), agent: from, type: 'message', at: 0, metadata, relations: [] } as unknown as Unit
}

it('R-TSK-1 what cannot be heard is tried again, and passed over at last, so that the others are heard', async () => {
  const units = [said(1, 'Crew/a'), said(2, 'Crew/broken'), said(3, 'Crew/c')]
  const heard: string[] = []
  const logged: unknown[] = []
  const parts = {
    store: {
      marked: async () => undefined,
      units: async ({ after }: { after: number }) => units.filter(({ seq }) => seq > after),
    },
    board: {
      heldBy: (of: string) => {
        if (of === 'Crew/broken') throw new TypeError('nobody has thought of this')
        heard.push(of)
        return []
      },
    },
    log: { error: (about: unknown) => logged.push(about) },
  }
  const listener = new Listener(parts as unknown as TaskParts)
  for (let tries = 0; tries < 2; tries++) await expect(listener.tick()).rejects.toThrow('nobody has thought of this')
  expect(heard).not.toContain('Crew/c')
  await listener.tick()
  expect(heard).toContain('Crew/c')
  expect(logged).toMatchObject([{ unit: units[1]!.id }])
  await listener.heard(3)
})
