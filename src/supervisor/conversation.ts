/** Whether the next start of a program goes on with the conversation of the last one. */
import type { AgentRecord } from '../model/agent.ts'
import type { IsolationLevel } from '../model/sandbox.ts'

const RESUME_FAILED_WITHIN_MS = 5_000
/** A program that does not find the conversation says so with a status of its own, and on a busy machine takes its time for it. */
const RESUME_REFUSED_WITHIN_MS = 20_000
/** What a signal has ended has this status or a higher one. */
const FIRST_SIGNAL_STATUS = 128

type Known = Pick<AgentRecord, 'conversation' | 'instance' | 'isolation' | 'lastExit' | 'startedAt'>

/** `level`: of the start to come. A conversation that was told behind a wall lies there, and is an agent's word to what is started as the person. */
export function mayGoOn(record: Known, level: IsolationLevel): boolean {
  const { conversation, instance, isolation = 'none' } = record
  return conversation !== undefined && instance > 0 && isolation === level && !endedAtOnce(record)
}

/** The last start ended soon after it. An end that lies before that start belongs to an earlier one and says nothing. */
function endedAtOnce({ lastExit, startedAt }: Known): boolean {
  if (lastExit === undefined || startedAt === undefined) return false
  const ranMs = lastExit.at - startedAt
  const hasRefused = lastExit.status > 0 && lastExit.status < FIRST_SIGNAL_STATUS
  return ranMs >= 0 && ranMs < (hasRefused ? RESUME_REFUSED_WITHIN_MS : RESUME_FAILED_WITHIN_MS)
}
