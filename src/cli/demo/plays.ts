/** What can be watched: a project with something to be done, the agencies that do it, and whose branches hold the result. */
import { AgencyError } from '../../kernel/errors.ts'

export interface Play {
  readonly name: string
  readonly summary: string
  /** Folder of templates/projects. */
  readonly project: string
  /** What is wrong with the project at the start: its first commit says so as well. */
  readonly begins: string
  /** The first one gets the task. */
  readonly agencies: readonly [string, ...string[]]
  readonly task: string
  readonly branches: readonly [string, ...string[]]
  /** What its COMPLETE has shown. */
  readonly ends: string
  /** It ends with the person's decision; the others do with --yes. */
  readonly isHandedIn: boolean
}

const PLAYS: readonly Play[] = [
  {
    name: 'main',
    summary: 'CodeAgency and QAAgency: a requirement, a bug that only acceptance finds, the fix, your decision',
    project: 'user-profile',
    begins: 'A user directory whose profile requirement is open: REQ-3 is not met',
    agencies: ['CodeAgency', 'QAAgency'],
    task: 'TASK-001: implement REQ-3 of README.md, the profile of a user',
    branches: ['agency/CodeAgency/js-agent'],
    ends: 'the requirement is met, and the tests prove it',
    isHandedIn: true,
  },
  {
    name: 'devops',
    summary: 'DevOpsAgency: a slow build, measured, made faster, and measured by somebody else',
    project: 'slow-build',
    begins: 'A site whose build does the same work for every page',
    agencies: ['DevOpsAgency'],
    task: 'TASK-001: the build is slow, at most half of the time is wanted',
    branches: ['agency/DevOpsAgency/cicd-engineer'],
    ends: 'the build is faster, by figures, and makes the same files',
    isHandedIn: false,
  },
  {
    name: 'security',
    summary: 'SecurityAgency: a key in the source and a vulnerable dependency, found, mended, scanned again',
    project: 'leaky-notes',
    begins: 'Notes with a secret in their source and a vulnerable dependency',
    agencies: ['SecurityAgency'],
    task: 'TASK-001: is this safe to publish?',
    branches: ['agency/SecurityAgency/security-auditor'],
    ends: 'what was found is gone, says the second scan',
    isHandedIn: false,
  },
  {
    name: 'docs',
    summary: 'DocsAgency: a reference made from the source, a dead link mended, the README typed by machine',
    project: 'young-library',
    begins: 'A library without a reference, and with a link that leads nowhere',
    agencies: ['DocsAgency'],
    task: 'TASK-001: people should be able to use this library',
    branches: ['agency/DocsAgency/api-documenter', 'agency/DocsAgency/tech-writer'],
    ends: 'reference and links are there, and the README does what it says',
    isHandedIn: false,
  },
  {
    name: 'duo',
    summary: 'ReviewDuo: an author, a reviewer, and one round of changes before approval',
    project: 'split-the-bill',
    begins: 'Sums of money, and no way yet to split them: REQ-2 is not met',
    agencies: ['ReviewDuo'],
    task: 'TASK-001: implement REQ-2 of README.md, split(amount, people)',
    branches: ['agency/ReviewDuo/author'],
    ends: 'approved by somebody who has run it',
    isHandedIn: false,
  },
  {
    name: 'triad',
    summary: 'ResearchTriad: three topics at once, one answer with its sources',
    project: 'support-desk',
    begins: 'A support desk where people wait, and its records',
    agencies: ['ResearchTriad'],
    task: 'TASK-001: why do people wait longer since April, and what would help?',
    branches: ['agency/ResearchTriad/reporter'],
    ends: 'every point of the answer leads to its source',
    isHandedIn: false,
  },
]

export function findPlay(name = 'main'): Play {
  const found = PLAYS.find(play => play.name === name)
  if (found) return found
  throw new AgencyError('NOT_FOUND', `there is no demo ${name.slice(0, 40)}`, {
    hint: `demos: ${PLAYS.map(play => play.name).join(', ')}`,
  })
}

export function listPlays(): readonly Pick<Play, 'name' | 'summary' | 'agencies'>[] {
  return PLAYS.map(({ name, summary, agencies }) => ({ name, summary, agencies }))
}
