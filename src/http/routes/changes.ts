/** The route of screens that are open: what changed, as a line of the stream for each time that something did. */
import { z } from 'zod'
import { CHANGE_KINDS, type Change } from '../../app.ts'
import { type Route, route } from '../route.ts'

const kinds = z
  .string()
  .default(CHANGE_KINDS.join(','))
  .transform(text => text.split(','))
  .pipe(z.array(z.enum(CHANGE_KINDS)))

export const changeRoutes: readonly Route[] = [
  /** The first line is empty of changes: whoever reads it looks at everything once, and misses nothing after. */
  route('GET', '/v1/changes', z.strictObject({ kinds }), async ({ app, input, signal, emit }) => {
    for await (const changes of app.changes.follow(input.kinds, signal))
      await emit({ changes } satisfies { changes: readonly Change[] })
    return undefined
  }),
]
