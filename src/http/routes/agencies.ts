/** Routes of the workspace and its agencies: what they are doing, and their life. */
import { z } from 'zod'
import { AgencyError } from '../../kernel/errors.ts'
import { flag, none, type Route, route, targetInput } from '../route.ts'
import { showAgency } from '../shapes.ts'

const lifeInput = targetInput.extend({ why: z.string().trim().max(500).default('') })

export const agencyRoutes: readonly Route[] = [
  route('GET', '/v1/status', none, async ({ app }) => ({
    daemon: {
      pid: process.pid,
      version: app.version,
      workspace: app.workspaceRoot,
      uptimeMs: Math.round(process.uptime() * 1000),
    },
    agencies: (await app.standing.status()).map(showAgency),
  })),
  route(
    'GET',
    '/v1/find',
    z.object({ capabilities: z.string().max(2000).optional(), any: flag.default(false), free: flag.default(false) }),
    async ({ app, input }) => {
      const words = (input.capabilities ?? '').split(',').map(word => word.trim().toLowerCase())
      const search = { capabilities: words.filter(Boolean), isAny: input.any, isFree: input.free }
      const isSearch = input.capabilities !== undefined
      if (isSearch && search.capabilities.length === 0)
        throw new AgencyError('USAGE', 'no capability is named', { hint: 'agency find --capability backend' })
      return { agencies: isSearch ? await app.finder.find(search) : await app.finder.everybody() }
    },
  ),
  route('GET', '/v1/doctor', none, ({ app }) => app.standing.doctor()),
  route(
    'POST',
    '/v1/agencies',
    z.strictObject({
      name: z.string().max(400),
      cwd: z.string(),
      template: z.string().optional(),
      agents: z.array(z.string()).optional(),
      coordinator: z.string().optional(),
      capabilities: z.array(z.string()).optional(),
      drivers: z.array(z.string()).optional(),
      repo: z.string().optional(),
    }),
    ({ app, caller, input, emit }) => app.life.create(caller, input, step => void emit({ progress: step })),
  ),
  route('DELETE', '/v1/agencies/:name', none, ({ app, caller, params, emit }) =>
    app.life.remove(caller, params.name!, step => void emit({ progress: step })),
  ),
  ...(['start', 'stop', 'restart'] as const).map(verb =>
    route('POST', `/v1/${verb}`, lifeInput, async ({ app, caller, input, emit }) => {
      const progress = (step: string) => void emit({ progress: step })
      await app.life[verb](caller, input.target, { why: input.why, progress })
      return { target: input.target, done: verb }
    }),
  ),
  ...(['pause', 'resume', 'drain'] as const).map(verb =>
    route('POST', `/v1/${verb}`, lifeInput, async ({ app, caller, input }) => {
      const agents = await app.life[verb](caller, input.target, { why: input.why, progress: () => undefined })
      return { target: input.target, done: verb, agents }
    }),
  ),
  route('POST', '/v1/up', z.strictObject({ target: z.string().optional() }), async ({ app, caller, input, emit }) => ({
    agencies: await app.life.up(caller, input.target, step => void emit({ progress: step })),
  })),
  route('POST', '/v1/down', none, async ({ app, caller, emit }) => ({
    agencies: await app.life.down(
      caller,
      step => void emit({ progress: step }),
      () => app.sandboxes.restAll(),
    ),
  })),
]
