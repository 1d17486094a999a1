import { expect, it } from 'vitest'
import { coverageOf, isDocument, readCommits, readNumstat, risksOf, sumTests } from '../../src/model/changeFacts.ts'

const files = (...paths: readonly string[]) => paths.map(path => ({ path, insertions: 1, deletions: 0 }))

it('R-APR-3 reads what git counts, binary files and odd names as well', () => {
  expect(readNumstat('3\t1\tsrc/a.ts\0-\t-\timage.png\0' + '0\t2\ta\tb\n.txt\0')).toEqual([
    { path: 'src/a.ts', insertions: 3, deletions: 1 },
    { path: 'image.png', insertions: undefined, deletions: undefined },
    { path: 'a\tb\n.txt', insertions: 0, deletions: 2 },
  ])
  expect(readCommits('abc\u001fA <a@b>\u001fDo it\0')).toEqual([{ hash: 'abc', author: 'A <a@b>', subject: 'Do it' }])
})

it('R-APR-3 knows documents by their place and name', () => {
  expect(['README.md', 'docs/api.json', 'LICENSE', 'a/CHANGELOG'].every(isDocument)).toBe(true)
  expect(['src/a.ts', 'doctor.ts', 'readmes.ts'].some(isDocument)).toBe(false)
})

it('R-APR-3 says why somebody should look twice', () => {
  expect(risksOf(files('src/a.ts'))).toEqual([])
  expect(risksOf(files('.github/workflows/ci.yml'))).toEqual(['changes CI: .github/workflows/ci.yml'])
  expect(risksOf(files('package-lock.json', 'db/migrations/1.sql', '.env.local', '.gitmodules'))).toEqual([
    'changes permissions or secrets: .env.local',
    'changes a lock file: package-lock.json',
    'changes a migration: db/migrations/1.sql',
    'changes what git does: .gitmodules',
  ])
  expect(risksOf(files('run.sh'), ['run.sh'])).toEqual(['makes executable, or a link: run.sh'])
  expect(risksOf([{ path: 'a', insertions: 900, deletions: 200 }])).toEqual(['is large: 1100 lines'])
  expect(risksOf(files(...Array.from({ length: 51 }, (_, index) => `${index}`)))).toEqual(['is wide: 51 files'])
})

it('R-APR-3 sums what the commands told', () => {
  expect(sumTests([{ tests: undefined }])).toBeUndefined()
  expect(
    sumTests([{ tests: { passed: 3, failed: 1 } }, { tests: undefined }, { tests: { passed: 4, failed: 0 } }]),
  ).toEqual({
    passed: 7,
    failed: 1,
  })
  expect(coverageOf([{ coverage: 80 }, { coverage: undefined }])).toBe(80)
})
