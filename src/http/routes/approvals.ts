/** Routes of finished work: handed in, looked at, decided about. */
import { z } from 'zod'
import { withDeadline } from '../../kernel/abort.ts'
import { isOver, SUBMISSION_STATES } from '../../model/submission.ts'
import { flag, none, type Route, route, timeoutMs } from '../route.ts'
import { showSubmission, showSubmissionStory } from '../shapes.ts'

const name = z.string().min(1).max(200)
const words = z.string().min(1).max(100_000)
const handedIn = z.strictObject({
  agency: name.optional(),
  branch: name.optional(),
  task: name.optional(),
  isReport: z.boolean().optional(),
  title: z.string().min(1).max(1000).optional(),
  summary: z.string().max(1_000_000).optional(),
  demo: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
  measures: z.array(z.string().min(1).max(200)).max(20).optional(),
})
const decision = z.strictObject({
  decision: z.enum(['approve', 'reject', 'request-changes']),
  words: words.optional(),
  commit: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/, 'a commit is named by 7 to 64 hex digits')
    .optional(),
})

export const approvalRoutes: readonly Route[] = [
  route('POST', '/v1/submissions', handedIn, async ({ app, caller, input }) => ({
    submission: showSubmission(await app.submissions.submit(caller, input)),
  })),
  route(
    'GET',
    '/v1/submissions',
    z.object({
      agency: name.optional(),
      state: z.enum(SUBMISSION_STATES).optional(),
      all: flag.optional(),
      limit: z.coerce.number().int().min(1).max(100_000).default(1000),
    }),
    async ({ app, input: { agency, state, all, limit } }) => {
      const isUnsettled = !all && state === undefined
      const states = state === undefined ? undefined : [state]
      const found = await app.submissions.list({ agency, states, isUnsettled }, limit)
      const shown = isUnsettled ? found.filter(submission => !isOver(submission)) : found
      return { submissions: shown.map(showSubmission) }
    },
  ),
  route('GET', '/v1/submissions/:id', none, async ({ app, params }) =>
    showSubmissionStory(await app.submissions.story(params.id!)),
  ),
  route(
    'GET',
    '/v1/submissions/:id/diff',
    z.object({ sincePrevious: flag.optional() }),
    async ({ app, params, input }) => app.submissions.diff(params.id!, { sincePrevious: input.sincePrevious ?? false }),
  ),
  route('POST', '/v1/submissions/:id/demo', none, async ({ app, caller, params }) =>
    app.submissions.demo(caller, params.id!),
  ),
  route('GET', '/v1/submissions/:id/recording', none, async ({ app, params }) => app.submissions.recording(params.id!)),
  route('GET', '/v1/submissions/:id/outputs', none, async ({ app, params }) => ({
    outputs: await app.submissions.outputs(params.id!),
  })),
  route('GET', '/v1/submissions/:id/wait', z.object({ timeoutMs }), async ({ app, params, input, signal }) => ({
    submission: showSubmission(
      await withDeadline(input.timeoutMs, [signal], deadline => app.submissions.settled(params.id!, deadline)),
    ),
  })),
  route('POST', '/v1/submissions/:id/decide', decision, async ({ app, caller, params, input }) => ({
    submission: showSubmission(
      await app.submissions.decide(caller, params.id!, {
        kind: input.decision,
        words: input.words,
        commit: input.commit,
      }),
    ),
  })),
  route('POST', '/v1/submissions/:id/retry', none, async ({ app, caller, params }) => ({
    submission: showSubmission(await app.submissions.retry(caller, params.id!)),
  })),
  route(
    'POST',
    '/v1/submissions/:id/withdraw',
    z.strictObject({ why: words.optional() }),
    async ({ app, caller, params, input }) => ({
      submission: showSubmission(await app.submissions.withdraw(caller, params.id!, input.why)),
    }),
  ),
]
