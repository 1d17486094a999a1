/** What doctor tells of tasks: those that nobody can do, that wait for an answer, or for something that will not come. */
import { shortId } from '../kernel/ids.ts'
import { type AgentRecord, takesWork } from '../model/agent.ts'
import type { Definition } from '../model/definition.ts'
import { HUMAN } from '../model/names.ts'
import { oneLine } from '../model/sanitize.ts'
import type { Task } from '../model/task.ts'

export interface Staff {
  readonly agents: ReadonlyMap<string, AgentRecord>
  readonly definitions: ReadonlyMap<string, Definition>
}

/** A task that has just become ready is no finding: whoever takes it does so in the next moment. */
const WAITS_LONG_MS = 60_000
/** More would bury everything else that doctor tells. */
const MOST_FOUND = 20

export function taskFindings(
  tasks: readonly Task[],
  staff: Staff,
  now: number,
): readonly { what: string; hint: string }[] {
  const found = tasks.flatMap(task => {
    const one = finding(task, staff, now)
    return one ? [{ what: `task ${task.label} ${shortId(task.id)} ${one.what}`, hint: one.hint }] : []
  })
  const more = found.length - MOST_FOUND
  const rest = { what: `${more} more tasks cannot go on`, hint: 'agency task list' }
  return more > 0 ? [...found.slice(0, MOST_FOUND), rest] : found
}

function finding(task: Task, staff: Staff, now: number): { what: string; hint: string } | undefined {
  const id = shortId(task.id)
  if (task.state === 'awaiting-input')
    return {
      what: `waits for an answer of ${task.createdBy}: ${oneLine(task.reason ?? '', 120)}`,
      hint: `agency send ${task.claimant ?? ''} "ANSWER: …"`,
    }
  if (task.state === 'blocked' && task.reason?.startsWith('what it needs did not'))
    return { what: `cannot begin: ${task.reason}`, hint: `agency task retry of those, or agency task cancel ${id}` }
  if (task.state !== 'ready' || now - task.since < WAITS_LONG_MS || task.assignee === HUMAN) return undefined
  const why = whyNobody(task, staff)
  return why
    ? { what: `is ready, and ${why}`, hint: `agency task assign ${id} <agent>   ·   agency explain <agent>` }
    : undefined
}

function whyNobody({ assignee, agency, needs }: Task, { agents, definitions }: Staff): string | undefined {
  if (assignee !== undefined) {
    const record = agents.get(assignee)
    if (!record) return `${assignee}, who is to do it, is not there`
    return takesWork(record) ? undefined : `${assignee}, who is to do it, is ${record.state} and takes no work`
  }
  const within = [...definitions.values()].filter(({ name }) => agency === undefined || name === agency)
  const able = within.flatMap(definition =>
    definition.agents
      .filter(({ capabilities }) => needs.every(need => capabilities.includes(need)))
      .map(({ name }) => agents.get(`${definition.name}/${name}`)),
  )
  const where = agency === undefined ? '' : ` of ${agency}`
  if (able.length === 0) return `no specialist${where} has ${needs.join(' and ') || 'a place for it'}`
  return able.some(record => record && takesWork(record))
    ? undefined
    : `nobody${where} who has ${needs.join(' and ')} takes work just now`
}
