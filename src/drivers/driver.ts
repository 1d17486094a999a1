/** PORT: what Agency needs to know of an agent program: how it starts, which doors it has, and what its screen and hooks mean. */
import type { Reading } from '../model/agent.ts'
import type { Door } from '../model/delivery.ts'
import type { Key } from '../terminal/terminal.ts'

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
  /** Folder in which it finds its long messages. */
  readonly mail: string
  /** It is started behind a wall. */
  readonly isWalled: boolean
  /** The agency's playbook for this agent, when it has one. */
  readonly playbook: string | undefined
  /** The program's conversation, new or to be resumed. Undefined at a first start of a program that names its own. */
  readonly conversation: string | undefined
  readonly isResumed: boolean
  /** The number of this start of the program. */
  readonly instance: number
  /** A free port on loopback, for programs that serve one. */
  readonly port: number | undefined
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
  /** The program's own folder, as this agent sees it. */
  readonly overlay: Overlay | undefined
  /** What it needs behind a wall; undefined when nobody has said. */
  readonly isolated: IsolatedLaunch | undefined
}

export interface IsolatedLaunch {
  readonly environment: readonly string[]
  /** File of the person, below their home, or of ours → the agent's own. */
  readonly copies: Readonly<Record<string, string>>
  /** Folders of ours that are made before the start, for it to read. */
  readonly folders: readonly string[]
  /** It builds walls of its own inside. */
  readonly buildsWalls: boolean
}

/** A folder of links to everything in another one, but for its own entries and for these files: JSON that is laid over the original's. */
export interface Overlay {
  readonly of: string
  /** False: nothing is linked, as behind a wall, where no link would lead anywhere. */
  readonly isLinked: boolean
  readonly at: string
  readonly own: readonly string[]
  readonly json: Readonly<Record<string, string>>
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
  /** Choice → keys that make it, in the open dialog. */
  readonly answers: Readonly<Record<string, readonly Key[]>>
  /** When a usage limit ends, as the screen says it; milliseconds since the epoch. */
  readonly limitedUntil: number | undefined
}

export interface HookReading {
  readonly state: Reading | undefined
  /** The prompt that the program says it has taken: it carries our sign when it was ours. */
  readonly prompt: string | undefined
  readonly question: string | undefined
  /** The program's own name for its conversation. */
  readonly conversation: string | undefined
  /** File in which the program writes its conversation down. */
  readonly transcript: string | undefined
}

export interface TypingHabits {
  /** After a paste the program takes an Enter within this time as text. Milliseconds. */
  readonly pasteWindowMs: number
  /** How long to wait for the composer to show the pasted text. Milliseconds. */
  readonly composerWaitMs: number
  /** How long evidence of a submit may take before a rescue Enter is considered. Milliseconds. */
  readonly confirmWaitMs: number
  /** While it works it takes text into its composer, and Enter queues it for the end of the turn. */
  readonly queuesWhileBusy: boolean
  /** The program would not pass this text on as it is: it goes as a file. */
  readonly alters: (text: string) => boolean
}

/** What a program's own prompt interface has done with a text. */
export type Submitted =
  /** Taken: with `isProof` the answer itself says that the conversation has it, else a hook or event will. */
  | { readonly kind: 'taken'; readonly evidence: string; readonly isProof: boolean }
  /** Not a byte has left. */
  | { readonly kind: 'refused'; readonly reason: string }

export interface Prompt {
  readonly text: string
  readonly sign: string
  /** Of the message. */
  readonly id: string
  /** True: what the program is doing is broken off for it. */
  readonly interrupts: boolean
}

/** The open connection to one running program that takes prompts without typing. */
export interface Link extends AsyncDisposable {
  /** It breaks off what the program does when a prompt `interrupts`; else keys do that before. */
  readonly canInterrupt: boolean
  /** Why nothing can be submitted just now. */
  obstacle(): string | undefined
  /** Throws when nobody can tell whether it left. */
  submit(prompt: Prompt): Promise<Submitted>
  /** Whether the conversation holds the hand-over of this sign. */
  find(sign: string): Promise<'there' | 'nowhere' | 'unknown'>
}

export interface LinkContext {
  readonly address: string
  /** The number of the start of the program that it is connected to. */
  readonly instance: number
  readonly runFolder: string
  readonly workdir: string
  readonly port: number | undefined
  readonly conversation: string | undefined
  /** An event of the program, read by `readHook` as one that a hook sent. */
  readonly emit: (event: string, payload: unknown) => void
  /** Ends what is under way, also the connecting. */
  readonly signal: AbortSignal
}

export interface Boundary {
  readonly event: string
  /** So many answers in a row are taken; a further one would be dropped. */
  readonly atMost: number
  answer(text: string): string
  /** The program would not pass this text on as it is. */
  alters(text: string): boolean
}

export interface Driver {
  readonly name: string
  readonly title: string
  /** Name of its program on the PATH; undefined when the definition or the settings name it. */
  readonly programName: string | undefined
  /** npm package of the program, and the version that the profile was tried with. Undefined: written from documentation only. */
  readonly package: string | undefined
  readonly triedVersion: string | undefined
  /** The best door first. Empty: nothing can be handed to it. */
  readonly doors: readonly Door[]
  readonly typing: TypingHabits
  /** The file in which it writes its conversation down says how many tokens each answer has used. */
  readonly tellsTokens: boolean
  /** True when its hooks tell every state and every prompt. */
  readonly hasHooks: boolean
  readonly canResume: boolean
  /** The program names its conversation itself, and a hook or event tells it. */
  readonly namesConversation: boolean
  readonly needsPort: boolean
  /** Its profile says what it needs behind a wall. */
  readonly canBeIsolated: boolean
  /** Behind a wall it has a copy of the person's login, or their key. */
  readonly carriesLogin: boolean
  /** How to install the program when it is missing. */
  readonly install: string | undefined
  /** Keys that break off a turn. Empty when nothing is known to. */
  readonly interrupt: readonly Key[]
  /** Keys that empty a composer that is not empty. Empty when nothing is known to. */
  readonly clear: readonly Key[]
  /** The event at a turn's end to which a hook may answer with the next prompt, and the answer's words on its stdout. */
  readonly boundary: Boundary | undefined
  launch(context: LaunchContext): Launch
  /** `now`: for times of day on the screen. `limitOver`: when a limit was over whose banner may still stand there. */
  readScreen(
    screen: { readonly lines: readonly string[]; readonly title: string },
    now?: number,
    limitOver?: number,
  ): ScreenReading
  readHook(event: string, payload: unknown): HookReading
  /** For the api door: the connection to a program that has been started. */
  connect?(context: LinkContext): Promise<Link>
}

export interface Drivers {
  /** AgencyError('NOT_FOUND') names the drivers there are. AgencyError('BAD_DEFINITION') when its profile has a mistake. */
  get(name: string): Promise<Driver>
  names(): Promise<readonly string[]>
  /** The file that holds a driver's profile, and its words. AgencyError('NOT_FOUND') when there is none. */
  source(name: string): Promise<{ readonly file: string; readonly text: string }>
}
