import { AgencyError } from '../../kernel/errors.ts'
import { oneLine } from '../../model/sanitize.ts'
import type { Client } from '../client.ts'
import { age, columns, cut, paint } from '../text.ts'
import type { Result, Verb } from '../verb.ts'
import { wrongAction } from '../wrongAction.ts'

interface WorktreeDocument {
  readonly agent: string
  readonly folder: string
  readonly state: 'clean' | 'changed' | 'conflict' | 'missing' | 'broken' | 'plain'
  readonly branch?: string
  readonly elsewhere?: { readonly branch?: string; readonly detachedAt?: string }
  readonly underWay?: string
  readonly uncommitted: number
  readonly oldestChangeAt?: string
  readonly ahead?: number
  readonly behind?: number
  readonly lastCommit?: { readonly subject: string; readonly at: string }
  readonly problem?: string
}

interface AgencyDocument {
  readonly agency: string
  readonly repository?: string
  readonly isRepositoryGone: boolean
  readonly main?: string
  readonly worktrees: readonly WorktreeDocument[]
}

interface LeftoverDocument {
  readonly agent: string
  readonly folder?: string
  readonly branch?: string
  readonly why?: string
}

export const verb: Verb = {
  name: 'git',
  arguments: [
    { form: '[action]', about: 'status (default) or clean' },
    { form: '[agency]', about: 'status: one agency only' },
  ],
  actions: { status: ['agency'], clean: [] },
  options: [{ form: '--dry-run', about: 'clean: only say what would be removed, and what would stay' }],
  examples: [
    'agency git status',
    'agency git status CodeAgency',
    'agency git clean --dry-run',
    "agency git status --json | jq '.agencies[].worktrees[] | select(.uncommitted>0)'",
  ],
  async run(context, [action = 'status', agency], options) {
    if (!Object.hasOwn(verb.actions ?? {}, String(action))) throw wrongAction(verb, action)
    const client = await context.client()
    context.progress('looking into the worktrees')
    if (action === 'status') return status(client, agency as string | undefined)
    if (action === 'clean' && agency === undefined) return clean(client, options.dryRun === true)
    throw new AgencyError('USAGE', `git ${String(action)}: it takes status [AGENCY] or clean`, {
      hint: 'agency git --help',
    })
  },
}

async function status(client: Client, agency: string | undefined): Promise<Result> {
  const data = (await client.get('/v1/git', { agency })) as { agencies: AgencyDocument[] }
  return {
    data,
    text: data.agencies.map(showAgency).join('\n\n') || 'no agencies yet\nnext   agency create CodeAgency',
  }
}

function showAgency({ agency, repository, isRepositoryGone, main, worktrees }: AgencyDocument): string {
  const where = isRepositoryGone
    ? paint('red', `the repository ${repository} is gone`)
    : repository
      ? paint('gray', `${repository}${main ? `, main branch ${main}` : ''}`)
      : paint('gray', 'plain folders, no repository')
  const rows = worktrees.map(worktree => [
    `  ${worktree.agent.slice(agency.length + 1)}`,
    showState(worktree),
    showCommits(worktree),
    worktree.lastCommit
      ? `${oneLine(worktree.lastCommit.subject, 60)} ${paint('gray', `(${age(worktree.lastCommit.at)})`)}`
      : '',
  ])
  const lines = columns(rows)
    .split('\n')
    .map(line => cut(line))
  return `${paint('bold', agency)}  ${where}\n${lines.join('\n')}`
}

function showState(worktree: WorktreeDocument): string {
  const { state, uncommitted, oldestChangeAt, elsewhere, underWay, problem } = worktree
  const where = elsewhere?.branch
    ? paint('yellow', `on ${elsewhere.branch}`)
    : elsewhere
      ? paint('yellow', `detached at ${elsewhere.detachedAt}`)
      : ''
  const words = {
    clean: paint('green', 'clean'),
    plain: uncommitted === 0 ? 'empty' : `${uncommitted} files`,
    changed: paint('yellow', `${uncommitted} uncommitted for ${age(oldestChangeAt)}`),
    conflict: paint('red', `conflicts, ${uncommitted} uncommitted`),
    missing: paint('red', 'its folder is gone'),
    broken: paint('red', problem ?? 'unreadable'),
  }[state]
  return [words, underWay ? paint('yellow', `${underWay} under way`) : '', where].filter(Boolean).join(', ')
}

function showCommits({ ahead, behind }: WorktreeDocument): string {
  if (ahead === undefined || behind === undefined) return ''
  return [ahead > 0 ? paint('cyan', `+${ahead}`) : '', behind > 0 ? paint('gray', `-${behind}`) : '']
    .filter(Boolean)
    .join(' ')
}

async function clean(client: Client, isDryRun: boolean): Promise<Result> {
  const data = (await client.send('POST', '/v1/git/clean', { dryRun: isDryRun })) as {
    removed: LeftoverDocument[]
    left: LeftoverDocument[]
  }
  const done = data.removed.map(one => `${paint('green', isDryRun ? 'would remove' : 'removed')}  ${named(one)}`)
  const left = data.left.map(one => `${paint('yellow', 'left')}     ${named(one)}\n         ${one.why}`)
  return { data, text: [...done, ...left].join('\n') || 'nothing is left of agents that are gone' }
}

function named({ folder, branch }: LeftoverDocument): string {
  return [folder, branch && `branch ${branch}`].filter(Boolean).join('  ')
}
