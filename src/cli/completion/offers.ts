/** What a shell offers in the place of each word of a command, told by what the verbs say of themselves. */
import type { Option, Verb } from '../verb.ts'

/** Kinds of names that are read from the views of the workspace, or from the disk; else the words themselves. */
export type Offer = Kind | readonly string[]
const KINDS = [
  ...(['agency', 'agent', 'target', 'task', 'approval', 'message', 'lease', 'sandbox'] as const),
  ...(['template', 'driver', 'file', 'folder'] as const),
]
type Kind = (typeof KINDS)[number]

export interface OfferedOption {
  readonly flag: string
  readonly about: string
  /** Undefined for one that stands alone; no words where its value cannot be known. */
  readonly value: Offer | undefined
}

export interface OfferedVerb {
  readonly name: string
  readonly summary: string
  /** Action → what its words are, one after the other. */
  readonly actions: ReadonlyMap<string, readonly Offer[]> | undefined
  /** Of a verb without actions. */
  readonly words: readonly Offer[]
  options(action: string | undefined): readonly OfferedOption[]
}

/** By the name that a verb gives to a word. */
const BY_WORD: Readonly<Record<string, Kind>> = {
  ...{ target: 'target', who: 'target', whom: 'target', agency: 'agency', agent: 'agent', task: 'task', id: 'message' },
  ...{ file: 'file', dir: 'folder', approval: 'approval', lease: 'lease', template: 'template', path: 'file' },
  ...{ driver: 'driver', sandbox: 'sandbox', spec: 'driver' },
}
/** Where the name of the word says too little. */
const BY_OPTION: Readonly<Record<string, Kind>> = {
  ...{ '--agency': 'agency', '--task': 'task', '--parent': 'task', '--after': 'task', '--template': 'template' },
  ...{ '--repo': 'folder', '--subject': 'task', '--driver': 'driver', '--from': 'target' },
}
const NO_WORDS: readonly string[] = []

const EVERYWHERE: readonly OfferedOption[] = [
  { flag: '--json', about: 'one JSON document on stdout', value: undefined },
  { flag: '--workspace', about: 'the workspace to work in', value: 'folder' },
  { flag: '--help', about: 'what it takes, with examples', value: undefined },
]

export function offersOf(verb: Verb, summary: string): OfferedVerb {
  const { name, actions, words } = verb
  const options = verb.options.map(option => ({ option: offered(option), only: actionsIn(option.about, actions) }))
  return {
    name,
    summary,
    actions: actions && new Map(Object.entries(actions).map(([action, named]) => [action, named.map(offerOf)])),
    words: words?.map(offerOf) ?? verb.arguments.map(({ form }) => offerOf(form.replace(/[^a-z]/g, ''))),
    options: action => [
      ...options.flatMap(({ option, only }) => (!only || action === undefined || only.has(action) ? [option] : [])),
      ...EVERYWHERE,
    ],
  }
}

function offerOf(word: string): Offer {
  const words = word.split('|')
  return words.length > 1 ? words : (BY_WORD[word] ?? NO_WORDS)
}

function offered({ form, about, choices }: Option): OfferedOption {
  const flag = /--[a-z-]+/.exec(form)?.[0] ?? form
  const takes = /[<[]([a-z]+)/.exec(form)?.[1]
  const value = takes === undefined ? undefined : (choices ?? BY_OPTION[flag] ?? offerOf(takes))
  return { flag, about, value }
}

/** `list, graph: only of this agency` is an option of these two alone. */
function actionsIn(about: string, actions: Verb['actions']): ReadonlySet<string> | undefined {
  const [, named] = /^([a-z-]+(?:, [a-z-]+)*): /.exec(about) ?? []
  const words = named?.split(', ') ?? []
  return actions && words.length > 0 && words.every(word => Object.hasOwn(actions, word)) ? new Set(words) : undefined
}
