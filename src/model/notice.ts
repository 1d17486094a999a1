/** What needs the person, found in the log of work units, and the words in which it is told. Pure. */
import { shortId } from '../kernel/ids.ts'
import { isObject, type JsonValue, parseJson } from '../kernel/json.ts'
import { HUMAN, SYSTEM } from './names.ts'
import { oneLine } from './sanitize.ts'
import type { Unit, UnitType } from './unit.ts'

/**
 * submission: finished work waits or could not be merged · expires: it waits not much longer · ungated: a protected branch moved without
 * approval · quarantined: an agent died too often · dialog: its program asks something · dead-letter: a message was given up · asked: somebody
 * asks or tells the person to do something.
 */
export const NOTICE_KINDS = [
  'submission',
  'expires',
  'ungated',
  'quarantined',
  'dialog',
  'dead-letter',
  'asked',
] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

export interface Notice {
  /** The work unit's: the same whenever it is told again. */
  readonly id: string
  /** The work unit's order in the log. */
  readonly seq: number
  readonly at: number
  readonly kind: NoticeKind
  /** A submission's id, an agent, a branch, a message's id. */
  readonly about: string
  /** One line, in which nothing moves a cursor or hides. */
  readonly text: string
  /** What to type next. */
  readonly next: string
}

const TEXT = 200

/** What a unit says that the person should be told; undefined for most. */
export function noticeIn(unit: Unit): Notice | undefined {
  const found = READERS[unit.type]?.(unit)
  if (found === undefined) return undefined
  const { id, seq, at } = unit
  return { id, seq, at, ...found, text: oneLine(found.text, TEXT) }
}

type Found = Pick<Notice, 'kind' | 'about' | 'text' | 'next'>

const READERS: Readonly<Partial<Record<UnitType, (unit: Unit) => Found | undefined>>> = {
  message: readMessage,
  'agent-state': ({ subject, metadata }) =>
    metadata['state'] === 'waiting'
      ? {
          kind: 'dialog',
          about: subject,
          text: `${subject} asks: ${word(metadata['evidence']) || word(metadata['rule'])}`,
          next: `agency answer ${subject}`,
        }
      : undefined,
  decision: ({ subject, metadata }) =>
    metadata['what'] === 'quarantined'
      ? {
          kind: 'quarantined',
          about: subject,
          text: `${subject} is quarantined: ${word(metadata['why'])}`,
          next: `agency explain ${subject}`,
        }
      : undefined,
  delivery: ({ metadata }) =>
    metadata['state'] === 'dead'
      ? {
          kind: 'dead-letter',
          about: word(metadata['message']),
          text: `message ${shortId(word(metadata['message']))} to ${word(metadata['to'])} is dead: ${word(metadata['reason'])}`,
          next: 'agency dead',
        }
      : undefined,
}

const OF_STATE: Readonly<Record<string, NoticeKind>> = {
  waiting: 'submission',
  held: 'submission',
  expires: 'expires',
  ungated: 'ungated',
}
const ASKS: ReadonlySet<string> = new Set(['QUESTION', 'BLOCKED', 'TASK'])

function readMessage({ agent, id, metadata, payload = '' }: Unit): Found | undefined {
  if (metadata['to'] !== HUMAN || agent === HUMAN) return undefined
  const type = word(metadata['messageType'])
  if (ASKS.has(type))
    return { kind: 'asked', about: id, text: `${agent}: ${payload}`, next: `agency reply ${shortId(id)} "…"` }
  if (agent !== SYSTEM || type !== 'notice') return undefined
  const said = parseJson(payload)
  if (!said.ok || !isObject(said.value)) return undefined
  const { state, about, text } = said.value as Readonly<Record<string, JsonValue>>
  const kind = OF_STATE[word(state)]
  if (kind === undefined) return undefined
  const next = kind === 'ungated' ? 'agency inbox' : `agency approvals show ${shortId(word(about))}`
  return { kind, about: word(about), text: word(text).replace(/\. agency approvals show \S+$/, ''), next }
}

function word(value: JsonValue | undefined): string {
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const COUNTED: Readonly<Record<NoticeKind, readonly [one: string, many: string]>> = {
  submission: ['submission waits', 'submissions wait'],
  expires: ['submission expires soon', 'submissions expire soon'],
  ungated: ['branch moved without approval', 'branches moved without approval'],
  quarantined: ['agent is quarantined', 'agents are quarantined'],
  dialog: ['agent asks something', 'agents ask something'],
  'dead-letter': ['message is dead', 'messages are dead'],
  asked: ['message asks you', 'messages ask you'],
}

/** Several things as one: `3 submissions wait, 1 agent asks something`; a thing alone as it is. */
export function sayNotices(notices: readonly Notice[], isSummary: boolean): string {
  const [first, ...rest] = notices
  const head = isSummary ? 'while it was quiet: ' : ''
  if (first !== undefined && rest.length === 0) return `${head}${first.text}`
  const counted = NOTICE_KINDS.flatMap(kind => {
    const count = notices.filter(notice => notice.kind === kind).length
    return count === 0 ? [] : [`${count} ${COUNTED[kind][count === 1 ? 0 : 1]}`]
  })
  return `${head}${counted.join(', ')}`
}
