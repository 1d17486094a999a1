import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCoverageFile, readTestReport } from '../../src/model/testReport.ts'

const read = (name: string) => readFileSync(join(import.meta.dirname, 'reports', name), 'utf8')

// What real runners printed of one test that passes, one that fails, one that is skipped. Those of go and jest are written by hand.
const OUTPUTS = [
  ['node.tap', 2, 1, 1, 'of two', '2 == 3'],
  ['node-spec.txt', 2, 1, 1, 'of two', 'AssertionError [ERR_ASSERTION]: 2 == 3'],
  ['vitest-default.txt', 1, 1, 1, undefined, undefined],
  ['vitest.json', 1, 1, 1, 'sums of two', 'AssertionError: expected 2 to be 3 // Object.is equality'],
  ['vitest.tap', 1, 1, 1, 'test/sums.test.ts > sums > of two', 'expected 2 to be 3 // Object.is equality'],
  ['jest.txt', 1, 1, 1, 'sums › of two', 'expect(received).toBe(expected) // Object.is equality'],
  ['pytest.txt', 1, 1, 1, 'test_sums.py::Sums::test_bad', 'AssertionError: 2 != 3'],
  ['unittest.txt', 1, 1, 1, 'test_bad (test_sums.Sums.test_bad)', 'AssertionError: 2 != 3'],
  ['cargo.txt', 1, 1, 1, 'tests::fails', 'assertion `left == right` failed'],
  ['go.txt', 1, 1, 1, 'TestBad', undefined],
  ['go.jsonl', 1, 1, 1, 'example.org/sums TestBad', 'sums_test.go:9: 1 + 1 is 2, and not 3'],
] as const

describe('R-APR-2 results are read from what runners print', () => {
  it.each(OUTPUTS)('%s', (name, passed, failed, skipped, test, message) => {
    const report = readTestReport(read(name))
    expect(report).toMatchObject({ passed, failed, skipped })
    if (test === undefined) return
    expect(report.failures.map(failure => failure.name)).toContain(test)
    if (message !== undefined) expect(report.failures.find(({ name }) => name === test)!.message).toContain(message)
  })

  it.each([
    ['node-junit.xml', 2, 'test › of two', '2 == 3'],
    ['vitest-junit.xml', 1, 'test/sums.test.ts › sums > of two', 'expected 2 to be 3 // Object.is equality'],
    ['pytest-junit.xml', 1, 'test_sums.Sums › test_bad', 'AssertionError: 2 != 3'],
  ])('%s, which goes before the output', (name, passed, test, message) => {
    const report = readTestReport('# pass 99\n# fail 99', [{ name, text: read(name) }])
    expect(report).toMatchObject({ passed, failed: 1, skipped: 1, failures: [{ name: test, message }] })
  })

  it('coverage: lcov, Cobertura, Istanbul, and what is printed', () => {
    expect(readCoverageFile({ name: 'lcov.info', text: read('lcov.info') })).toBe(80)
    expect(readCoverageFile({ name: 'coverage.xml', text: read('cobertura-coverage.xml') })).toBe(95)
    expect(readCoverageFile({ name: 'coverage-summary.json', text: read('coverage-summary.json') })).toBe(95)
    expect(readTestReport(read('go.txt')).coverage).toBe(66.7)
  })

  it('what tells nothing is no number', () => {
    const nothing = { passed: undefined, failed: undefined, skipped: undefined, failures: [], coverage: undefined }
    expect(readTestReport('all is well\n')).toEqual(nothing)
    expect(readTestReport('{"numPassedTests": oops', [{ name: 'a.xml', text: '<not-tests/>' }])).toEqual(nothing)
  })
})
