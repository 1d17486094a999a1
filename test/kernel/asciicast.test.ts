import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { isCast, readCast } from '../../src/kernel/asciicast.ts'
import { Recording } from '../../src/kernel/recording.ts'

it('R-APR-2 a recording keeps what was printed, whole letters and control characters too, and is never longer than its bound', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agency-cast-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'tests.cast')
  const recording = new Recording(file, 'npm test')
  const euro = Buffer.from('a €\n\u001b[31mred')
  recording.write(euro.subarray(0, 3))
  recording.write(euro.subarray(3))
  recording.close('it ended with 0, 1 s')
  const text = readFileSync(file, 'utf8')
  expect(isCast(text)).toBe(true)
  expect(text).not.toContain('\u001b')
  expect(
    readCast(text)
      .map(event => event.text)
      .join(''),
  ).toBe('$ npm test\r\na €\r\n\u001b[31mred\r\n[it ended with 0, 1 s]\r\n')
  const seconds = readCast(text).map(event => event.seconds)
  expect([...seconds].sort((one, other) => one - other)).toEqual(seconds)
  const long = new Recording(file, 'yes')
  for (let number = 0; number < 60; number++) long.write(Buffer.alloc(100_000, 'y'))
  long.close('it was ended')
  expect(readFileSync(file, 'utf8').length).toBeLessThan(4_500_000)
  expect(readCast(readFileSync(file, 'utf8')).at(-1)?.text).toContain('[it was ended]')
  // One that breaks off, or is none.
  expect(readCast(`${text.slice(0, -5)}`).length).toBe(readCast(text).length - 1)
  expect([isCast('{"version":1}'), isCast('no'), isCast(''), readCast('no\nnot\n[1,2]\n[1,"i","x"]')]).toEqual([
    ...[false, false, false, []],
  ])
})
