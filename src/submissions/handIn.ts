/** Handing in: what is handed in is looked at, bound to its commit and diff, and written down; the gate takes it from there. */
import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { AgencyError } from '../kernel/errors.ts'
import { type Id, newId, shortId } from '../kernel/ids.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import { type Address, agencyOf, SYSTEM } from '../model/names.ts'
import { oneLine } from '../model/sanitize.ts'
import { isOver, keptRef, type Submission } from '../model/submission.ts'
import type { CheckRun, Task } from '../model/task.ts'
import { mainBranch } from '../worktrees/look.ts'
import { gatherChange } from './gather.ts'
import type { SubmissionParts } from './parts.ts'
import { authorOf, mayHandInFor } from './rights.ts'
import { repositoryOf } from './scratch.ts'
import { refuseUnfinished } from './unfinished.ts'

export interface HandedIn {
  readonly agency?: string | undefined
  readonly branch?: string | undefined
  /** Named as the one that it is the work of: id, short id or label. */
  readonly task?: string | undefined
  /** No branch: the words themselves are what is decided about. */
  readonly isReport?: boolean | undefined
  readonly title?: string | undefined
  readonly summary?: string | undefined
  readonly demo?: string | undefined
  readonly measures?: readonly string[] | undefined
}

/** What the program itself knows of it. */
export interface Origin {
  readonly task?: Task | undefined
  readonly cause?: Id | undefined
  /** Of exactly this commit, in its agent's worktree, by us. */
  readonly checked?: { readonly commit: string; readonly runs: readonly CheckRun[] } | undefined
}

const MAX_TITLE = 200
const OPEN_BEFORE = 50

export class HandIn {
  /** One hand-in of a branch at a time: an open one is known to the next. */
  readonly #branches = new KeyedLock()

  constructor(private readonly parts: SubmissionParts) {}

  /** The same commit of a branch that is open already is that submission; an older one of the branch makes way. */
  async submit(caller: Address, wish: HandedIn, origin: Origin = {}): Promise<Submission> {
    const { roster } = this.parts
    const record = roster.agents.get(caller)
    const isReport = wish.isReport || (wish.branch === undefined && record !== undefined && record.branch === undefined)
    const branch = isReport ? undefined : (wish.branch ?? record?.branch)
    if (!isReport && branch === undefined)
      throw new AgencyError('USAGE', 'it is not said which branch is handed in', {
        hint: 'agency submit --branch agency/CodeAgency/python-agent   or   --report FILE',
      })
    const author = authorOf(roster, caller, { agency: wish.agency, branch })
    const named = wish.task === undefined ? undefined : await this.#named(wish.task, { caller, author })
    const task = origin.task ?? named ?? this.#taskOf({ caller, author, branch })
    const draft = { ...wish, caller, author, task, cause: origin.cause }
    if (branch === undefined) return this.#report(draft)
    return this.#branches.run(branch, () => this.#change({ ...draft, branch, checked: origin.checked }))
  }

  async #named(idOrLabel: string, by: { caller: Address; author: Address }): Promise<Task> {
    const task = await this.parts.store.findTask(idOrLabel)
    if (!task)
      throw new AgencyError('NOT_FOUND', `there is no task ${JSON.stringify(oneLine(idOrLabel, 60))}`, {
        hint: 'agency task list',
      })
    mayHandInFor(this.parts.roster, by, task)
    return task
  }

  /**
   * The one that its author is at, or that waits for the person: where the branch is its author's own, or the words are. Other work
   * that the person or a coordinator hands in has nothing to do with it.
   */
  #taskOf({ caller, author, branch }: { caller: Address; author: Address; branch: string | undefined }) {
    const { roster, tasks } = this.parts
    const isOwn = branch === undefined ? caller === author : roster.agents.get(author)?.branch === branch
    if (!isOwn) return undefined
    const held = tasks.heldBy(author)
    const waiting = branch === undefined ? [] : tasks.awaitingApproval().filter(({ claimant }) => claimant === author)
    const own = held.length > 0 ? held : waiting
    return own.length === 1 ? own[0] : undefined
  }

  async #report(draft: Draft): Promise<Submission> {
    const summary = draft.summary?.trim() ?? ''
    if (summary === '')
      throw new AgencyError('USAGE', 'the report has no words', { hint: 'agency submit --report FILE --title "…"' })
    const title = titleOf(draft.title ?? summary.split('\n')[0]!)
    const digest = createHash('sha256').update(`${title}\0${summary}`).digest('hex')
    return this.parts.board.add({ ...this.#blank(draft), title, summary, digest })
  }

  async #change(draft: Draft & { branch: string; checked: Origin['checked'] }): Promise<Submission> {
    const { git, board, store, clock, roster } = this.parts
    const agency = agencyOf(draft.author)!
    const named = repositoryOf(this.parts, agency)
    if (named === undefined)
      throw new AgencyError('CONFLICT', `${agency} has no repository, so it has no branches`, {
        hint: 'agency submit --report FILE   hands in a report',
      })
    const repository = await realpath(named)
    const target = await mainBranch(git, repository)
    if (target === undefined || target === draft.branch)
      throw new AgencyError('CONFLICT', `${draft.branch} is where work is merged to, and cannot be handed in`, {
        hint: `git -C ${repository} branch --list`,
      })
    const agent = roster.agents.get(draft.author)
    if (agent?.branch === draft.branch) await refuseUnfinished(git, agent.workdir, draft.branch)
    const { change, digest } = await gatherChange(git, { repository, branch: draft.branch, target })
    const earlier = (await store.submissions({ branch: draft.branch }, OPEN_BEFORE)).filter(
      other => other.change?.repository === repository,
    )
    const open = earlier.filter(other => !isOver(other))
    const same = open.find(other => other.change?.commit === change.commit && other.digest === digest)
    // One that its agent handed in by itself does not know the task that is to be decided with it.
    if (same && (draft.task === undefined || same.task === draft.task.id)) return same
    for (const other of open) if (other.state === 'merging') throw busy(other)
    const last = earlier.at(-1) ?? (await this.#lastOf(draft.task, repository))
    const subject = change.facts.commits[0]?.subject ?? draft.branch
    const submission = await board.add({
      ...this.#blank(draft),
      title: titleOf(draft.title ?? draft.task?.title ?? subject),
      summary: draft.summary ?? '',
      ...{ change, digest },
      previous: last && { id: last.id, commit: last.change?.commit, state: last.state },
    })
    // There already when they make way: a task that waits with one of them goes on waiting, with this one.
    for (const other of open) await this.#makeWay(other, submission)
    // Kept from git's own tidying for as long as there is a record of it.
    await git.run(repository, ['update-ref', keptRef(submission.id), change.commit])
    const isChecked = draft.checked?.commit === change.commit && draft.checked.runs.every(({ status }) => status === 0)
    if (!isChecked) return submission
    const passed = {
      event: 'pass-checks',
      at: clock.now(),
      by: submission.author,
      checks: draft.checked!.runs,
    } as const
    return (await board.move(submission.id, passed)) ?? submission
  }

  /** Of the same task, by whoever did it before. */
  async #lastOf(task: Task | undefined, repository: string): Promise<Submission | undefined> {
    if (!task) return undefined
    const earlier = await this.parts.store.submissions({ task: task.id }, OPEN_BEFORE)
    return earlier.findLast(({ change }) => change?.repository === repository)
  }

  /** What is being merged is left to whoever merges it. */
  async #makeWay(other: Submission, { id, change }: Submission): Promise<void> {
    const { board, clock } = this.parts
    const at = clock.now()
    const reason = `handed in again: its branch is at ${change?.commit.slice(0, 12)} now`
    if (await board.move(other.id, { event: 'void', at, by: SYSTEM, from: other.state, reason })) return
    const refused = busy(other)
    await board.move(id, { event: 'void', at, by: SYSTEM, reason: refused.message })
    throw refused
  }

  #blank({ caller, author, task, cause, demo, measures }: Draft): Submission {
    const at = this.parts.clock.now()
    const conversation = [task?.message, task?.completion, cause].filter(id => id !== undefined)
    return {
      ...{ id: newId(), seq: 0, agency: agencyOf(author)!, author, submittedBy: caller, createdAt: at },
      ...{ title: '', summary: '', demo, measures: (measures ?? []).map(line => oneLine(line, 200)) },
      ...{ change: undefined, digest: '', task: task?.id, iteration: task?.iteration, cause, previous: undefined },
      ...{ conversation: [...new Set(conversation)], state: 'checking', since: at, reason: undefined },
      ...{ expiresAt: undefined, checks: [], tests: [], testedIn: undefined, coverageBefore: undefined },
      ...{ notes: [], sandbox: undefined, preview: undefined },
      ...{ mergedChecks: [], decision: undefined, obstacle: undefined, merge: undefined, isSettled: false },
    }
  }
}

interface Draft extends Omit<HandedIn, 'task'> {
  readonly caller: Address
  readonly author: Address
  readonly task: Task | undefined
  readonly cause: Id | undefined
}

function busy({ id }: Submission): AgencyError {
  return new AgencyError('CONFLICT', `${shortId(id)} of the same branch is being decided or merged just now`, {
    hint: `agency approvals show ${shortId(id)}`,
  })
}

function titleOf(text: string): string {
  const title = oneLine(text, MAX_TITLE)
  if (title !== '') return title
  throw new AgencyError('USAGE', 'the title is empty', { hint: 'agency submit --title "User profile pictures"' })
}
