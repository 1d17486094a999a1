import { expect, it } from 'vitest'
import { AtMost } from '../../src/kernel/atMost.ts'

it('lets so many run at once, the others in their order, whatever becomes of those before them', async () => {
  const slots = new AtMost(2)
  const ends: (() => void)[] = []
  const begun: number[] = []
  const work = (number: number) =>
    slots.run(async () => {
      begun.push(number)
      await new Promise<void>(resolve => ends.push(resolve))
      if (number === 1) throw new Error('a failure')
    })
  const all = Promise.allSettled([1, 2, 3, 4].map(work))
  await Promise.resolve()
  expect(begun).toEqual([1, 2])
  ends[0]!()
  await new Promise(resolve => setImmediate(resolve))
  expect(begun).toEqual([1, 2, 3])
  for (let index = 1; index < 4; index++) {
    await new Promise(resolve => setImmediate(resolve))
    ends[index]!()
  }
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
})
