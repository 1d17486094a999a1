/** Finished work: handed in, tried, decided about, merged. */
import { crashAt } from '../kernel/crash.ts'
import type { Scope } from '../kernel/scope.ts'
import { SubmissionBoard } from '../submissions/board.ts'
import { HandIn } from '../submissions/handIn.ts'
import { Submissions } from '../submissions/submissions.ts'
import { scratchPlace } from '../submissions/testPlace.ts'
import { SubmissionWork } from '../submissions/work.ts'
import type { Ground } from './ground.ts'
import type { Voice } from './voice.ts'
import type { Work } from './work.ts'

export type Approvals = ReturnType<typeof composeApprovals>

export function composeApprovals(ground: Ground, { publish }: Voice, work: Work, scope: Scope) {
  const parts = {
    ...{ ...ground, publish, locks: work.locks, tasks: work.board },
    board: new SubmissionBoard(ground.store),
    testPlace: scratchPlace(ground),
    reach: crashAt(ground.env, () => process.kill(process.pid, 'SIGKILL')),
  }
  const handIn = new HandIn(parts)
  return {
    submissions: new Submissions(parts, handIn),
    submissionWork: scope.use(new SubmissionWork(parts, handIn), 'branch watchers', opened => opened.close()),
  }
}
