/** A work unit in words: who did what to what, and why. One wording for activity.log and for `agency log`. */
import { isId, shortId } from '../kernel/ids.ts'
import { isObject, type JsonObject, type JsonValue, parseJson } from '../kernel/json.ts'
import { sayCheck } from './check.ts'
import { agencyOf, splitAddress } from './names.ts'
import { oneLine } from './sanitize.ts'
import type { Evidence } from './task.ts'
import type { Unit, UnitType } from './unit.ts'

export interface UnitWords {
  readonly who: string
  /** What was done, and to what. */
  readonly what: string
  /** The words said, the evidence, the reason; empty when there is none. */
  readonly why: string
}

type Worded = Pick<Unit, 'type' | 'agent' | 'subject' | 'metadata' | 'payload' | 'id'>

const SAID = 160

// Total on purpose: a new type of unit does not compile until its words are chosen.
const WORDS: Readonly<Record<UnitType, (unit: Worded) => UnitWords>> = {
  message: ({ agent, id, metadata, payload }) => ({
    who: agent,
    what: `→ ${near(text(metadata['to']), agent)} · ${text(metadata['messageType'])} · ${shortId(id)}${spokenBy(metadata['spokenBy'])}`,
    why: oneLine(payload ?? '', SAID),
  }),
  delivery: ({ agent, subject, metadata }) => ({
    who: agent,
    what: `delivery ${shortId(text(metadata['message']) || subject)} to ${text(metadata['to'])}: ${step(metadata['event'], metadata['state'])}`,
    why: because(metadata['evidence'], metadata['reason']),
  }),
  'agent-state': ({ agent, subject, metadata }) => ({
    who: agent,
    what: `${subject}: ${metadata['from'] ? `${text(metadata['from'])} → ` : ''}${text(metadata['state'])}`,
    why: because(metadata['evidence'] ?? metadata['rule'], metadata['reason']),
  }),
  agency: ({ agent, subject, metadata }) => ({
    who: agent,
    what: `${subject}: ${text(metadata['what'])}`,
    why: because(undefined, metadata['reason']),
  }),
  task: ({ agent, subject, metadata, payload }) => ({
    who: agent,
    what: `task ${task(subject, metadata['label'], metadata['title'])}: ${step(metadata['event'], metadata['state'])}`,
    why: because(metadata['evidence'] ?? gathered(payload), metadata['reason']),
  }),
  lock: ({ agent, subject, metadata }) => ({
    who: agent,
    what: `lock ${shortId(subject)} of ${text(metadata['owner'])}: ${step(metadata['event'], metadata['state'])} ${locked(metadata)}`,
    why: because(metadata['why'], metadata['reason']),
  }),
  decision: ({ agent, subject, metadata, payload }) =>
    metadata['what'] === 'submission'
      ? submission(agent, subject, metadata)
      : (sandbox(agent, metadata, payload) ?? {
          who: agent,
          what: `decision about ${named(subject)}`,
          why: oneLine(payload ?? text(metadata['what']), SAID),
        }),
  error: ({ agent, subject, metadata, payload }) =>
    sandbox(agent, metadata, payload) ?? {
      who: agent,
      what: `error of ${named(subject)}`,
      why: oneLine(payload ?? text(metadata['what']), SAID),
    },
}

/** Nothing in it moves a cursor or hides, whatever an agent wrote. */
export function wordUnit(unit: Worded): UnitWords {
  const { who, what, why } = WORDS[unit.type](unit)
  return { who: oneLine(who, 140), what: oneLine(what, 300), why }
}

/** One line of activity.log; the number is its cursor. */
export function unitLine(unit: Worded & Pick<Unit, 'at' | 'seq'>): string {
  const { who, what, why } = wordUnit(unit)
  return `${new Date(unit.at).toISOString()} #${unit.seq} ${who} ${what}${why ? `  ${why}` : ''}\n`
}

function text(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A colleague's name without the agency that both belong to. */
function near(to: string, from: string): string {
  const parts = splitAddress(to)
  return parts && parts.agency === agencyOf(from) ? parts.agent : to
}

function submission(who: string, id: string, { title, author, event, state, reason }: JsonObject): UnitWords {
  const what = `submission ${shortId(id)}: ${step(event, state)}`
  const whose = `${JSON.stringify(oneLine(text(title), 80))} of ${text(author)}`
  return { who, what, why: reason === undefined ? whose : `${whose}, ${because(undefined, reason)}` }
}

function spokenBy(value: JsonValue | undefined): string {
  return value === undefined ? '' : ` (spoken by ${text(value)})`
}

function step(event: JsonValue | undefined, state: JsonValue | undefined): string {
  return [text(event), text(state)].filter(Boolean).join(' → ')
}

/** What happens to a sandbox; its reason, where it is no mere repetition. */
function sandbox(who: string, metadata: JsonObject, payload: string | undefined): UnitWords | undefined {
  if (typeof metadata['sandbox'] !== 'string') return undefined
  const what = `sandbox ${metadata['sandbox']}: ${text(metadata['event'])}`
  return { who, what, why: payload === what ? '' : oneLine(payload ?? '', SAID) }
}

/** An id as people type it. */
function named(subject: string): string {
  return isId(subject) ? shortId(subject) : subject
}

function task(id: string, label: JsonValue | undefined, title: JsonValue | undefined): string {
  const named = [text(label), title === undefined ? '' : JSON.stringify(oneLine(text(title), 60))].filter(Boolean)
  return [...named, shortId(id)].join(' ')
}

/** The first of what it is on, and how many more. */
function locked({ resources, count }: JsonObject): string {
  const [first, ...rest] = Array.isArray(resources) ? resources : []
  const more = typeof count === 'number' ? count - 1 : rest.length
  return first === undefined ? '' : `${text(first)}${more > 0 ? ` and ${more} more` : ''}`
}

/** What was gathered about a finished task: its commit, and how each check ended. */
function gathered(payload: string | undefined): string {
  const read = payload === undefined ? undefined : parseJson(payload)
  if (!read?.ok || !isObject(read.value)) return payload ?? ''
  const { commit, checks } = read.value as Partial<Evidence>
  const runs = (checks ?? []).map(run => `${sayCheck(run)} ended with ${run.status ?? 'no status'}`)
  return [commit ? `commit ${commit.slice(0, 8)}` : '', ...runs].filter(Boolean).join(', ')
}

function because(evidence: JsonValue | undefined, reason: JsonValue | undefined): string {
  const seen = oneLine(text(evidence), SAID)
  const why = oneLine(text(reason), SAID)
  return [seen, why && `because ${why}`].filter(Boolean).join('; ')
}
