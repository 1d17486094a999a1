/** Finished work: handed in, tried, decided about, merged. */
import { crashAt } from '../kernel/crash.ts'
import type { Scope } from '../kernel/scope.ts'
import type { Sandboxes } from '../sandboxes/sandboxes.ts'
import { SubmissionBoard } from '../submissions/board.ts'
import { HandIn } from '../submissions/handIn.ts'
import { SandboxPlace } from '../submissions/sandboxPlace.ts'
import { Submissions } from '../submissions/submissions.ts'
import { SubmissionWork } from '../submissions/work.ts'
import type { Ground } from './ground.ts'
import type { Voice } from './voice.ts'
import type { Work } from './work.ts'

export type Approvals = ReturnType<typeof composeApprovals>

export function composeApprovals(given: {
  ground: Ground
  voice: Voice
  work: Work
  sandboxes: Sandboxes
  scope: Scope
}) {
  const { ground, voice, work, sandboxes, scope } = given
  const reach = crashAt(ground.env, () => process.kill(process.pid, 'SIGKILL'))
  const parts = {
    ...{ ...ground, ...voice, locks: work.locks, tasks: work.board, reach },
    board: new SubmissionBoard(ground.store),
    testPlace: new SandboxPlace({ ...ground, sandboxes, reach }),
  }
  const handIn = new HandIn(parts)
  return {
    submissions: new Submissions(parts, handIn),
    submissionWork: scope.use(new SubmissionWork(parts, handIn), 'branch watchers', opened => opened.close()),
  }
}
