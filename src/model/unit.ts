/** Work units: the immutable record of everything said, decided or done. */
import type { Id } from '../kernel/ids.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Address } from './names.ts'

export const UNIT_TYPES = ['message', 'delivery', 'agent-state', 'agency', 'task', 'lock', 'decision', 'error'] as const
export type UnitType = (typeof UNIT_TYPES)[number]
export type RelationType = 'SEQUENTIAL' | 'CAUSES' | 'DEPENDS_ON' | 'REFERENCES' | 'REPLIES_TO' | 'SUPERSEDES'

export interface Relation {
  readonly type: RelationType
  readonly target: Id
}

/** `metadata` holds short facts to filter by, `payload` what was said. A message's unit has the message's id. */
export interface UnitDraft {
  readonly id: Id
  /** An agency's name, or `workspace`. */
  readonly context: string
  readonly agent: Address
  readonly type: UnitType
  readonly at: number
  /** What it is about: a delivery's or message's id, an agent's address, an agency's name. */
  readonly subject: string
  readonly metadata: JsonObject
  readonly payload: string | undefined
  readonly relations: readonly Relation[]
}

export interface Unit extends UnitDraft {
  /** Order over the whole workspace. */
  readonly seq: number
  /** Gapless order within its context, from 1. */
  readonly contextSeq: number
}

export const WORKSPACE_CONTEXT = 'workspace'
