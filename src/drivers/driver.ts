/** PORT: what Agency needs to know of an agent program: how it starts, which doors it has, and what its screen and hooks mean. */
import type { Reading } from '../model/agent.ts'
import type { Door } from '../model/delivery.ts'

export interface LaunchContext {
  /** `Agency/agent`. */
  readonly address: string
  readonly agency: string
  readonly agent: string
  readonly workdir: string
  readonly runFolder: string
  readonly roleFile: string
  /** Text of the role file, for programs that take it as an argument. */
  readonly brief: string
  readonly workspace: string
  /** The agency's playbook for this agent, when it has one. */
  readonly playbook: string | undefined
  /** UUID of the program's conversation, new or to be resumed. */
  readonly conversation: string
  readonly isResumed: boolean
  /** `command` of the agent's definition: the program of a script agent. */
  readonly command: readonly string[] | undefined
  readonly extraArgs: readonly string[]
  readonly extraEnv: Readonly<Record<string, string>>
}

export interface Launch {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Names, or prefixes ending in `*`, of inherited variables that the program must not see. */
  readonly unset: readonly string[]
  /** Files to write before the start: absolute path → text. */
  readonly files: Readonly<Record<string, string>>
}

/** What of a screen belongs to whom. */
export interface ScreenReading extends Reading {
  /** Text in the composer; undefined when no composer is seen. '' when it is empty or shows its placeholder only. */
  readonly composer: string | undefined
  /** The composer shows the program's stand-in for a long paste, and nothing else. */
  readonly isChip: boolean
  /** True when the program shows that it has queued what was sent while it was busy. */
  readonly showsQueued: boolean
  /** The words of an open dialog. */
  readonly question: string | undefined
}

export interface HookReading {
  readonly state: Reading | undefined
  /** The prompt that the program says it has taken: it carries our nonce when it was ours. */
  readonly prompt: string | undefined
  readonly question: string | undefined
}

export interface TypingHabits {
  /** After a paste the program takes an Enter within this time as text. Milliseconds. */
  readonly pasteWindowMs: number
  /** How long to wait for the composer to show the pasted text. Milliseconds. */
  readonly composerWaitMs: number
  /** How long evidence of a submit may take before a rescue Enter is considered. Milliseconds. */
  readonly confirmWaitMs: number
}

export interface Driver {
  readonly name: string
  readonly title: string
  /** The best door first. Empty: nothing can be handed to it. */
  readonly doors: readonly Door[]
  readonly typing: TypingHabits
  /** True when its hooks tell every state and every prompt. */
  readonly hasHooks: boolean
  readonly canResume: boolean
  /** How to install the program when it is missing. */
  readonly install: string | undefined
  launch(context: LaunchContext): Launch
  readScreen(screen: { readonly lines: readonly string[]; readonly title: string }): ScreenReading
  readHook(event: string, payload: unknown): HookReading
}

export interface Drivers {
  /** AgencyError('NOT_FOUND') names the drivers there are. AgencyError('BAD_DEFINITION') when its profile has a mistake. */
  get(name: string): Promise<Driver>
  names(): Promise<readonly string[]>
}
