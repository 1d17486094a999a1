/** A workspace as the daemon tells it, and a person at the monitor's keys. */
import type { AgentDocument } from '../../../src/cli/documents.ts'
import type { Key, KeyName } from '../../../src/kernel/keys.ts'
import type { OverviewDocument } from '../../../src/tui/panels/monitor/data.ts'
import { begin, type Effect, type Event, type State } from '../../../src/tui/panels/monitor/state.ts'
import { step } from '../../../src/tui/panels/monitor/step.ts'

export const NOW = Date.parse('2026-11-21T12:00:00Z')
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString()

export function agent(address: string, change: Partial<AgentDocument> = {}): AgentDocument {
  return {
    ...{ name: address.split('/')[1]!, address, state: 'ready', since: ago(60), rule: 'hook Stop', evidence: 'Stop' },
    ...{ holds: [], driver: 'rehearsal', pane: '%1', pid: 7, queued: 0, tasks: [], isolation: 'cooperative' },
    ...change,
  }
}

export function world(change: Partial<OverviewDocument> = {}): OverviewDocument {
  const agency = (name: string, ...agents: AgentDocument[]) => ({
    ...{ name, session: name, state: 'running', coordinator: `${name}/lead`, capabilities: [] },
    agents: [agent(`${name}/lead`), ...agents],
  })
  return {
    workspace: '/home/me/work',
    agencies: [
      agency(
        'Code',
        agent('Code/go', { state: 'busy', tasks: ['TASK-001'] }),
        agent('Code/js', { state: 'waiting', evidence: 'may I run npm test?' }),
      ),
      agency('QA', agent('QA/tester')),
    ],
    unheard: 0,
    queues: { 'Code/js': 2, human: 1 },
    tasks: [
      {
        id: 't1',
        label: 'TASK-001',
        title: 'Profile pictures',
        state: 'running',
        since: ago(90),
        priority: 'normal',
        claimant: 'Code/go',
      },
      {
        id: 't2',
        label: 'TASK-002',
        title: 'Test them',
        state: 'blocked',
        since: ago(90),
        priority: 'normal',
        agency: 'QA',
      },
    ],
    approvals: [
      {
        id: 'a1',
        agency: 'Code',
        author: 'Code/go',
        title: 'Login form',
        state: 'waiting',
        since: ago(600),
        branch: 'b',
        tests: { passed: 14, failed: 0 },
        files: 3,
        insertions: 10,
        deletions: 2,
        expiresAt: null,
      },
    ],
    messages: Array.from({ length: 12 }, (_, index) => ({
      ...{ id: `m${index}`, at: ago(120 - index), from: 'Code/go', to: 'Code/lead', type: 'STATUS' },
      ...{ state: 'confirmed', excerpt: `number ${index}` },
    })),
    flow: { bucketSeconds: 10, counts: [0, 0, 1, 4, 0, 8], lastMinute: 13 },
    events: [
      {
        seq: 1,
        at: ago(30),
        type: 'agent-state',
        subject: 'Code/js',
        context: 'Code',
        who: 'system',
        what: 'Code/js: busy → waiting',
        why: 'may I?',
      },
      {
        seq: 2,
        at: ago(20),
        type: 'task',
        subject: 't1',
        context: 'Code',
        who: 'Code/go',
        what: 'task TASK-001: begin → running',
        why: '',
      },
    ],
    ...change,
  }
}

/** Somebody who presses keys, and what the monitor wants done for it. */
export class Sitting {
  effects: Effect[] = []
  state: State

  constructor(size = { columns: 140, rows: 40 }, overview: OverviewDocument | undefined = world()) {
    this.state = begin(size, NOW)
    this.hear({ on: 'joined' })
    if (overview) this.hear({ on: 'overview', overview })
    this.effects = []
  }

  hear(event: Event): Effect[] {
    const next = step(this.state, event)
    this.state = next.state
    this.effects.push(...next.effects)
    return [...next.effects]
  }

  /** Names of keys, or single characters. */
  press(...names: readonly string[]): Effect[] {
    return names.flatMap(name => this.hear({ on: 'key', key: keyOf(name), at: NOW }))
  }
}

function keyOf(name: string): Key {
  return [...name].length === 1 ? { kind: 'char', char: name } : { kind: 'key', name: name as KeyName }
}
