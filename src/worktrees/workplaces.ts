/** Makes agents' workplaces ready: a worktree with what it needs, and again when somebody has deleted it. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { refreshMirror } from '../agencies/clones.ts'
import { makeFolder } from '../agencies/modes.ts'
import { repositoryRoot } from '../agencies/repository.ts'
import { ensureWorkplace, isRepositoryGone, type Workplace } from '../agencies/worktrees.ts'
import { eachBounded } from '../kernel/bounded.ts'
import { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type Definition, isWalled, members } from '../model/definition.ts'
import { address, SYSTEM } from '../model/names.ts'
import { cageOf } from './cage.ts'
import { clearForLevel } from './conversion.ts'
import { dress } from './dressing.ts'
import type { WorktreeParts } from './parts.ts'
import { runSetup } from './setup.ts'

const SETUP_TIMEOUT_S = 600
/** Setups at once: each may use the whole machine. */
const AT_ONCE = 2

export interface MadeWorkplace {
  readonly agent: string
  readonly workplace: Workplace
  readonly isNew: boolean
  readonly undo: () => Promise<void>
  /** What the person should know of it. */
  readonly notes: readonly string[]
}

export class Workplaces {
  /** git locks the repository for each worktree that is made. */
  readonly #making = new KeyedLock()
  readonly #failedSetups = new Map<string, string>()

  constructor(private readonly parts: WorktreeParts) {}

  /** Agent → what went wrong in the setup of its worktree, until one goes well. */
  get failedSetups(): ReadonlyMap<string, string> {
    return this.#failedSetups
  }

  /** The worktree or folder with its links; its setup is still to be run when it is new. */
  async make(definition: Definition, agent: string, repository: string | undefined): Promise<MadeWorkplace> {
    const of = address(definition.name, agent)
    return this.#making.run(repository ?? '', async () => {
      const known = this.parts.roster.agents.get(of)
      const isIsolated = wantsClone(definition, agent)
      const member = { agency: definition.name, name: agent, isKnown: known?.branch !== undefined, isIsolated }
      const { workplace, undo, isNew } = await ensureWorkplace(this.parts, repository, member)
      const isWorktree = repository !== undefined && isNew
      const notes = isWorktree
        ? await dress(this.parts.git, { repository, folder: workplace.folder, wishes: definition.worktrees })
        : []
      return { agent, workplace, isNew: isWorktree, undo, notes: notes.map(note => `${of}: ${note}`) }
    })
  }

  /** Runs the setup in those that are new. Returns what went wrong: told, and no reason for the agents not to begin. */
  async setUp(definition: Definition, made: readonly MadeWorkplace[]): Promise<readonly string[]> {
    const command = definition.worktrees?.setup
    if (command === undefined) return []
    const fresh = made.filter(({ isNew }) => isNew)
    const failures = await eachBounded(fresh, AT_ONCE, one => this.#setUp(definition, command, one))
    return failures.flatMap(failure => failure ?? [])
  }

  /** Before a start: what was deleted by hand is made again, on the agent's own branch as it stands. */
  async restore(record: AgentRecord): Promise<void> {
    const { workdir, branch, agency, name } = record
    if (branch === undefined) return makeFolder(workdir, this.parts.umask)
    const definition = this.parts.roster.definitions.get(agency)
    const repository = definition && repositoryRoot(this.parts, definition)
    if (!definition || repository === undefined || isRepositoryGone(repository)) return
    const level = { repository, isIsolated: wantsClone(definition, name) }
    const isCleared = await clearForLevel(this.parts, { ...record, branch }, level)
    if (!isCleared && existsSync(join(workdir, '.git'))) return this.#refresh(record, repository)
    const files = await readdir(workdir).catch(() => [])
    if (files.length > 0)
      throw new AgencyError('CONFLICT', `${workdir} holds ${files.length} files and has lost its .git file`, {
        hint: `git -C ${repository} worktree repair ${workdir}`,
      })
    await rmdir(workdir).catch(() => undefined)
    const made = await this.make(definition, name, repository)
    const failures = await this.setUp(definition, [made])
    const how = isCleared ? 'was made anew for another level of isolation' : 'was gone, and is there again'
    const what = [`the worktree ${workdir} ${how} on ${branch}`, ...made.notes, ...failures]
    this.parts.log.warn({ agent: record.address, what }, 'a worktree was made again')
    await this.#record(record.address, agency, 'decision', what.join('; '))
  }

  /** What the person has merged meanwhile is there for an isolated agent to fetch. */
  async #refresh({ workdir }: AgentRecord, repository: string): Promise<void> {
    if (this.parts.git.isClone(workdir)) await refreshMirror(this.parts, repository)
  }

  async #setUp(definition: Definition, command: string, made: MadeWorkplace): Promise<string | undefined> {
    const of = address(definition.name, made.agent)
    const logFile = join(this.parts.workspace.agencies, definition.name, 'logs', `setup-${made.agent}.log`)
    await mkdir(dirname(logFile), { recursive: true })
    const timeoutMs = (definition.worktrees?.setupTimeout ?? SETUP_TIMEOUT_S) * 1000
    const { folder } = made.workplace
    const cage = await cageOf(this.parts, definition.name, folder)
    const failure = await runSetup({ command, folder, logFile, timeoutMs, umask: this.parts.umask, cage })
    if (failure === undefined) {
      this.#failedSetups.delete(of)
      return undefined
    }
    this.#failedSetups.set(of, failure)
    this.parts.log.warn({ agent: of, failure }, 'the setup of a worktree failed')
    await this.#record(of, definition.name, 'error', `the setup of its worktree failed: ${failure}`)
    return `${of}: the setup of its worktree failed: ${failure}`
  }

  async #record(subject: string, context: string, type: 'decision' | 'error', payload: string): Promise<void> {
    const at = this.parts.clock.now()
    const draft = { id: newId(), context, agent: SYSTEM, type, at, subject, payload, metadata: {}, relations: [] }
    await this.parts.store.append(draft)
  }
}

function wantsClone(definition: Definition, agent: string): boolean {
  const said = members(definition).find(({ name }) => name === agent)
  return said !== undefined && isWalled(definition, said)
}
