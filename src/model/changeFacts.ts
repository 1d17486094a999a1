/** A change as git tells of it, read and judged: its files, which of them are documents, and why somebody should look twice. */
import type { ChangedFile, ChangeFacts, Submission } from './submission.ts'

/** Reads `git diff --numstat -z --no-renames`. */
export function readNumstat(text: string): readonly ChangedFile[] {
  return text
    .split('\0')
    .filter(Boolean)
    .map(entry => {
      const [insertions = '', deletions = '', ...path] = entry.split('\t')
      return { path: path.join('\t'), insertions: count(insertions), deletions: count(deletions) }
    })
}

/** `-` in a binary file. */
function count(text: string): number | undefined {
  return text === '-' ? undefined : Number(text)
}

/** Reads `git log -z --format=%H%x1f%an <%ae>%x1f%s`. */
export function readCommits(text: string): ChangeFacts['commits'] {
  return text
    .split('\0')
    .filter(Boolean)
    .map(entry => {
      const [hash = '', author = '', subject = ''] = entry.trimStart().split('\u001f')
      return { hash, author, subject }
    })
}

const DOCUMENT =
  /\.(md|mdx|rst|adoc|txt)$|(^|\/)(docs?|documentation)\/|(^|\/)(LICENSE|CHANGELOG|README|NOTICE)([.-][^/]*)?$/i

export function isDocument(path: string): boolean {
  return DOCUMENT.test(path)
}

/** What a change of such a file can do that a look at the tests does not show. */
const RISKY: readonly { readonly what: string; readonly path: RegExp }[] = [
  {
    what: 'changes CI',
    path: /^\.github\/(workflows|actions)\/|^\.gitlab-ci|^\.circleci\/|^Jenkinsfile|^azure-pipelines|^\.drone\.yml|^\.buildkite\//,
  },
  {
    what: 'changes permissions or secrets',
    path: /(^|\/)(CODEOWNERS|sudoers|\.env[^/]*|.*\.pem|.*\.key|iam[^/]*|.*polic(y|ies)[^/]*\.(json|ya?ml)|agency\.json|.*rbac[^/]*)$/i,
  },
  {
    what: 'changes a lock file',
    path: /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|uv\.lock|Pipfile\.lock|Cargo\.lock|go\.sum|Gemfile\.lock|composer\.lock)$/,
  },
  { what: 'changes a migration', path: /(^|\/)(migrations?|migrate|alembic|db\/changelog)\// },
  { what: 'changes what git does', path: /(^|\/)\.git(modules|attributes)$|(^|\/)\.(husky|githooks)\// },
]
const MANY_FILES = 50
const MANY_LINES = 1_000
const NAMED = 3

/** `modes`: paths whose file mode changes. */
export function risksOf(files: readonly ChangedFile[], modes: readonly string[] = []): readonly string[] {
  const lines = files.reduce((sum, { insertions = 0, deletions = 0 }) => sum + insertions + deletions, 0)
  const binary = files.filter(({ insertions }) => insertions === undefined).map(({ path }) => path)
  const found = RISKY.flatMap(({ what, path: pattern }) => named(what, matching(files, pattern)))
  return [
    ...found,
    ...named('makes executable, or a link', modes),
    ...named('holds binary files', binary),
    ...(files.length > MANY_FILES ? [`is wide: ${files.length} files`] : []),
    ...(lines > MANY_LINES ? [`is large: ${lines} lines`] : []),
  ]
}

function matching(files: readonly ChangedFile[], pattern: RegExp): readonly string[] {
  return files.map(({ path }) => path).filter(path => pattern.test(path))
}

function named(what: string, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return []
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : ''
  return [`${what}: ${paths.slice(0, NAMED).join(', ')}${more}`]
}

/** Tests that ran, over all commands; undefined when none told. */
export function sumTests(
  runs: readonly { readonly tests: { readonly passed: number; readonly failed: number } | undefined }[],
): { readonly passed: number; readonly failed: number } | undefined {
  const told = runs.flatMap(({ tests }) => (tests ? [tests] : []))
  if (told.length === 0) return undefined
  return {
    passed: told.reduce((sum, { passed }) => sum + passed, 0),
    failed: told.reduce((sum, { failed }) => sum + failed, 0),
  }
}

/** The last command that told of coverage. */
export function coverageOf(runs: readonly { readonly coverage: number | undefined }[]): number | undefined {
  return runs.map(({ coverage }) => coverage).findLast(coverage => coverage !== undefined)
}

/** Of the last command that was recorded: of the tests, or of the checks where there are none. */
export function recordingOf({ checks, tests }: Pick<Submission, 'checks' | 'tests'>): string | undefined {
  return (tests.length > 0 ? tests : checks).findLast(({ cast }) => cast !== undefined)?.cast
}
