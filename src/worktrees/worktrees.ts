/** What a person asks of all agents' worktrees: how they stand, and to tidy up. */
import { onlyPerson } from '../agencies/authority.ts'
import type { Finding } from '../model/finding.ts'
import type { Address } from '../model/names.ts'
import { reminderText } from '../model/worktree.ts'
import { type Cleaned, clean } from './cleaning.ts'
import { type AgencyWorktrees, overview } from './overview.ts'
import type { WorktreeParts } from './parts.ts'
import type { Workplaces } from './workplaces.ts'

export class Worktrees {
  constructor(
    private readonly parts: WorktreeParts,
    private readonly workplaces: Workplaces,
  ) {}

  status(agency?: string): Promise<readonly AgencyWorktrees[]> {
    return overview(this.parts, agency)
  }

  clean(caller: Address, options: { isDryRun: boolean }): Promise<Cleaned> {
    onlyPerson(caller, 'remove worktrees of agents that are gone')
    return clean(this.parts, options)
  }

  /** What doctor says of them. */
  async findings(): Promise<readonly Finding[]> {
    const { settings, clock, roster } = this.parts
    const now = clock.now()
    const remindAfterMs = settings.worktrees.remindAfter * 60_000
    const found: Finding[] = []
    for (const { agency, repository, isRepositoryGone, worktrees } of await this.status()) {
      if (isRepositoryGone) {
        found.push({
          level: 'bad',
          what: `the repository ${repository} of ${agency} is gone`,
          hint: `put it back, or agency remove ${agency}`,
        })
        continue
      }
      for (const status of worktrees) {
        const { agent, folder, state, problem, oldestChangeAt } = status
        if (state === 'missing')
          found.push({
            level: 'warn',
            what: `the folder ${folder} of ${agent} is gone; its branch ${status.branch ?? ''} is not`,
            hint: `agency restart ${agent}   makes it again`,
          })
        if (state === 'broken')
          found.push({
            level: 'warn',
            what: `the worktree ${folder} of ${agent} cannot be read: ${problem}`,
            hint: `git -C ${repository} worktree repair ${folder}`,
          })
        if (state === 'conflict')
          found.push({ level: 'warn', what: `${agent} has conflicts in its worktree`, hint: `git -C ${folder} status` })
        const isOld = oldestChangeAt !== undefined && remindAfterMs > 0 && now - oldestChangeAt >= remindAfterMs
        if (isOld)
          found.push({
            level: 'warn',
            what: `${agent} has ${reminderText(status, now).split('. ')[0]}`,
            hint: `git -C ${folder} status`,
          })
      }
    }
    for (const [agent, failure] of this.workplaces.failedSetups)
      if (roster.agents.has(agent))
        found.push({ level: 'warn', what: `the setup of ${agent}'s worktree failed: ${failure}` })
    return found
  }
}
