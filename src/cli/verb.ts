/** A verb is a value: its name, what it takes, what it does, how it is shown. Help, --json and completion all read from it. */
import type { Client } from './client.ts'

export interface Argument {
  /** `<name>` required, `[name]` optional, `<name...>` many. */
  readonly form: string
  readonly about: string
}

export interface Option {
  /** As commander writes it: `-w, --wait <goal>`. */
  readonly form: string
  readonly about: string
  readonly choices?: readonly string[]
}

export interface Context {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly isJson: boolean
  readonly workspaceFlag: string | undefined
  /** Opens the connection to the daemon, starting one when none runs. */
  client(): Promise<Client>
  /** Every verb that help shows, for completion scripts. */
  verbs(): Promise<readonly { readonly verb: Verb; readonly summary: string }[]>
  /** One line of a stream, shown at once. */
  line(data: unknown, text: string): void
  /** A step of something long, with the seconds it takes, on the stderr of a terminal. */
  progress(step: string): void
  /** A remark on stderr. */
  note(text: string): void
}

export interface Result {
  /** The one JSON document of `--json`. Undefined for a stream. */
  readonly data?: unknown
  /** What a person reads. */
  readonly text?: string
  /** When the work is done and yet not what was asked for: 6 not delivered, 7 timed out. */
  readonly exitCode?: number
}

export interface Verb {
  readonly name: string
  readonly arguments: readonly Argument[]
  /** Its actions, and what the words behind each are: completion offers them. Kinds of words: `completion/offers.ts`. */
  readonly actions?: Readonly<Record<string, readonly string[]>>
  /** What its words are, where the names of its arguments say too little: `a|b` for words of which it is one. */
  readonly words?: readonly string[]
  readonly options: readonly Option[]
  readonly examples: readonly string[]
  run(
    context: Context,
    args: readonly (string | string[] | undefined)[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<Result>
}
