/** Routes of tasks: added, given, worked on, ended, looked at. */
import { z } from 'zod'
import { PRIORITY_NAMES } from '../../model/message.ts'
import { DEPENDENCY_KINDS, TASK_STATES } from '../../model/task.ts'
import { doneFields, whyFields } from '../../model/taskWords.ts'
import { flag, none, type Route, route } from '../route.ts'
import { showChoice, showListedTask, showTask, showTaskStory } from '../shapes.ts'

/** They are one transaction, for which everybody else waits: about half a second. */
const MOST_AT_ONCE = 1_000

/** A list of them is made in one go, for which everybody else waits: about a second. */
const MOST_LISTED = 10_000

const name = z.string().min(1).max(200)
const words = z.string().min(1).max(100_000)
const capability = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a capability is lower case with hyphens')
const after = z.strictObject({ task: name, on: z.enum(DEPENDENCY_KINDS).default('success') })
const draft = z.strictObject({
  key: name.optional(),
  title: z.string().max(1000),
  body: words.optional(),
  to: name.optional(),
  label: name.optional(),
  needs: z.array(capability).max(20).optional(),
  after: z.array(after).max(1000).optional(),
  parent: name.optional(),
  priority: z.enum(PRIORITY_NAMES).optional(),
  deadline: z.number().positive().max(31_536_000).optional(),
  maxAttempts: z.number().int().min(1).max(100).optional(),
  estimateMinutes: z.number().positive().max(100_000).optional(),
})
/** An id of the speaker's own: said again under it, it is done once. */
const said = { id: z.string().optional() }
const done = z.strictObject({ ...doneFields, ...said })
const why = z.strictObject({ ...whyFields, ...said })

export const taskRoutes: readonly Route[] = [
  route(
    'POST',
    '/v1/tasks',
    z.strictObject({
      tasks: z
        .array(draft)
        .min(1)
        .max(MOST_AT_ONCE, `at most ${MOST_AT_ONCE} tasks are added at once: add the others after them`),
    }),
    async ({ app, caller, input }) => ({
      tasks: (await app.tasks.give.add(caller, input.tasks)).map(showTask),
    }),
  ),
  route(
    'GET',
    '/v1/tasks',
    z.object({
      agency: name.optional(),
      agent: name.optional(),
      state: z.enum(TASK_STATES).optional(),
      label: name.optional(),
      parent: name.optional(),
      open: flag.optional(),
      limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(200),
    }),
    async ({ app, input }) => {
      const { state, open, limit, parent, ...rest } = input
      const filter = {
        ...rest,
        ...(state === undefined ? {} : { states: [state] }),
        ...(parent === undefined ? {} : { parent: (await app.tasks.find(parent)).id }),
        isOpen: open,
      }
      // One more than is asked for tells whether there are more.
      const found = await app.tasks.list(filter, limit + 1)
      return { tasks: found.slice(-limit).map(showListedTask), isCut: found.length > limit }
    },
  ),
  route('POST', '/v1/tasks/next', none, async ({ app, caller }) => {
    const task = await app.tasks.work.next(caller)
    return { task: task ? showTask(task) : null }
  }),
  route('GET', '/v1/tasks/:id', none, async ({ app, params }) => showTaskStory(await app.tasks.story(params.id!))),
  route('POST', '/v1/tasks/:id/assign', z.strictObject({ to: name }), async ({ app, caller, params, input }) => ({
    task: showTask(await app.tasks.give.assign(caller, params.id!, input.to)),
  })),
  route('POST', '/v1/tasks/:id/after', after, async ({ app, caller, params, input }) => ({
    task: showTask(await app.tasks.give.depend(caller, params.id!, input)),
  })),
  route('POST', '/v1/tasks/:id/start', none, async ({ app, caller, params }) => ({
    task: showTask(await app.tasks.work.start(caller, params.id!)),
  })),
  route(
    'POST',
    '/v1/tasks/:id/heartbeat',
    z.strictObject({ epoch: z.number().int().min(1).optional() }),
    async ({ app, caller, params, input }) => ({
      task: showTask(await app.tasks.work.heartbeat(caller, params.id!, input.epoch)),
    }),
  ),
  route('POST', '/v1/tasks/:id/done', done, async ({ app, caller, params, input: { id, ...result } }) => ({
    task: showTask(await app.tasks.work.done(caller, params.id!, result, id)),
  })),
  route('POST', '/v1/tasks/:id/block', why, async ({ app, caller, params, input }) => ({
    task: showTask(await app.tasks.work.block(caller, params.id!, input.why, input.id)),
  })),
  route('POST', '/v1/tasks/:id/fail', why, async ({ app, caller, params, input }) => ({
    task: showTask(await app.tasks.work.fail(caller, params.id!, input.why, input.id)),
  })),
  route(
    'POST',
    '/v1/tasks/:id/cancel',
    z.strictObject({ why: words.optional() }),
    async ({ app, caller, params, input }) => ({
      tasks: (await app.tasks.cancel(caller, params.id!, input.why)).map(showTask),
    }),
  ),
  route('POST', '/v1/tasks/:id/retry', none, async ({ app, caller, params }) => ({
    task: showTask(await app.tasks.retry(caller, params.id!)),
  })),
  route(
    'POST',
    '/v1/choose',
    z.strictObject({ needs: z.array(capability).max(20).default([]), agency: name.optional() }),
    async ({ app, input }) => ({ choices: (await app.chooser.rank(input.needs, input.agency)).map(showChoice) }),
  ),
]
