/** A sandbox: one commit, deployed where it can be tried without harm. Its states and the table of what moves it. */
import type { Id } from '../kernel/ids.ts'
import type { Address } from './names.ts'
import type { SandboxPlan } from './sandboxPlan.ts'
import type { TestFailure } from './task.ts'

export const SANDBOX_STATES = [
  'preparing',
  'starting',
  'running',
  'testing',
  'passed',
  'failed',
  'down',
  'destroying',
  'destroyed',
] as const
export type SandboxState = (typeof SANDBOX_STATES)[number]

/** lost: its programs are gone, or the daemon that watched over this step is. */
export type SandboxEvent = 'prepared' | 'up' | 'test' | 'pass' | 'fail' | 'interrupt' | 'lost' | 'destroy' | 'gone'

type Cell = SandboxState | 'refuse'

// Total on purpose: a new state or event does not compile until every cell is decided.
const NEXT: Record<SandboxState, Record<SandboxEvent, Cell>> = {
  preparing: row({ prepared: 'starting', destroy: 'destroying' }),
  starting: row({ up: 'running', destroy: 'destroying' }),
  running: row({ test: 'testing', lost: 'down', destroy: 'destroying' }),
  testing: row({ pass: 'passed', fail: 'failed', interrupt: 'running', lost: 'down', destroy: 'destroying' }),
  passed: row({ test: 'testing', lost: 'down', destroy: 'destroying' }),
  failed: row({ test: 'testing', lost: 'down', destroy: 'destroying' }),
  down: row({ destroy: 'destroying' }),
  destroying: row({ destroy: 'destroying', gone: 'destroyed' }),
  destroyed: row({}),
}

function row(moves: Partial<Record<SandboxEvent, SandboxState>>): Record<SandboxEvent, Cell> {
  const refuse = 'refuse' as const
  return {
    ...{ prepared: refuse, up: refuse, test: refuse, pass: refuse, fail: refuse, interrupt: refuse, lost: refuse },
    ...{ destroy: refuse, gone: refuse },
    ...moves,
  }
}

export type IsolationLevel = 'bubblewrap' | 'none'

export interface SandboxPorts {
  readonly app: number
  readonly mocks: number
  /** Inside of an isolation: where the database outside is reached. */
  readonly database: number
}

export interface TestOutcome {
  /** Exit status of the test command; undefined when it was ended for its time, its output or by somebody. */
  readonly status: number | undefined
  /** Why it has no status. */
  readonly ended?: string
  readonly seconds: number
  readonly log: string
  /** Undefined where the runner's output tells none. */
  readonly passed: number | undefined
  readonly failed: number | undefined
  readonly skipped?: number
  readonly failures: readonly TestFailure[]
  /** Where they failed: the last lines that say why. */
  readonly tail?: readonly string[]
  /** Share of covered lines, 0 to 100. */
  readonly coverage?: number
  /** Recording of what was printed (asciicast). */
  readonly cast?: string
  /** The sandbox went away under them: nothing is known. */
  readonly isLost?: true
}

/** test: the work itself · base: the commit that it began from · merge: merged into its target. */
export interface Trial {
  readonly submission: Id
  readonly use: 'test' | 'base' | 'merge'
}

export interface Sandbox {
  readonly id: Id
  /** Name of its folder, and a part of its session's. */
  readonly slug: string
  readonly agency: string
  readonly repository: string
  /** The whole hash: what is deployed is this and nothing else. */
  readonly commit: string
  readonly branch?: string
  readonly title?: string
  /** Finished work that is tried here, and as what. */
  readonly trial?: Trial
  readonly by: Address
  readonly state: SandboxState
  readonly since: number
  readonly createdAt: number
  /** Why it is in this state, where there is something to say. */
  readonly reason?: string
  /** staging: what has passed and waits for a person. */
  readonly place: 'testing' | 'staging'
  /** Nothing of it runs, on purpose: files and data are there, and it is woken when it is wanted. */
  readonly isResting?: true
  /** Its worktree. */
  readonly folder: string
  /** Its database, logs and sockets. */
  readonly home: string
  readonly session: string
  readonly ports: SandboxPorts
  /** Where its program answers; undefined when the project has none that is known. */
  readonly url?: string
  readonly isolation: IsolationLevel
  readonly plan: SandboxPlan
  readonly outcome?: TestOutcome
  /** What a person should know of it, in words. */
  readonly notes: readonly string[]
}

export function nextSandboxState(state: SandboxState, event: SandboxEvent): SandboxState | 'refuse' {
  return NEXT[state][event]
}

/** The sandbox after the event; undefined when its state refuses it. */
export function moveSandbox(
  sandbox: Sandbox,
  event: SandboxEvent,
  change: { now: number; reason?: string | undefined } & Partial<Pick<Sandbox, 'outcome' | 'notes'>>,
): Sandbox | undefined {
  const state = NEXT[sandbox.state][event]
  if (state === 'refuse') return undefined
  const { now, reason, ...rest } = change
  const { reason: _before, ...kept } = sandbox
  return { ...kept, ...rest, state, since: now, ...(reason === undefined ? {} : { reason }) }
}

/** Up, and able to run tests and commands. */
export function isUp({ state }: Pick<Sandbox, 'state'>): boolean {
  return ['running', 'testing', 'passed', 'failed'].includes(state)
}

/** Up, and its programs are there. */
export function isAwake(sandbox: Pick<Sandbox, 'state' | 'isResting'>): boolean {
  return isUp(sandbox) && !sandbox.isResting
}

/** Programs of staged sandboxes that run at once; those before them are woken when they are asked for. */
export const MOST_PREVIEWS = 8

/** Of those that are staged and awake the ones that are put to rest: which nobody has asked for the longest. `wokenAt` is by their ids. */
export function surplusPreviews(
  awake: readonly Pick<Sandbox, 'id' | 'createdAt'>[],
  wokenAt: ReadonlyMap<Id, number>,
): readonly Id[] {
  const usedAt = ({ id, createdAt }: Pick<Sandbox, 'id' | 'createdAt'>) => Math.max(createdAt, wokenAt.get(id) ?? 0)
  return [...awake]
    .sort((a, b) => usedAt(b) - usedAt(a))
    .slice(MOST_PREVIEWS)
    .map(({ id }) => id)
}

/** Where its program answers; undefined without one. */
export function urlOf({ app }: Pick<SandboxPlan, 'app'>, ports: Pick<SandboxPorts, 'app'>): string | undefined {
  return app ? `http://127.0.0.1:${ports.app}` : undefined
}

/** Nobody is at work on it any more once the daemon that was has died: it is to be taken away. */
export function isHalfDone({ state }: Pick<Sandbox, 'state'>): boolean {
  return state === 'preparing' || state === 'starting' || state === 'destroying'
}

/** `feature/user-profile` → `feature-user-profile`: at most 40 letters that are good in a file name and for tmux. */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '')
    .slice(0, 40)
    .replace(/[-_]+$/, '')
  return plain.toLowerCase() || 'commit'
}

/** The slug itself, or with a number where it is taken. */
export function freeSlug(slug: string, isTaken: (slug: string) => boolean): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? slug : `${slug}-${number}`
    if (!isTaken(candidate)) return candidate
  }
}

/** tmux takes neither dots nor colons, and an agency's own session has the agency's bare name. */
export function sessionOf(agency: string, slug: string): string {
  return `${agency}-${slug}`
}
