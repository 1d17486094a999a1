import { expect, it } from 'vitest'
import { check } from './expositionRules.ts'

it('the rules find each fault that promtool finds', () => {
  const good = '# HELP a_total Things\n# TYPE a_total counter\na_total{x="1",y="q\\"\\\\"} 3\na_total 1e-3\n'
  expect(check(good).problems).toEqual([])
  const faults: readonly string[] = [
    good.trimEnd(),
    good.replace('# HELP a_total Things\n', ''),
    good.replace('# TYPE a_total counter\n', ''),
    good.replaceAll('a_total', 'a'),
    good.replace('counter', 'gauge'),
    good.replaceAll('a_total', 'a_milliseconds_total'),
    good.replaceAll('a_total', 'aB_total'),
    good.replaceAll('a_total', 'a_counter_total'),
    `${good}a_total{y="q\\"\\\\",x="1"} 4\n`,
    `${good}b 4\n`,
    `${good}${good}`,
    good.replace('} 3', '} three'),
    good.replace('x="1"', 'x=1'),
    good.replace('1e-3', '-1'),
  ]
  for (const fault of faults) expect([fault, check(fault).problems.length > 0]).toEqual([fault, true])
})
