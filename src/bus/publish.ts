/** Takes a message in: checks it, finds who spoke and who is to hear it, and has it written down before it answers. */
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import { checkId, type Id, newId } from '../kernel/ids.ts'
import { isObject, type JsonObject, parseJson } from '../kernel/json.ts'
import { MAX_BODY_BYTES } from '../model/limits.ts'
import {
  checkPayload,
  checkType,
  type Message,
  type MessageType,
  type MessageWithDeliveries,
  PRIORITIES,
  type Priority,
  readPrefix,
  type WhileBusy,
} from '../model/message.ts'
import type { Address } from '../model/names.ts'
import type { Accepted, DeliveryWithMessage, Store } from '../storage/store.ts'
import type { Ledger } from './ledger.ts'
import { checkVoice, planBroadcast, planRoute } from './route.ts'

export interface Draft {
  readonly id?: string
  readonly to: string
  readonly from?: string
  readonly body?: string
  readonly payload?: unknown
  readonly type?: string
  readonly priority?: Priority
  /** Seconds the message may wait before anything of it has left. */
  readonly ttl?: number
  readonly replyTo?: string
  readonly idempotencyKey?: string
  readonly ack?: boolean
  /** What may happen while the recipient works. An interruption is urgent unless the draft says otherwise. */
  readonly whileBusy?: WhileBusy
  /** The same words that still wait for the same recipient are enough: no second delivery. */
  readonly nudge?: boolean
  /** `to` is `all`, a group, a capability (`capability:NAME`) or one agency; each coordinator gets a delivery. */
  readonly isBroadcast?: boolean
}

export interface PublisherParts {
  readonly roster: Roster
  readonly ledger: Ledger
  readonly store: Store
  readonly settings: Settings
  readonly clock: Clock
}

export class Publisher {
  constructor(private readonly parts: PublisherParts) {}

  /** `caller` is the owner of the token, or `external`. */
  async publish(caller: Address, draft: Draft): Promise<Accepted> {
    const { roster, clock, settings, store, ledger } = this.parts
    const from = checkVoice(roster, caller, draft.from)
    const content = readContent(draft)
    const answered = draft.replyTo === undefined ? undefined : await this.#answered(draft.replyTo)
    const parent = answered?.message
    const route = draft.isBroadcast
      ? planBroadcast(roster, settings.groups, from, draft.to)
      : planRoute(roster, { from, caller, target: draft.to, answered })
    const id = draft.id === undefined ? newId() : checkId(draft.id)
    const at = clock.now()
    const ttlMs = (draft.ttl ?? settings.delivery.ttl ?? 0) * 1000
    const message: Message = {
      id,
      from,
      spokenBy: caller === from ? undefined : caller,
      to: route.to,
      ...content,
      priority: PRIORITIES[draft.priority ?? (draft.whileBusy === 'interrupt' ? 'urgent' : 'normal')],
      at,
      expiresAt: ttlMs > 0 ? at + ttlMs : undefined,
      replyTo: parent?.id,
      thread: parent?.thread ?? id,
      idempotencyKey: draft.idempotencyKey,
      ackWanted: draft.ack ?? false,
      whileBusy: draft.whileBusy ?? 'wait',
    }
    if (draft.nudge) {
      const waiting = await this.#waitingNudge(message, route.recipients[0]?.to)
      if (waiting) return waiting
    }
    const accepted = await ledger.accept(message, route.recipients)
    // Also of one accepted before: whoever accepted it may have died before this.
    if (parent && accepted.message.replyTo === parent.id) await this.#acknowledge(parent.id, from)
    if (accepted.isDuplicate) return { ...accepted, ...((await store.find(accepted.message.id)) ?? {}) }
    return accepted
  }

  async #answered(idOrShort: string): Promise<MessageWithDeliveries> {
    const found = await this.parts.store.find(idOrShort)
    if (found) return found
    throw new AgencyError('NOT_FOUND', `there is no message ${JSON.stringify(idOrShort.slice(0, 40))} to reply to`, {
      hint: 'agency messages',
    })
  }

  /** A reply says that its author has dealt with the message. */
  async #acknowledge(message: Id, by: Address): Promise<void> {
    const found = await this.parts.store.find(message)
    for (const delivery of found?.deliveries ?? [])
      if (delivery.to === by)
        await this.parts.ledger.move(delivery.id, {
          event: 'ack',
          at: this.parts.clock.now(),
          evidence: 'the recipient replied',
        })
  }

  async #waitingNudge(message: Message, to: Address | undefined): Promise<Accepted | undefined> {
    if (to === undefined) return undefined
    const waiting = await this.parts.store.inbox(to, { isUnread: true, limit: 200 })
    const same = waiting.find(candidate => isSameNudge(candidate, message))
    if (!same) return undefined
    const found = await this.parts.store.find(same.message.id)
    return found && { ...found, isDuplicate: true }
  }
}

function isSameNudge({ delivery, message }: DeliveryWithMessage, next: Message): boolean {
  const waits = delivery.state === 'queued' || delivery.state === 'held'
  return waits && message.from === next.from && message.type === next.type && message.body === next.body
}

/** A label is a subject for people; a longer one would not fit into a script's line. */
const MAX_LABEL = 64

type Content = Pick<Message, 'type' | 'body' | 'payload' | 'label'>

function readContent(draft: Draft): Content {
  const payload = draft.payload ?? payloadIn(draft)
  if (payload !== undefined) {
    const checked = checkPayload(payload)
    if (draft.type !== undefined && checkType(draft.type) !== checked.type)
      throw new AgencyError('BAD_MESSAGE', `--type ${draft.type} with a payload of type ${checked.type}`, {
        hint: 'leave --type out: the payload says it',
      })
    const { task } = checked
    return {
      type: checked.type,
      body: checkBody(draft.body ?? JSON.stringify(payload)),
      payload: payload as JsonObject,
      label: typeof task === 'string' ? task.slice(0, MAX_LABEL) : undefined,
    }
  }
  const body = checkBody(draft.body ?? '')
  const read = readPrefix(body)
  const type = draft.type === undefined ? read.type : wordType(draft.type)
  return { type, body, payload: undefined, label: read.label }
}

/** A body that is a JSON object with a type is a payload, as the contract between agencies says. */
function payloadIn(draft: Draft): JsonObject | undefined {
  const text = draft.body?.trim() ?? ''
  if (!text.startsWith('{')) return undefined
  const parsed = parseJson(text)
  if (parsed.ok) return isObject(parsed.value) && 'type' in parsed.value ? (parsed.value as JsonObject) : undefined
  if (/^\{\s*"/.test(text) && draft.type === undefined)
    throw new AgencyError('BAD_MESSAGE', `the body begins like a JSON payload, but is not JSON: ${parsed.reason}`, {
      hint: 'mend the JSON, or say what the words are: --type NOTE',
    })
  return undefined
}

function wordType(type: string): MessageType {
  const checked = checkType(type)
  if (checked === checked.toLowerCase())
    throw new AgencyError('BAD_MESSAGE', `a ${checked} carries a JSON payload, and this body is not one`, {
      hint: `agency send QAAgency '{"type":"${checked}",…}'`,
    })
  return checked
}

function checkBody(body: string): string {
  const bytes = Buffer.byteLength(body)
  if (body.trim() === '')
    throw new AgencyError('BAD_MESSAGE', 'the body is empty', { hint: 'agency send CodeAgency "TASK-001: …"' })
  if (bytes > MAX_BODY_BYTES)
    throw new AgencyError('TOO_LARGE', `the body has ${bytes} bytes; at most ${MAX_BODY_BYTES} are taken`, {
      hint: 'put it into a file and send its path',
    })
  if (body.includes('\0'))
    throw new AgencyError('BAD_MESSAGE', 'the body holds a NUL character', {
      hint: 'send text; put binary data into a file',
    })
  return body
}
