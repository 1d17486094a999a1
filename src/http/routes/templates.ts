/** Routes of the templates that agencies are made from. */
import { z } from 'zod'
import { none, type Route, route } from '../route.ts'

export const templateRoutes: readonly Route[] = [
  route('GET', '/v1/templates', none, async ({ app }) => ({ templates: await app.templates.list() })),
  route('GET', '/v1/templates/:name', none, ({ app, params }) => app.templates.show(params.name!)),
  route(
    'POST',
    '/v1/templates',
    z.strictObject({ name: z.string().max(400), from: z.string().min(1).max(4000), cwd: z.string() }),
    ({ app, caller, input }) => app.templates.make(caller, input.name, input),
  ),
  route(
    'POST',
    '/v1/templates/check',
    z.strictObject({ target: z.string().min(1).max(4000).optional(), cwd: z.string() }),
    async ({ app, caller, input }) => ({ templates: await app.templates.check(caller, input.target, input.cwd) }),
  ),
]
