/** A worktree of exactly one commit, for as long as something is tried in it. Nobody works there, so it is removed as it is. */
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Git } from '../agencies/git.ts'
import { repositoryRoot } from '../agencies/repository.ts'
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import { checkOf, sayRun } from '../model/check.ts'
import { wantsWall } from '../model/definition.ts'
import { oneLine } from '../model/sanitize.ts'
import type { CheckRun } from '../model/task.ts'
import { runChecks } from '../tasks/checks.ts'
import { cageOf } from '../worktrees/cage.ts'
import { dress } from '../worktrees/dressing.ts'
import { runSetup } from '../worktrees/setup.ts'

/** Failing tests that a reason tells by name. */
const NAMED = 3

export interface ScratchParts {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly roster: Roster
  readonly git: Git
  readonly umask: number
}

export interface Scratch {
  readonly agency: string
  readonly repository: string
  readonly commit: string
  /** Names the folder; the same name is one place. */
  readonly submission: string
  readonly use: 'test' | 'merge' | 'base'
}

/** Made anew, dressed as an agent's worktree is, and gone afterwards; what a crash left behind goes first. */
export async function inScratch<T>(
  parts: ScratchParts,
  scratch: Scratch,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const { git, roster, umask } = parts
  const { repository, agency, commit } = scratch
  const folder = join(parts.workspace.sandbox, 'testing', `${scratch.use}-${shortId(scratch.submission)}`)
  const remove = async () => {
    await git.try(repository, ['worktree', 'remove', '--force', '--force', folder])
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    await git.try(repository, ['worktree', 'prune'])
  }
  await remove()
  await mkdir(dirname(folder), { recursive: true })
  try {
    await git.run(repository, ['worktree', 'add', '--quiet', '--detach', folder, commit])
    const definition = roster.definitions.get(agency)
    const wishes = definition?.worktrees
    await dress(git, { repository, folder, wishes, isOfIsolated: wantsWall(definition) })
    const problem = wishes?.setup && (await setUp(parts, scratch, folder, { command: wishes.setup, umask }))
    if (problem) throw new AgencyError('ENVIRONMENT', `the setup of a scratch worktree: ${problem}`, { hint: problem })
    return await work(folder)
  } finally {
    await remove()
  }
}

async function setUp(
  parts: ScratchParts,
  { agency, submission, use }: Scratch,
  folder: string,
  { command, umask }: { command: string; umask: number },
): Promise<string | undefined> {
  const { workspace, roster } = parts
  const logs = join(workspace.checks, submission)
  await mkdir(logs, { recursive: true, mode: 0o700 })
  const timeoutMs = (roster.definitions.get(agency)?.worktrees?.setupTimeout ?? 600) * 1000
  const cage = await cageOf(parts, agency, folder)
  return runSetup({ command, folder, logFile: join(logs, `setup-${use}.log`), timeoutMs, umask, cage })
}

interface Checked {
  readonly agency: string
  readonly submission: string
  readonly name: string
  readonly folder: string
  readonly isRecorded?: boolean
}

/** The checks of the agency in a folder; `name`: of the folder that keeps their output. */
export async function checksIn(
  parts: ScratchParts,
  { agency, submission, name, folder, isRecorded }: Checked,
  signal: AbortSignal,
): Promise<readonly CheckRun[]> {
  const { workspace, roster, settings, umask } = parts
  return runChecks(
    {
      folder,
      cage: await cageOf(parts, agency, folder),
      checks: (roster.definitions.get(agency)?.checks ?? []).map(checkOf),
      logs: join(workspace.checks, submission, name),
      timeoutMs: settings.tasks.checkTimeout * 1000,
      umask,
      isRecorded,
    },
    signal,
  )
}

/** What failed, in words; undefined when nothing did. */
export function failureOf(runs: readonly CheckRun[]): string | undefined {
  const failed = runs.find(({ status }) => status !== 0)
  if (!failed) return undefined
  const { failures = [], tail = [] } = failed
  const names = failures.slice(0, NAMED).map(({ name }) => oneLine(name, 80))
  const more = failures.length > NAMED ? ` and ${failures.length - NAMED} more` : ''
  // Without names, its last words.
  const said = names.length > 0 ? `${names.join('; ')}${more}` : oneLine(tail.at(-1) ?? '', 160)
  return `${sayRun(failed)}${said ? `: ${said}` : ''}`
}

/** Where an agency's agents work. */
export function repositoryOf(
  parts: Pick<ScratchParts, 'workspace' | 'settings' | 'roster'>,
  agency: string,
): string | undefined {
  const definition = parts.roster.definitions.get(agency)
  return definition && repositoryRoot(parts, definition)
}
