/** Routes of single agents: their dialogs, what their hooks tell, the programs they are. */
import { z } from 'zod'
import { none, type Route, route } from '../route.ts'
import { showAgency, showAtAGlance } from '../shapes.ts'

const hookInput = z.strictObject({ event: z.string().regex(/^[A-Za-z]{1,64}$/), payload: z.unknown() })
export type HookInput = z.infer<typeof hookInput>
export const hookRoute = route('POST', '/v1/hook', hookInput, async ({ app, caller, input }) => {
  await app.hooks.take(caller, input.event, input.payload)
  return {}
})

export const agentRoutes: readonly Route[] = [
  route('GET', '/v1/explain', z.object({ agent: z.string().min(1) }), async ({ app, input }) => {
    const explained = await app.standing.explain(input.agent)
    if (!('waiting' in explained)) return { ...explained, agency: showAgency(explained.agency) }
    return { ...explained, waiting: explained.waiting.map(showAtAGlance) }
  }),
  route('GET', '/v1/dialog', z.object({ agent: z.string().min(1) }), ({ app, input }) => app.dialogs.of(input.agent)),
  route(
    'POST',
    '/v1/dialog',
    z.strictObject({ agent: z.string().min(1), choice: z.string().min(1).max(200) }),
    ({ app, caller, input }) => app.dialogs.answer(caller, input.agent, input.choice),
  ),
  route('GET', '/v1/drivers', none, async ({ app }) => ({ drivers: await app.drivers.list() })),
  route('GET', '/v1/drivers/:name', none, ({ app, params }) => app.drivers.show(params.name!)),
  route(
    'POST',
    '/v1/drivers/:name/test',
    z.strictObject({ seconds: z.number().min(1).max(600).default(30), args: z.array(z.string()).default([]) }),
    ({ app, caller, params, input, signal, emit }) =>
      app.drivers.test(caller, params.name!, { ...input, signal, tell: line => void emit(line) }),
  ),
  hookRoute,
]
