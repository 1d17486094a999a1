/** Routes for whoever watches: everything at a glance, and an agent's screen. */
import { z } from 'zod'
import { OVERVIEW_PARTS, type Overview } from '../../app.ts'
import { BUCKET_MS, lastMinute } from '../../model/flow.ts'
import { priorityName } from '../../model/message.ts'
import { type Route, route } from '../route.ts'
import { showAgency, showUnit } from '../shapes.ts'

const parts = z
  .string()
  .default(OVERVIEW_PARTS.join(','))
  .transform(text => text.split(','))
  .pipe(z.array(z.enum(OVERVIEW_PARTS)))

export const overviewRoutes: readonly Route[] = [
  route('GET', '/v1/overview', z.strictObject({ parts }), async ({ app, input }) => ({
    at: iso(Date.now()),
    workspace: app.workspaceRoot,
    ...showSight(await app.overview.see(new Set(input.parts))),
  })),
  route(
    'GET',
    '/v1/pane',
    z.strictObject({ agent: z.string().min(1).max(200) }),
    async ({ app, caller, input, signal, emit }) => {
      for await (const view of app.panes.follow(caller, input.agent, signal)) await emit(view)
      return undefined
    },
  ),
]

function showSight({ agencies, tasks, messages, flow, events, ...rest }: Awaited<ReturnType<Overview['see']>>) {
  return {
    ...rest,
    ...(agencies && { agencies: agencies.map(showAgency) }),
    ...(tasks && {
      tasks: tasks.map(({ since, priority, ...task }) => ({
        ...task,
        since: iso(since),
        priority: priorityName(priority),
      })),
    }),
    ...(messages && { messages: messages.map(({ at, ...message }) => ({ ...message, at: iso(at) })) }),
    ...(flow && { flow: { bucketSeconds: BUCKET_MS / 1000, counts: flow.counts, lastMinute: lastMinute(flow) } }),
    ...(events && {
      events: events.map(unit => {
        const { seq, at, type, subject, context, words } = showUnit(unit)
        return { seq, at, type, subject, context, ...words }
      }),
    }),
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
