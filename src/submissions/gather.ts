/** What git says of a branch that is handed in: the commit, where it left the target, the files, the digest of the whole diff. */
import type { Git } from '../agencies/git.ts'
import { AgencyError } from '../kernel/errors.ts'
import { isDocument, readCommits, readNumstat, risksOf } from '../model/changeFacts.ts'
import type { ChangeFacts, SubmittedChange } from '../model/submission.ts'
import { diffDigest } from './diff.ts'

const MAX_COMMITS = 500

export interface Where {
  readonly repository: string
  readonly branch: string
  readonly target: string
}

/** AgencyError: NOT_FOUND without such a branch, CONFLICT when there is nothing on it that the target lacks. */
export async function gatherChange(git: Git, where: Where): Promise<{ change: SubmittedChange; digest: string }> {
  const { repository, branch, target } = where
  const commit = await tipOf(git, repository, branch)
  const onto = await tipOf(git, repository, target)
  if (commit === undefined || onto === undefined)
    throw new AgencyError(
      'NOT_FOUND',
      `there is no branch ${commit === undefined ? branch : target} in ${repository}`,
      {
        hint: `git -C ${repository} branch --list`,
      },
    )
  const base = await git.try(repository, ['merge-base', onto, commit])
  if (!base.ok)
    throw new AgencyError('CONFLICT', `${branch} and ${target} have no commit in common`, {
      hint: `git -C ${repository} log --oneline ${branch}`,
    })
  if (base.output.trim() === commit)
    throw new AgencyError('CONFLICT', `${branch} has no commit that ${target} lacks`, {
      hint: `git -C ${repository} log --oneline ${target}..${branch}`,
    })
  const from = base.output.trim()
  const [facts, digest] = await Promise.all([
    factsOf(git, repository, from, commit),
    diffDigest(repository, from, commit),
  ])
  return { change: { ...where, commit, base: from, facts }, digest }
}

export async function tipOf(git: Git, repository: string, branch: string): Promise<string | undefined> {
  const tip = await git.try(repository, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`])
  return tip.ok ? tip.output.trim() : undefined
}

async function factsOf(git: Git, repository: string, base: string, commit: string): Promise<ChangeFacts> {
  const [numbers, log, modes] = await Promise.all([
    git.run(repository, [
      'diff',
      '--numstat',
      '-z',
      '--no-renames',
      '--no-ext-diff',
      '--no-textconv',
      base,
      commit,
      '--',
    ]),
    git.run(repository, [
      'log',
      '-z',
      `--max-count=${MAX_COMMITS}`,
      '--format=%H%x1f%an <%ae>%x1f%s',
      `${base}..${commit}`,
    ]),
    git.run(repository, ['diff-tree', '-r', '-z', '--no-renames', base, commit]),
  ])
  const files = readNumstat(numbers)
  const sum = (of: 'insertions' | 'deletions') => files.reduce((total, file) => total + (file[of] ?? 0), 0)
  return {
    commits: readCommits(log),
    files,
    insertions: sum('insertions'),
    deletions: sum('deletions'),
    documents: files.map(({ path }) => path).filter(isDocument),
    risks: risksOf(files, newModes(modes)),
  }
}

/** Paths that become executable, a link or a submodule: `:old new hash hash status NUL path NUL`. */
function newModes(raw: string): readonly string[] {
  const entries = raw.split('\0')
  return entries.flatMap((entry, index) => {
    const [, before, after] = /^:(\d+) (\d+) /.exec(entry) ?? []
    const isNew = after !== undefined && after !== before && after !== '100644' && after !== '000000'
    return isNew ? [entries[index + 1] ?? ''] : []
  })
}
