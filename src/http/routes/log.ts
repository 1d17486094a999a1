/** The route of the audit: the last units that match, all of them, or each as it comes. */
import { z } from 'zod'
import { UNIT_TYPES } from '../../model/unit.ts'
import { flag, type Route, route } from '../route.ts'
import { showUnit } from '../shapes.ts'

const words = z.string().min(1).max(1000).optional()
const time = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional()

export const logRoutes: readonly Route[] = [
  route(
    'GET',
    '/v1/log',
    z.strictObject({
      agent: words,
      agency: words,
      type: z.enum(UNIT_TYPES).optional(),
      subject: words,
      task: words,
      text: words,
      sinceMs: time,
      untilMs: time,
      limit: z.coerce.number().int().min(0).max(10_000).default(50),
      /** Each unit as it comes, as a line of its own. */
      follow: flag.optional(),
      /** Everything that matches, each unit as a line of its own. */
      all: flag.optional(),
    }),
    async ({ app, input, signal, emit }) => {
      const { limit, follow, all, ...query } = input
      const filter = await app.audit.filterOf(query)
      if (!follow && !all) return { units: (await app.audit.last(filter, limit)).map(showUnit) }
      const units = follow ? app.audit.follow(filter, limit, signal) : app.audit.all(filter, signal)
      for await (const unit of units) await emit(showUnit(unit))
      return undefined
    },
  ),
]
