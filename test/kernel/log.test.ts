import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { openLog } from '../../src/kernel/log.ts'

it('R-LOG-8 a log that is put aside goes on in a fresh file, and no line is lost', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agency-log-'))
  try {
    const file = join(folder, 'agencyd.log')
    const { log, reopen } = openLog({ level: 'info', file })
    for (let number = 0; number < 300; number++) {
      log.info({ number }, 'a line')
      if (number === 100 || number === 200) {
        await until(async () => (await readFile(file, 'utf8').catch(() => '')).length > 0, { timeoutMs: 5000 })
        await rename(file, `${file}.${number}`)
        reopen()
      }
    }
    const lines = async () => {
      const texts = [`${file}.100`, `${file}.200`, file].map(name => readFile(name, 'utf8').catch(() => ''))
      return (await Promise.all(texts)).join('').split('\n').filter(Boolean)
    }
    await until(async () => (await lines()).length >= 300, { timeoutMs: 5000 })
    expect((await lines()).map(line => JSON.parse(line).number)).toEqual([...Array(300).keys()])
    expect((await readFile(file, 'utf8')).length).toBeGreaterThan(0)
  } finally {
    await rm(folder, { recursive: true })
  }
})

it.runIf(process.platform === 'linux')(
  'R-LOG-6 a disk that is full loses lines of the log and not the daemon',
  async () => {
    const failures: unknown[] = []
    const hear = (error: unknown) => failures.push(error)
    process.once('uncaughtException', hear)
    const { log } = openLog({ level: 'info', file: '/dev/full' })
    log.info('nobody reads this')
    await new Promise<void>(resolve => log.flush(() => resolve()))
    process.off('uncaughtException', hear)
    expect(failures).toEqual([])
  },
)
