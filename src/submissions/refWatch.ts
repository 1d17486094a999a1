/** Looks at branches: what is handed in and has moved is handed in no longer, and a target that moves without an approval is told of. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import { isRepositoryGone } from '../agencies/worktrees.ts'
import { newId } from '../kernel/ids.ts'
import { HUMAN, SYSTEM } from '../model/names.ts'
import { oneLine } from '../model/sanitize.ts'
import { isOver, type Submission } from '../model/submission.ts'
import { WORKSPACE_CONTEXT } from '../model/unit.ts'
import { mainBranch } from '../worktrees/look.ts'
import type { SubmissionParts } from './parts.ts'
import { refStamp } from './refStamp.ts'
import { commonDirOf } from './repository.ts'
import { repositoryOf } from './scratch.ts'
import { lastMoves } from './target.ts'

const NAMED = 5
/** So long is believed what the files say: on a disk of another machine they may be seen late. */
const TRUST_MS = 60_000

/** What a repository was last looked at with. */
interface Looked {
  readonly stamp: string
  readonly about: string
  readonly at: number
}

export class RefWatch {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #commonDirs = new Map<string, string>()
  readonly #looked = new Map<string, Looked>()

  constructor(
    private readonly parts: SubmissionParts,
    private readonly onHint: () => void,
  ) {}

  async tick(open: readonly Submission[]): Promise<void> {
    const guarded = this.#guarded()
    const handedIn = open.flatMap(({ change }) => (change ? [change.repository] : []))
    const wanted = new Set([...guarded, ...handedIn])
    for (const repository of wanted)
      await this.#look(repository, guarded.has(repository), open).catch(error =>
        this.parts.log.error({ err: error, repository }, 'the branches of a repository could not be looked at'),
      )
    const kept = new Set([...wanted].map(repository => this.#commonDirs.get(repository)))
    for (const [folder, watcher] of this.#watchers) {
      if (kept.has(folder)) continue
      this.#watchers.delete(folder)
      await watcher.close()
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watchers.values()].map(watcher => watcher.close()))
  }

  /** Repositories of agencies whose work needs approval. */
  #guarded(): ReadonlySet<string> {
    const { roster } = this.parts
    const required = [...roster.definitions.values()].filter(({ policies }) => policies.approval === 'required')
    const repositories = required.map(({ name }) => repositoryOf(this.parts, name))
    return new Set(repositories.filter(found => found !== undefined && !isRepositoryGone(found)) as string[])
  }

  async #look(repository: string, isGuarded: boolean, open: readonly Submission[]): Promise<void> {
    const { git } = this.parts
    const commonDir = this.#commonDirs.get(repository) ?? (await commonDirOf(git, repository))
    this.#commonDirs.set(repository, commonDir)
    // Watched first: what moves from now on is seen, and what moved before is looked at now.
    if (!this.#watchers.has(commonDir)) await this.#watch(commonDir)
    const stamp = refStamp(commonDir)
    const about = JSON.stringify([isGuarded, ...open.map(({ id, state, change }) => [id, state, change?.commit])])
    if (this.#isKnown(repository, stamp, about)) return
    this.#looked.delete(repository)
    const listed = await git.run(repository, [
      'for-each-ref',
      '--format=%(objectname) %(refname:lstrip=2)',
      'refs/heads',
    ])
    const tips = new Map(listed.split('\n').map(line => [line.slice(line.indexOf(' ') + 1), line.split(' ')[0]!]))
    for (const submission of open) if (submission.change?.repository === repository) await this.#void(submission, tips)
    if (isGuarded) await this.#guard(repository, commonDir, tips)
    if (stamp !== undefined) this.#looked.set(repository, { stamp, about, at: performance.now() })
  }

  #isKnown(repository: string, stamp: string | undefined, about: string): boolean {
    const known = this.#looked.get(repository)
    return known?.stamp === stamp && known?.about === about && performance.now() - known.at < TRUST_MS
  }

  async #watch(commonDir: string): Promise<void> {
    const places = ['refs/heads', 'packed-refs', 'reftable'].map(name => join(commonDir, name)).filter(existsSync)
    const watcher = watch(places, { ignoreInitial: true, ignored: path => path.endsWith('.lock') })
    watcher.on('all', () => this.onHint()).on('error', () => undefined)
    this.#watchers.set(commonDir, watcher)
    await new Promise<void>(resolve => watcher.once('ready', () => resolve()))
  }

  /** What is merged just now is the merger's, which compares for itself. */
  async #void(submission: Submission, tips: ReadonlyMap<string, string>): Promise<void> {
    const { change, id, state: from } = submission
    if (!change || isOver(submission) || from === 'merging') return
    const tip = tips.get(change.branch)
    if (tip === change.commit) return
    const reason = tip ? `${change.branch} moved to ${tip.slice(0, 12)}` : `the branch ${change.branch} is gone`
    await this.parts.board.move(id, { event: 'void', at: this.parts.clock.now(), by: SYSTEM, from, reason })
  }

  async #guard(repository: string, commonDir: string, tips: ReadonlyMap<string, string>): Promise<void> {
    const { git, store } = this.parts
    const target = await mainBranch(git, repository)
    if (target === undefined) return
    const tip = tips.get(target) ?? ''
    const mark = `guarded:${commonDir}:${target}`
    const known = await store.marked(mark)
    if (known === tip) return
    if (known !== undefined) await this.#judge({ repository, commonDir, target, from: known, to: tip })
    await store.mark(mark, tip)
  }

  async #judge(moved: Move): Promise<void> {
    const { repository, target, from, to } = moved
    const { git, store } = this.parts
    if (to === '') return this.#report(moved, `the branch ${target} of ${repository} was deleted`)
    const isForward = from !== '' && (await git.try(repository, ['merge-base', '--is-ancestor', from, to])).ok
    if (!isForward)
      return this.#report(
        moved,
        `${target} of ${repository} was set from ${from.slice(0, 12) || 'nothing'} to ${to.slice(0, 12)}, which does not build on it`,
      )
    const listed = await git.run(repository, ['rev-list', '--first-parent', `${from}..${to}`])
    const ungated: string[] = []
    for (const commit of listed.split('\n').filter(Boolean)) {
      const [approved] = await store.submissions({ mergeCommit: commit }, 1)
      if (!approved?.merge || approved.merge.onto === commit) ungated.push(commit)
    }
    if (ungated.length === 0) return
    const shown = await git.run(repository, [
      'show',
      '--no-patch',
      '--format=%h %s (author %an <%ae>, committer %cn <%ce>)',
      ...ungated.slice(0, NAMED),
    ])
    const more = ungated.length > NAMED ? ` and ${ungated.length - NAMED} more` : ''
    await this.#report(
      moved,
      `${target} of ${repository} moved without an approval, by ${ungated.length} commit${ungated.length === 1 ? '' : 's'}: ${shown
        .split('\n')
        .filter(Boolean)
        .map(line => oneLine(line, 200))
        .join('; ')}${more}`,
    )
  }

  async #report({ commonDir, target, from, to, repository }: Move, what: string): Promise<void> {
    const { store, publish, clock } = this.parts
    const move = (await lastMoves(commonDir, target)).find(entry => entry.to === to)
    const who = move ? `. Moved by ${oneLine(move.who, 100)}: ${oneLine(move.how, 100)}` : ''
    const text = `${what}${who}. See: git -C ${repository} log --first-parent ${from.slice(0, 12)}..${target}`
    const unit = { id: newId(), context: WORKSPACE_CONTEXT, agent: SYSTEM, type: 'error' as const, at: clock.now() }
    const metadata = { what: 'ungated', repository, target, from, to }
    await store.append({ ...unit, subject: `${repository}#${target}`, metadata, payload: text, relations: [] })
    const payload = { type: 'notice', about: target, state: 'ungated', text }
    await publish(SYSTEM, {
      to: HUMAN,
      payload,
      priority: 'high',
      idempotencyKey: `ungated:${commonDir}:${target}:${from}:${to}:${clock.now()}`,
    })
  }
}

interface Move {
  readonly repository: string
  readonly commonDir: string
  readonly target: string
  readonly from: string
  readonly to: string
}
