/** Messages: their types, the prefixes people write, and the payloads between agencies. */
import { z } from 'zod'
import { AgencyError } from '../kernel/errors.ts'
import type { Id } from '../kernel/ids.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Delivery, DeliveryState } from './delivery.ts'
import type { Address } from './names.ts'

/** Inside an agency: words with a type prefix. */
export const WORD_TYPES = ['STATUS', 'TASK', 'QUESTION', 'ANSWER', 'COMPLETE', 'BLOCKED'] as const
/** Between agencies: JSON by type. `alert` is what a broadcast carries. */
export const PAYLOAD_TYPES = ['handoff', 'results', 'request', 'response', 'notice', 'alert'] as const
export type MessageType = (typeof WORD_TYPES)[number] | (typeof PAYLOAD_TYPES)[number] | 'NOTE'

/** The event by which an isolated agent leaves a message while no daemon runs; no hook of a program has a name like it. */
export const LEFT_MESSAGE = 'agency:send'

export const PRIORITIES = { low: 0, normal: 1, high: 2, urgent: 3 } as const
export type Priority = keyof typeof PRIORITIES
export const PRIORITY_NAMES = ['low', 'normal', 'high', 'urgent'] as const satisfies readonly Priority[]

export function priorityName(priority: number): Priority | undefined {
  return PRIORITY_NAMES.find(name => PRIORITIES[name] === priority)
}

/** What may happen to a message while its recipient works: it waits for the end of the turn, it is queued in the program's own composer, or it interrupts. */
export const WHILE_BUSY = ['wait', 'queue', 'interrupt'] as const
export type WhileBusy = (typeof WHILE_BUSY)[number]

export interface Message {
  readonly id: Id
  readonly from: Address
  /** Who really spoke, when a coordinator or the person speaks as another. */
  readonly spokenBy: Address | undefined
  /** As addressed: an address, or `all`, `group:…`, `capability:…` for a broadcast. */
  readonly to: string
  readonly type: MessageType
  readonly body: string
  readonly payload: JsonObject | undefined
  /** A label such as TASK-042 found in the prefix: a subject, never an id. */
  readonly label: string | undefined
  readonly priority: number
  readonly at: number
  readonly expiresAt: number | undefined
  readonly replyTo: Id | undefined
  /** The first message of the conversation; its own id when it opens one. */
  readonly thread: Id
  readonly idempotencyKey: string | undefined
  readonly ackWanted: boolean
  readonly whileBusy: WhileBusy
}

export interface MessageWithDeliveries {
  readonly message: Message
  readonly deliveries: readonly Delivery[]
}

/** What became of a message as a whole, for lists: the delivery that is furthest from its goal; `forgotten` when all were purged. */
export function summaryState(deliveries: readonly Pick<Delivery, 'state'>[]): DeliveryState | 'forgotten' {
  const order: DeliveryState[] = [
    'dead',
    'unknown',
    'expired',
    'held',
    'queued',
    'claimed',
    'handing',
    'handed',
    'cancelled',
    'confirmed',
    'acked',
  ]
  return order.find(state => deliveries.some(delivery => delivery.state === state)) ?? 'forgotten'
}

const PREFIX =
  /^(?<type>STATUS|TASK|QUESTION|ANSWER|COMPLETE|BLOCKED)(?<number>-[A-Za-z0-9]{1,32})?(?: from)?(?: (?<subject>[A-Za-z][\w/-]{0,127}))?\s*:/

/** Reads `TASK-042: …`, `STATUS python-agent: …`, `QUESTION from python-agent: …`. A name in the text is only a subject: the sender is who sent it. */
export function readPrefix(body: string): { type: MessageType; label: string | undefined } {
  const groups = PREFIX.exec(body)?.groups
  if (!groups?.type) return { type: 'NOTE', label: undefined }
  const inText = /\bTASK-[A-Za-z0-9]{1,32}\b/.exec(body.slice(0, 200))?.[0]
  return { type: groups.type as MessageType, label: groups.number ? groups.type + groups.number : inText }
}

const text = z.string().max(100_000)
const PAYLOADS = {
  handoff: z.looseObject({
    type: z.literal('handoff'),
    task: text.min(1),
    branch: text.optional(),
    priority: z.enum(PRIORITY_NAMES).optional(),
    artifacts: z.array(text).optional(),
    notes: text.optional(),
  }),
  results: z.looseObject({
    type: z.literal('results'),
    task: text.min(1),
    status: z.enum(['passed', 'issues_found', 'failed']),
    bugs: z.union([z.number().int().nonnegative(), z.array(z.unknown())]).optional(),
    count: z.number().int().nonnegative().optional(),
    report: text.optional(),
    severity: text.optional(),
  }),
  request: z.looseObject({ type: z.literal('request') }),
  response: z.looseObject({ type: z.literal('response') }),
  notice: z.looseObject({ type: z.literal('notice') }),
  alert: z.looseObject({
    type: z.literal('alert'),
    severity: z.enum(['low', 'medium', 'high', 'critical']).optional(),
    message: text.min(1),
    action_required: z.union([z.boolean(), text]).optional(),
  }),
} satisfies Record<(typeof PAYLOAD_TYPES)[number], z.ZodType>

function isPayloadType(value: unknown): value is keyof typeof PAYLOADS {
  return typeof value === 'string' && Object.hasOwn(PAYLOADS, value)
}

/** Checks a payload by its type; unknown extra fields are kept. */
export function checkPayload(payload: unknown): JsonObject & { type: keyof typeof PAYLOADS } {
  const type = (payload as { type?: unknown } | null)?.type
  if (!isPayloadType(type))
    throw new AgencyError(
      'BAD_MESSAGE',
      `the payload has type ${JSON.stringify(type)}, which is none of ${PAYLOAD_TYPES.join(', ')}`,
      {
        hint: `{"type":"handoff","task":"TASK-001","branch":"…"}`,
      },
    )
  const result = PAYLOADS[type].safeParse(payload)
  if (!result.success) {
    const issue = result.error.issues[0]!
    throw new AgencyError(
      'BAD_MESSAGE',
      `the ${type} payload is wrong at ${issue.path.join('.') || 'its top'}: ${issue.message}`,
      {
        hint:
          type === 'results' ? 'results needs task and status: passed, issues_found or failed' : `agency send --help`,
      },
    )
  }
  return result.data as JsonObject & { type: keyof typeof PAYLOADS }
}

export function checkType(type: string): MessageType {
  const known = [...WORD_TYPES, ...PAYLOAD_TYPES, 'NOTE'] as const
  const found = known.find(candidate => candidate.toLowerCase() === type.toLowerCase())
  if (!found)
    throw new AgencyError('BAD_MESSAGE', `there is no message type ${JSON.stringify(type.slice(0, 40))}`, {
      hint: `one of ${known.join(', ')}`,
    })
  return found
}

/** What an answer is when its author does not say: a question gets an ANSWER, anything else a NOTE that its prefix may make more of. */
export function replyType(asked: string): string | undefined {
  return asked === 'QUESTION' ? 'ANSWER' : undefined
}
