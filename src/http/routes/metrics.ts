/** The route of the measures, for people and programs; Prometheus has one of its own. */
import { z } from 'zod'
import { flag, none, type Route, route } from '../route.ts'

const WEEK_MS = 7 * 86_400_000

export const metricsRoutes: readonly Route[] = [
  route(
    'GET',
    '/v1/metrics',
    z.object({
      target: z.string().min(1).max(200).optional(),
      sinceMs: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
      byDay: flag.default(false),
    }),
    async ({ app, input }) => {
      const { target, sinceMs = Date.now() - WEEK_MS, byDay } = input
      const { since, until, ...report } = await app.measures.report({ target, sinceMs, isByDay: byDay })
      return { since: new Date(since).toISOString(), until: new Date(until).toISOString(), ...report }
    },
  ),
  route('GET', '/v1/metrics/exposition', none, async ({ app }) => ({ text: (await app.exposition()).text })),
]
