/** One turn of the agent, and the world it acts upon. */
import type { Message } from './message.ts'
import type { Mischief } from './mischief.ts'
import type { Session } from './session.ts'
import type { Entry } from './state.ts'

export interface World {
  readonly name: string
  readonly agency: string
  readonly session: Session
  readonly mischief: Mischief
  show(kind: Entry['kind'], text: string): void
  /** Opens the permission dialog; resolves with the answer, false when the turn was interrupted. */
  ask(question: string, signal: AbortSignal): Promise<boolean>
  logFailure(text: string): void
}

export interface Turn {
  readonly world: World
  readonly message: Message
  readonly groups: Readonly<Record<string, string>>
  /** Result of the last `run` step. */
  run: { status: number; output: string }
  readonly signal: AbortSignal
}

/** The rest of the rule is not wanted any more; everything there was to say has been said. */
export class RuleEnded extends Error {}
