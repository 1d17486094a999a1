/** Ends a run with one plain line that counts, for whoever reads only the last line. */
import type { Reporter, TestModule } from 'vitest/node'

export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const count = (state: string) => tests.filter(test => test.result().state === state).length
    for (const test of tests.filter(test => test.diagnostic()?.flaky))
      process.stdout.write(
        `\npassed only when it was run again: ${test.module.relativeModuleId} > ${test.fullName}\n${(test.result().errors ?? []).map(({ stack, message }) => stack ?? message).join('\n')}\n`,
      )
    const broken = modules.filter(module => module.errors().length > 0).length
    process.stdout.write(
      `\n${count('passed')} passed, ${count('failed') + broken} failed, ${count('skipped')} skipped\n`,
    )
  }
}
