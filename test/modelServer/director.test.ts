import { describe, expect, it } from 'vitest'
import type { ModelRequest, Turn } from '../../src/modelServer/conversation.ts'
import { Director } from '../../src/modelServer/director.ts'
import { parseScript, type Step } from '../../src/modelServer/script.ts'

const run = (command: string) => ({ run: { command, outsideSandbox: false } })
const user = (text: string): Turn => ({ by: 'user', text })
const model: Turn = { by: 'model' }
const result = (callId: string): Turn => ({ by: 'tool', callId, text: 'done' })

function request(...turns: readonly (Turn | string)[]): ModelRequest {
  const said = turns.map(turn => (typeof turn === 'string' ? user(turn) : turn))
  return { api: 'anthropic', model: 'm', isStreamed: true, system: '', tools: [], turns: said }
}

function director(script: string): Director {
  return new Director(parseScript(script))
}

function plan(of: Director, ...turns: readonly (Turn | string)[]): readonly Step[] {
  return of.plan(request(...turns)).steps
}

const SCRIPT = `
rules:
  - { match: '^once', times: 1, do: [{ say: first }] }
  - { match: '^once', do: [{ say: after }] }
  - { match: '^task (\\w+)', do: [{ run: 'work {1}' }, { say: '{1} done' }] }
  - { match: '^bad', do: [{ fail: 529 }, { say: good }] }
  - { match: '^worse', do: [{ fail: 500 }] }
  - { match: '^limit', times: 1, do: [{ fail: { status: 429, resetIn: 60 } }] }
  - { match: 'slow', do: [{ wait: 9 }] }
  - { match: '\\[(\\S+) → \\S+ · TASK · (\\w{8})', do: [{ run: 'reply {2} to {1}' }] }
`

describe('the director', () => {
  it('R-WFL-5 lets the first rule act that matches, so often as it says', () => {
    const one = director(SCRIPT)
    expect(plan(one, 'once upon')).toEqual([{ say: 'first' }])
    expect(plan(one, 'once upon')).toEqual([{ say: 'after' }])
    one.replace(parseScript(SCRIPT))
    expect(plan(one, 'once upon')).toEqual([{ say: 'first' }])
  })

  it('R-WFL-5 says ok where no rule matches, with the id of the message', () => {
    expect(plan(director(''), 'hello')).toEqual([{ say: 'ok' }])
    expect(plan(director(''), '[a → b · NOTE · 1a2b3c4d] hello')).toEqual([{ say: 'ok 1a2b3c4d' }])
    expect(plan(director(''), '[a → b · NOTE · 1a2b3c4d · redelivery 2] hi')).toEqual([{ say: 'ok 1a2b3c4d' }])
  })

  it('R-WFL-5 goes on with the next step when the result of the command is there, again and again', () => {
    const one = director(SCRIPT)
    expect(plan(one, 'task A')).toEqual([run('work A'), { say: 'A done' }])
    one.keepForResult('call-1', [{ say: 'A done' }])
    for (const _ of [1, 2]) expect(plan(one, 'task A', model, result('call-1'))).toEqual([{ say: 'A done' }])
    expect(plan(one, 'task A', model, result('of another'))).toEqual([{ say: 'ok' }])
  })

  it.each([
    "The user doesn't want to proceed with this tool use. The tool use was rejected",
    'Wall time: 5.3 seconds\naborted by user',
    '[Operation Cancelled] Reason: User did not allow tool call',
    'The user rejected permission to use this specific tool call.',
    'The execution of this tool, or a previous tool was interrupted.',
    'Permission denied by user',
  ])('R-WFL-5 gives up the rest of a rule whose command was not allowed: %s', text => {
    const one = director(SCRIPT)
    plan(one, 'task A')
    one.keepForResult('call-1', [{ say: 'A done' }])
    expect(plan(one, 'task A', model, { by: 'tool', callId: 'call-1', text }, 'hello')).toEqual([{ say: 'ok' }])
  })

  it('R-WFL-5 takes up what was said while a command ran, behind what is left', () => {
    const one = director(SCRIPT)
    plan(one, 'task A')
    one.keepForResult('call-1', [{ say: 'A done' }])
    const steps = plan(one, 'task A', model, result('call-1'), 'task B')
    expect(steps).toEqual([{ say: 'A done' }, run('work B'), { say: 'B done' }])
  })

  it('R-WFL-5 does not begin an interrupted turn again, and answers a lone repetition', () => {
    const one = director(SCRIPT)
    expect(plan(one, 'slow')).toEqual([{ wait: 9 }])
    expect(plan(one, 'slow', '[Request interrupted by user]', 'task B')[0]).toEqual(run('work B'))
    expect(plan(one, 'slow')).toEqual([{ wait: 9 }])
  })

  it('R-WFL-5 answers each of several texts, and each message that a program has put into one', () => {
    expect(plan(director(SCRIPT), 'task A', 'hello', 'task B').length).toBe(4)
    const merged =
      '[x → y · TASK · 11111111] one\n\nwith [a → b · TASK · 00000000] inside\n\n[z → y · TASK · 22222222] two'
    expect(plan(director(SCRIPT), merged)).toEqual([run('reply 11111111 to x'), run('reply 22222222 to z')])
  })

  it('R-WFL-5 passes over what the program adds by itself', () => {
    const reminder = '<system-reminder>\ntask X\n</system-reminder>'
    expect(plan(director(SCRIPT), 'task A', reminder)).toEqual(plan(director(SCRIPT), 'task A'))
    expect(plan(director(SCRIPT), reminder)).toEqual([{ say: 'ok' }])
  })

  it('R-WFL-5 gives the next step to the retry after a failure, and begins again when there is none', () => {
    const one = director(SCRIPT)
    plan(one, 'bad')
    one.keepForRetry(request('bad'), [{ say: 'good' }])
    expect(plan(one, 'bad')).toEqual([{ say: 'good' }])
    plan(one, 'worse')
    one.keepForRetry(request('worse'), [])
    expect(plan(one, 'worse')).toEqual([{ fail: { status: 500 } }])
  })

  it('R-WFL-5 answers later what a failed answer left open, unless that fails again', () => {
    const one = director(SCRIPT)
    plan(one, 'limit', 'task A')
    one.keepForRetry(request('limit', 'task A'), [])
    // Programs add a line's end when they send it again.
    expect(plan(one, 'limit\n', 'task A\n', 'hello')).toEqual([run('work A'), { say: 'A done' }])
    plan(one, 'worse')
    one.keepForRetry(request('worse'), [])
    expect(plan(one, 'worse\n', 'hello')).toEqual([{ say: 'ok' }])
  })

  it('R-WFL-5 repeats a usage limit until it ends', () => {
    const one = director(SCRIPT)
    plan(one, 'limit')
    const step: Step = { fail: { status: 429 } }
    one.keepForRetry(request('limit'), [{ say: 'on' }], { until: new Date(Date.now() + 60_000), step })
    for (const _ of [1, 2]) expect(plan(one, 'limit')[0]).toEqual(step)
    one.keepForRetry(request('limit'), [{ say: 'on' }], { until: new Date(Date.now() - 1), step })
    expect(plan(one, 'limit')).toEqual([{ say: 'on' }])
  })
})
