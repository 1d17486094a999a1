/** Who is told of what while the daemon runs: the loops by their news, and those who act on a change at once. */
import type { Scope } from '../kernel/scope.ts'
import type { News } from '../loops.ts'
import type { AgentRecord } from '../model/agent.ts'
import type { Address } from '../model/names.ts'
import { isEnded } from '../model/task.ts'
import type { LoopParts } from './parts.ts'

export type Tell = (news: News) => void

/** Listens until `watched` is closed. */
export function listen(parts: LoopParts, tell: Tell, watched: Scope): void {
  const stop = (off: () => void) => watched.use(off, 'listener', call => call())
  listenToPrograms(parts, tell, stop)
  stop(parts.store.onChange(() => tell('store')))
  stop(parts.locks.onChange(() => tellShown(parts, tell, 'lock')))
  stop(parts.roster.onChange(({ record }) => agentChanged(parts, tell, record)))
  listenToTasks(parts, tell, stop)
  listenToMessages(parts, tell, stop)
  stop(parts.submissions.onChange(() => tellShown(parts, tell, 'submission')))
  stop(parts.sandboxes.onWake(() => tellShown(parts, tell, 'submission')))
  stop(parts.submissionWork.onHint(() => tell('branch')))
  watched.use(
    parts.outbox.watch(() => tell('outbox file')),
    'outbox watcher',
    opened => opened.close(),
  )
  watched.use(
    parts.definitions.watch(() => tell('definition file')),
    'definition watcher',
    opened => opened.close(),
  )
}

type Stop = (off: () => void) => void

function listenToPrograms(parts: LoopParts, tell: Tell, stop: Stop): void {
  const { runs, hooks, scripts, supervisor, terminal, links, roster } = parts
  runs.onChange((address, change) => {
    if (change === 'events') hooks.hasSpooled(address)
    if (change === 'out') scripts.hasWritten(address)
    tell(({ run: 'run folder', events: 'hook file', out: 'script output' } as const)[change])
  })
  scripts.onMore(() => tell('script output'))
  supervisor.onDue(() => tell('supervisor due'))
  stop(terminal.onChange(() => tell('terminal')))
  links.onEvent((address, event, payload) =>
    inBackground(parts, address, () => hooks.takeLinked(address, event, payload)),
  )
  for (const address of roster.agents.keys()) inBackground(parts, address, () => links.tend(address))
}

function agentChanged(parts: LoopParts, tell: Tell, record: AgentRecord): void {
  const { runs, links, sweeper, router, taskWork } = parts
  const { address, state, instance } = record
  inBackground(parts, address, () => runs.watch(address))
  inBackground(parts, address, () => links.tend(address))
  if (state === 'waiting') tell('agent waits')
  if (state === 'starting') inBackground(parts, address, () => sweeper.lookFor(address, instance))
  router.wake(address)
  inBackground(parts, address, () => taskWork.agentChanged(record))
  tellShown(parts, tell, 'agent')
}

function listenToTasks(parts: LoopParts, tell: Tell, stop: Stop): void {
  stop(
    parts.board.onChange(task => {
      const { state, claimant } = task
      if (state === 'ready' || isEnded(state)) tell('task opens')
      if (isEnded(state)) inBackground(parts, claimant ?? '', () => parts.submissionWork.taskEnded(task))
      if (state === 'verifying') tell('task presented')
      if (state === 'awaiting-approval') tell('task awaits approval')
      tellShown(parts, tell, 'task')
    }),
  )
}

function listenToMessages(parts: LoopParts, tell: Tell, stop: Stop): void {
  const { ledger, statusRounds, tally, router } = parts
  stop(
    ledger.onEvent(event => {
      statusRounds.take(event)
      if (event.kind === 'moved') inBackground(parts, event.delivery.to, () => tally.take(event))
      const moved = event.kind === 'accepted' ? event.accepted.deliveries : [event.delivery]
      for (const { to } of moved) router.wake(to)
      tellShown(parts, tell, 'message')
    }),
  )
}

/** Of what the views show. */
function tellShown({ views }: LoopParts, tell: Tell, news: News): void {
  views.touch()
  tell(news)
}

function inBackground({ log }: LoopParts, agent: Address, work: () => Promise<unknown>): void {
  work().catch(error => log.error({ err: error, agent }, 'something about an agent could not be done'))
}
