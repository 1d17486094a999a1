import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { AgencyError, isErrorCode, toAgencyError } from '../../src/kernel/errors.ts'

it('R-ALL-3 what the system refuses is no bug of ours: it names the path, and what to look at', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agency-errors-'))
  try {
    await writeFile(join(folder, 'file'), '')
    const refused = await readFile(join(folder, 'file', 'below')).catch(toAgencyError)
    expect(refused).toMatchObject({ code: 'ENVIRONMENT', exitCode: 8, hint: `ls -la ${join(folder, 'file')}` })
    const gone = Object.assign(new Error('uv_cwd'), { code: 'ENOENT', syscall: 'uv_cwd' })
    expect(toAgencyError(gone)).toMatchObject({ code: 'ENVIRONMENT', hint: expect.stringContaining('cd') })
    // Of a mistake that only looks like one, nobody says that it is the system's.
    expect(toAgencyError(Object.assign(new Error('x'), { code: 'EPERM' })).code).toBe('BUG')
    const full = Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' })
    expect(toAgencyError(full).code).toBe('DISK')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it('R-ALL-3 an error quotes a word of any length in bounds, and its code is one of the table', () => {
  const { message } = new AgencyError('NOT_FOUND', 'x'.repeat(100_000)).toDocument()
  expect([message.length, message.at(-1)]).toEqual([10_001, '…'])
  expect(['BUG', 'constructor', 'toString', 5].map(isErrorCode)).toEqual([true, false, false, false])
})
