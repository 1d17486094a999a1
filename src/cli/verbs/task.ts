import { PRIORITY_OPTION } from '../sending.ts'
import { ACTIONS, type Action } from '../task/actions.ts'
import type { Verb } from '../verb.ts'
import { wrongAction } from '../wrongAction.ts'

export const verb: Verb = {
  name: 'task',
  arguments: [
    {
      form: '[action]',
      about:
        'list (default), add, show, graph, assign, after, start, next, heartbeat, done, block, fail, cancel, retry',
    },
    {
      form: '[words...]',
      about: 'TITLE for add; ID and what the action takes for the others (an id, its last 8 digits, or a label)',
    },
  ],
  actions: {
    ...{ list: [], add: [], show: ['task'], graph: [], assign: ['task', 'target'], after: ['task', 'task'] },
    ...{ start: ['task'], next: [], heartbeat: ['task'], done: ['task'], block: ['task'], fail: ['task'] },
    ...{ cancel: ['task'], retry: ['task'] },
  } satisfies Record<keyof typeof ACTIONS, readonly string[]>,
  options: [
    {
      form: '--to <whom>',
      about: 'add: an agent, or an agency: its coordinator, or with --needs any of its agents that fits',
    },
    { form: '--needs <list>', about: 'add: capabilities that whoever does it must have: backend,api-design' },
    { form: '--after <list>', about: 'add: tasks that come before it: TASK-001,TASK-002:done,TASK-003:any' },
    { form: '--parent <id>', about: 'add: the task that it is a part of' },
    { form: '--body <text>', about: 'add: what there is to say; - reads standard input' },
    { form: '--label <label>', about: 'add: TASK-042, when yours is to be kept' },
    { ...PRIORITY_OPTION, about: 'add: order among what waits' },
    { form: '--deadline <time>', about: 'add: given up when it is not done within this time: 30m, 2h, 1d' },
    { form: '--attempts <n>', about: 'add: judgments that find it bad before it has failed' },
    { form: '--estimate <time>', about: 'add: how long a person would need' },
    {
      form: '--file <file>',
      about: 'add: several from YAML, each with key, title, and the options above; - reads standard input',
    },
    { form: '--agency <name>', about: 'list, graph: only of this agency' },
    { form: '--agent <agent>', about: 'list: only what this agent has or is to do' },
    { form: '--state <state>', about: 'list: only those in this state' },
    { form: '--limit <n>', about: 'list: so many of the newest (200)' },
    { form: '--all', about: 'list, graph: those that have ended as well' },
    { form: '--format <form>', about: 'graph: how it is drawn', choices: ['tree', 'mermaid', 'dot'] },
    { form: '--commit <list>', about: 'done: commits that hold it' },
    { form: '--artifact <list>', about: 'done: reports and other things that were made' },
    { form: '--tests <counts>', about: 'done: tests passed and failed: 14/0' },
    { form: '--epoch <n>', about: 'heartbeat: the claim that it is for' },
  ],
  examples: [
    'agency task add "Add a health endpoint" --to CodeAgency/python-agent --priority high',
    'agency task add "Write its documentation" --to DocsAgency --needs api-docs --after TASK-001',
    'agency task add --file tasks.yaml',
    'agency task list --agency CodeAgency --all',
    'agency task show TASK-001',
    'agency task graph --format mermaid',
    'agency task done TASK-001 "health endpoint, npm test passes" --commit 1a2b3c4 --tests 14/0',
    'agency task block TASK-001 "which port?"',
    'agency task cancel TASK-001 "no longer wanted"',
  ],
  run(context, [action = 'list', words], options) {
    const found = Object.hasOwn(ACTIONS, String(action)) ? ACTIONS[String(action) as keyof typeof ACTIONS] : undefined
    if (!found) throw wrongAction(verb, action)
    return (found as Action)(context, (words ?? []) as unknown as string[], options)
  },
}
