import { expect, it } from 'vitest'
import { Pending } from '../../src/kernel/pending.ts'

it('what has news is seen to once, however often it was named', async () => {
  const pending = new Pending()
  for (const name of ['a', 'b', 'a']) pending.add(name)
  const seen: string[] = []
  await pending.each(async name => void seen.push(name))
  await pending.each(async name => void seen.push(name))
  expect(seen).toEqual(['a', 'b'])
})

it('what fails is told, comes again, and keeps nothing from the others', async () => {
  const pending = new Pending()
  for (const name of ['a', 'b', 'c']) pending.add(name)
  const seen: string[] = []
  const failing = pending.each(async name => {
    if (name === 'b') throw new Error('not b')
    seen.push(name)
  })
  await expect(failing).rejects.toThrow('not b')
  expect(seen).toEqual(['a', 'c'])
  expect(pending.take()).toEqual(['b'])
})

it('what has news while it is seen to waits for the next time', async () => {
  const pending = new Pending()
  pending.add('a')
  await pending.each(async name => pending.add(name))
  expect(pending.take()).toEqual(['a'])
})
