/** What follows a merge beside the news of it: the author's branch goes on from there, and what is left to finalise becomes a task. */
import { existsSync, realpathSync } from 'node:fs'
import { type Id, newId } from '../kernel/ids.ts'
import { isDocument } from '../model/changeFacts.ts'
import { finalTask } from '../model/finalise.ts'
import { PRIORITIES } from '../model/message.ts'
import { SYSTEM } from '../model/names.ts'
import type { Submission } from '../model/submission.ts'
import { lookAtWorktree } from '../tasks/worktree.ts'
import { rememberMerged } from './coverage.ts'
import { isChange, type Work } from './obstacles.ts'
import type { SubmissionParts } from './parts.ts'
import { treeOf } from './repository.ts'
import { repositoryOf } from './scratch.ts'

const CHANGELOG = /^(CHANGELOG|CHANGES|HISTORY)(\.(md|rst|txt|adoc))?$/i
const WRITES = 'technical-writing'

export class Aftermath {
  constructor(private readonly parts: SubmissionParts) {}

  /** Safe to do again. Returns what its author should know of it, in words. */
  async follow(submission: Submission): Promise<string | undefined> {
    if (submission.state !== 'merged' || !isChange(submission) || !submission.merge) return undefined
    const { store, git } = this.parts
    const { repository, commit } = submission.change
    const trees = await Promise.all([submission.merge.commit, commit].map(of => treeOf(git, repository, of)))
    await rememberMerged(store, submission, trees[0] === trees[1])
    await this.#finalise(submission)
    return (await this.#tidy(submission, submission.merge.commit)) ? 'your branch goes on from there' : undefined
  }

  /** Only a branch that is merged as a whole, in a clean worktree whose agent is at nothing: it goes forward, and loses nothing. */
  async #tidy({ author, change }: Work, merged: string): Promise<boolean> {
    const { git, roster, tasks, log } = this.parts
    const agent = roster.agents.get(author)
    if (agent?.branch !== change.branch || !existsSync(agent.workdir)) return false
    // The clone of an isolated agent is its own: it fetches what is merged.
    if (git.isClone(agent.workdir) || agent.state === 'busy' || tasks.heldBy(author).length > 0) return false
    const look = await lookAtWorktree(git, agent.workdir, change.branch)
    if (look?.head !== change.commit || look.commit !== change.commit || look.uncommitted.length > 0) return false
    const moved = await git.try(agent.workdir, ['merge', '--ff-only', '--quiet', merged])
    if (!moved.ok) log.info({ branch: change.branch, why: moved.output }, 'a merged branch could not go forward')
    return moved.ok
  }

  async #finalise(submission: Work): Promise<void> {
    const { store, tasks, clock, settings, roster } = this.parts
    const { id, agency, task, change } = submission
    if (roster.definitions.get(agency)?.policies.finalise === 'off') return
    const writers = this.#writers(change.repository)
    const { changelog, hasDocuments } = await this.#documents(change)
    const isFinalising = task !== undefined && (await store.marked(markOf(task))) !== undefined
    const words = finalTask(submission, { changelog, hasDocuments, isFinalising, hasWriters: writers !== undefined })
    const to = writers ?? agency
    const assignee = roster.agencies.has(to) ? roster.coordinator(to) : undefined
    if (!words || assignee === undefined) return
    const planned = ((await store.marked(`finalise:${id}`)) ?? newId()) as Id
    // Marked first: killed in between, it is added the next time, and once.
    await store.mark(markOf(planned), id)
    await store.mark(`finalise:${id}`, planned)
    if (await store.findTask(planned)) return
    await tasks.change([
      {
        add: {
          ...{ id: planned, ...words, label: undefined, agency: to, assignee, needs: [], createdBy: SYSTEM },
          ...{ createdAt: clock.now(), priority: PRIORITIES.normal, parent: undefined, dependsOn: [] },
          ...{ deadline: undefined, maxAttempts: settings.tasks.maxAttempts, estimateMinutes: undefined },
        },
      },
    ])
  }

  /** An agency that writes documents and works on this repository. */
  #writers(repository: string): string | undefined {
    const { roster } = this.parts
    return [...roster.definitions.values()].find(({ name, capabilities }) => {
      if (!capabilities.includes(WRITES) || !roster.agencies.has(name)) return false
      const own = repositoryOf(this.parts, name)
      return own !== undefined && existsSync(own) && realpathSync(own) === repository
    })?.name
  }

  async #documents({
    repository,
    target,
  }: Work['change']): Promise<{ changelog: string | undefined; hasDocuments: boolean }> {
    const listed = await this.parts.git.run(repository, ['ls-tree', '--name-only', '-z', `refs/heads/${target}`])
    const names = listed.split('\0').filter(Boolean)
    return {
      changelog: names.find(name => CHANGELOG.test(name)),
      hasDocuments: names.some(name => isDocument(`${name}/`)),
    }
  }
}

/** Says of a task that it finalises something, and what. */
function markOf(task: Id): string {
  return `finalises:${task}`
}
