/** Every verb: its one line for the list, and where it is loaded from. */
import type { Verb } from './verb.ts'

interface Entry {
  readonly group: 'Agencies' | 'Messages' | 'Work' | 'Workbench'
  readonly summary: string
  readonly isHidden?: boolean
  readonly load: () => Promise<{ verb: Verb }>
}

export const VERBS = {
  init: { group: 'Agencies', summary: 'make a workspace in a folder', load: () => import('./verbs/init.ts') },
  create: {
    group: 'Agencies',
    summary: 'make an agency: a tmux session with a coordinator and specialists',
    load: () => import('./verbs/create.ts'),
  },
  start: { group: 'Agencies', summary: 'start an agency or one agent', load: () => import('./verbs/start.ts') },
  stop: {
    group: 'Agencies',
    summary: 'stop an agency or one agent; nothing is deleted',
    load: () => import('./verbs/stop.ts'),
  },
  restart: {
    group: 'Agencies',
    summary: 'stop and start an agency or one agent',
    load: () => import('./verbs/restart.ts'),
  },
  pause: {
    group: 'Agencies',
    summary: 'hand nothing more to an agency or one agent; its programs go on',
    load: () => import('./verbs/pause.ts'),
  },
  resume: {
    group: 'Agencies',
    summary: 'take a pause, a drain or a limit back; nothing was lost',
    load: () => import('./verbs/resume.ts'),
  },
  drain: {
    group: 'Agencies',
    summary: 'let an agency or one agent finish what it does, and then stop it',
    load: () => import('./verbs/drain.ts'),
  },
  remove: {
    group: 'Agencies',
    summary: 'remove an agency; refuses while work would be lost',
    load: () => import('./verbs/remove.ts'),
  },
  list: { group: 'Agencies', summary: 'list agencies, agents and templates', load: () => import('./verbs/list.ts') },
  status: { group: 'Agencies', summary: 'what every agent is doing just now', load: () => import('./verbs/status.ts') },
  template: {
    group: 'Agencies',
    summary: 'what agencies are made from: list, show, make your own, check',
    load: () => import('./verbs/template.ts'),
  },
  find: {
    group: 'Agencies',
    summary: 'who can do a thing, by capability, and who of them is free',
    load: () => import('./verbs/find.ts'),
  },
  git: {
    group: 'Agencies',
    summary: "every agent's worktree at a glance; tidy up what removed agents left",
    load: () => import('./verbs/git.ts'),
  },
  attach: { group: 'Agencies', summary: 'look at an agency or agent in tmux', load: () => import('./verbs/attach.ts') },
  up: {
    group: 'Agencies',
    summary: 'bring the whole workspace to what its files say',
    load: () => import('./verbs/up.ts'),
  },
  down: {
    group: 'Agencies',
    summary: 'stop all agencies and the daemon; nothing is deleted',
    load: () => import('./verbs/down.ts'),
  },
  send: {
    group: 'Messages',
    summary: 'send a message to an agent, an agency or the person',
    load: () => import('./verbs/send.ts'),
  },
  broadcast: {
    group: 'Messages',
    summary: 'send an alert or notice to every agency, or a group',
    load: () => import('./verbs/broadcast.ts'),
  },
  handoff: {
    group: 'Messages',
    summary: 'hand finished work to another agency',
    load: () => import('./verbs/handoff.ts'),
  },
  reply: {
    group: 'Messages',
    summary: 'answer a message; this acknowledges it',
    load: () => import('./verbs/reply.ts'),
  },
  ask: { group: 'Messages', summary: 'ask an agent and print its answer', load: () => import('./verbs/ask.ts') },
  inbox: {
    group: 'Messages',
    summary: 'read what waits for you; reading confirms',
    load: () => import('./verbs/inbox.ts'),
  },
  messages: {
    group: 'Messages',
    summary: 'list messages, or follow them as they come',
    load: () => import('./verbs/messages.ts'),
  },
  assign: {
    group: 'Work',
    summary: 'give a goal to an agency, an agent, or whoever is best suited',
    load: () => import('./verbs/assign.ts'),
  },
  task: {
    group: 'Work',
    summary: 'tasks: add, list, show, graph, assign, start, done, block, cancel, retry',
    load: () => import('./verbs/task.ts'),
  },
  submit: {
    group: 'Work',
    summary: 'hand in finished work for approval: a branch, or a report',
    load: () => import('./verbs/submit.ts'),
  },
  approvals: {
    group: 'Work',
    summary: 'what waits for your decision: list, show, diff, approve, reject, request-changes',
    load: () => import('./verbs/approvals.ts'),
  },
  trace: {
    group: 'Messages',
    summary: "a message's whole life, with the evidence for each step",
    load: () => import('./verbs/trace.ts'),
  },
  ack: { group: 'Messages', summary: 'say that you have dealt with a message', load: () => import('./verbs/ack.ts') },
  nak: {
    group: 'Messages',
    summary: 'give a message back, to be delivered again',
    load: () => import('./verbs/nak.ts'),
  },
  sandbox: {
    group: 'Work',
    summary: 'try a commit in a place of its own: deploy, test, logs, open, exec, destroy',
    load: () => import('./verbs/sandbox.ts'),
  },
  lock: {
    group: 'Workbench',
    summary: 'leases on files, folders and names, so that no two work on the same',
    load: () => import('./verbs/lock.ts'),
  },
  dead: {
    group: 'Messages',
    summary: 'deliveries that need a person: list, show, requeue, purge',
    load: () => import('./verbs/dead.ts'),
  },
  answer: {
    group: 'Agencies',
    summary: 'see and answer the dialog that is open in an agent',
    load: () => import('./verbs/answer.ts'),
  },
  monitor: {
    group: 'Work',
    summary: 'watch everything live: agents, tasks, approvals, messages; act from there',
    load: () => import('./verbs/monitor.ts'),
  },
  notify: {
    group: 'Work',
    summary: 'how you are told what needs you: tmux, bell, desktop, webhook; try each way',
    load: () => import('./verbs/notify.ts'),
  },
  log: {
    group: 'Workbench',
    summary: 'who did what, when and why: everything, filtered, followed, exported',
    load: () => import('./verbs/log.ts'),
  },
  metrics: {
    group: 'Workbench',
    summary: 'how well each agency and agent works: tasks, reviews, times, tests, bugs, time saved',
    load: () => import('./verbs/metrics.ts'),
  },
  driver: {
    group: 'Workbench',
    summary: 'the agent programs there are; see a profile, try it on the installed program',
    load: () => import('./verbs/driver.ts'),
  },
  explain: {
    group: 'Workbench',
    summary: 'why an agent or agency is in its state, and what happens next',
    load: () => import('./verbs/explain.ts'),
  },
  doctor: {
    group: 'Workbench',
    summary: 'everything that is stuck, missing or wrong',
    load: () => import('./verbs/doctor.ts'),
  },
  daemon: {
    group: 'Workbench',
    summary: 'start, stop, restart the daemon, or see it',
    load: () => import('./verbs/daemon.ts'),
  },
  completion: {
    group: 'Workbench',
    summary: 'print the completion script for a shell',
    load: () => import('./verbs/completion.ts'),
  },
  config: { group: 'Workbench', summary: 'show the settings, or change one', load: () => import('./verbs/config.ts') },
  demo: {
    group: 'Workbench',
    summary: 'watch agencies work on a small project, at no cost: the main job, devops, security, docs, duo, triad',
    load: () => import('./verbs/demo.ts'),
  },
  rehearse: {
    group: 'Workbench',
    summary: 'a scripted model for real agent programs, at no cost',
    load: () => import('./verbs/rehearse.ts'),
  },
  gate: {
    group: 'Workbench',
    summary: 'hold a commit against the leases where no daemon runs',
    isHidden: true,
    load: () => import('./verbs/gate.ts'),
  },
  hook: {
    group: 'Workbench',
    summary: "tell the daemon of an event in an agent's program",
    isHidden: true,
    load: () => import('./verbs/hook.ts'),
  },
} as const satisfies Record<string, Entry>

export type VerbName = keyof typeof VERBS
