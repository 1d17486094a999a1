/** The parts of the approval of finished work on a real store and a real repository; agents, terminal and sandboxes are not there. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { gitWith } from '../../src/agencies/git.ts'
import { Roster } from '../../src/agencies/roster.ts'
import { parseSettings } from '../../src/config/settings.ts'
import { workspaceAt } from '../../src/config/workspace.ts'
import { AgencyError } from '../../src/kernel/errors.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { type Definition, definitionSchema } from '../../src/model/definition.ts'
import type { Submission, SubmissionState } from '../../src/model/submission.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import { SubmissionBoard } from '../../src/submissions/board.ts'
import { gatherChange } from '../../src/submissions/gather.ts'
import type { SubmissionParts } from '../../src/submissions/parts.ts'
import { scratchPlace } from '../../src/submissions/testPlace.ts'
import type { TaskBoard } from '../../src/tasks/board.ts'
import { commit, git, gitProject } from '../e2e/gitProject.ts'
import { submission } from '../model/aSubmission.ts'
import { inThisThread, temporaryFolder } from '../storage/sqlite/setup.ts'

export const NOW = 1_800_000_000_000

/** An agency `Code` whose repository has a branch `feature/x` with one file more, in nobody's worktree. */
export async function stage(wishes: Partial<Definition> = {}, changes: Partial<SubmissionParts> = {}) {
  const root = temporaryFolder()
  const repository = await gitProject(join(root, 'project'))
  await git(repository, 'checkout', '--quiet', '-b', 'feature/x')
  await writeFile(join(repository, 'x.txt'), 'x\n')
  await commit(repository, 'Add x')
  await git(repository, 'checkout', '--quiet', '-b', 'elsewhere', 'main')
  const store = inThisThread(new SqliteEngine(join(root, 'agency.db')))
  onTestFinished(() => store[Symbol.asyncDispose]())
  const roster = new Roster(store)
  const said = { name: 'Code', repo: repository, coordinator: { name: 'lead' }, agents: [{ name: 'a' }], ...wishes }
  roster.definitions.set('Code', definitionSchema.parse(said))
  const base = {
    ...{ workspace: workspaceAt(root), settings: parseSettings('', 'agency.yaml'), store, roster, umask: 0o022 },
    ...{ board: new SubmissionBoard(store), clock: { now: () => NOW }, log: silentLog(), git: gitWith(0o022) },
    ...{ tasks: {} as TaskBoard, locks: { check: async () => ({ held: [], own: [] }) as never }, reach: () => {} },
    publish: () => Promise.reject(new AgencyError('NOT_FOUND', 'nobody is there')),
  }
  const parts: SubmissionParts = { ...base, testPlace: scratchPlace(base), ...changes }
  const add = async (state: SubmissionState, of: Partial<Submission> = {}) => {
    const { change, digest } = await gatherChange(base.git, { repository, branch: 'feature/x', target: 'main' })
    return store.addSubmission(submission(state, { seq: 0, change, digest, ...of }))
  }
  const find = async ({ id }: Submission) => (await store.findSubmission(id))!
  const all = () => store.submissions({ isUnsettled: true }, 10)
  return { root, repository, store, parts, add, find, all }
}
