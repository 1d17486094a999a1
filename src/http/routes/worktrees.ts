/** Routes of the agents' worktrees. */
import { z } from 'zod'
import { type Route, route } from '../route.ts'
import { showWorktree } from '../shapes.ts'

export const worktreeRoutes: readonly Route[] = [
  route('GET', '/v1/git', z.object({ agency: z.string().max(200).optional() }), async ({ app, input }) => ({
    agencies: (await app.worktrees.status(input.agency)).map(({ worktrees, ...agency }) => ({
      ...agency,
      worktrees: worktrees.map(showWorktree),
    })),
  })),
  route('POST', '/v1/git/clean', z.strictObject({ dryRun: z.boolean().default(false) }), ({ app, caller, input }) =>
    app.worktrees.clean(caller, { isDryRun: input.dryRun }),
  ),
]
