/** Routes of sandboxes: deployed, tested, looked into, taken away. */
import { z } from 'zod'
import type { Sandbox } from '../../model/sandbox.ts'
import { flag, none, type Route, route } from '../route.ts'

const named = z.string().min(1).max(200)
const MOST_LOG_BYTES = 2_000_000

export const sandboxRoutes: readonly Route[] = [
  route(
    'POST',
    '/v1/sandboxes',
    z.strictObject({
      agency: named,
      commit: z.string().min(1).max(400),
      title: z.string().max(200).optional(),
      /** run: and wait for them. start: in the background. */
      tests: z.enum(['run', 'start', 'none']).default('start'),
    }),
    async ({ app, caller, input, signal, emit }) => {
      const { tests, title, ...order } = input
      const tell = (progress: string) => void emit({ progress })
      const deployed = await app.sandboxes.deploy(
        caller,
        { ...order, ...(title === undefined ? {} : { title }) },
        tell,
        signal,
      )
      const { test } = deployed.plan
      if (tests === 'none' || !test) return showSandbox(deployed)
      if (tests === 'start') {
        app.sandboxes.startTests(deployed.id)
        return { ...showSandbox(deployed), state: 'testing' }
      }
      tell(`running its tests: ${test}`)
      await app.sandboxes.runTests(deployed.id, signal)
      return showSandbox(await app.sandboxes.look(deployed.id))
    },
  ),
  route('GET', '/v1/sandboxes', z.object({ all: flag.default(false) }), async ({ app, input }) => ({
    sandboxes: (await app.sandboxes.list({ includeDestroyed: input.all })).map(showSandbox),
  })),
  route('GET', '/v1/sandboxes/:id', none, async ({ app, params }) => showSandbox(await app.sandboxes.look(params.id!))),
  route('POST', '/v1/sandboxes/:id/test', none, async ({ app, caller, params, signal, emit }) => {
    const { id, plan } = await app.sandboxes.look(params.id!)
    await app.sandboxes.mayTest(caller, id)
    void emit({ progress: `running its tests: ${plan.test ?? ''}` })
    await app.sandboxes.runTests(id, signal)
    return showSandbox(await app.sandboxes.look(id))
  }),
  route('POST', '/v1/sandboxes/:id/stage', none, async ({ app, caller, params, emit }) => {
    await app.sandboxes.mayTest(caller, params.id!)
    return showSandbox(await app.sandboxes.keepStaged(params.id!, progress => void emit({ progress })))
  }),
  route('POST', '/v1/sandboxes/:id/wake', none, async ({ app, caller, params, emit }) => {
    await app.sandboxes.mayTest(caller, params.id!)
    return showSandbox(await app.sandboxes.wake(params.id!, progress => void emit({ progress })))
  }),
  route(
    'GET',
    '/v1/sandboxes/:id/logs',
    z.object({
      log: z.enum(['app', 'tests', 'mocks', 'seed', 'setup']).default('app'),
      bytes: z.coerce.number().int().min(1).max(MOST_LOG_BYTES).default(64_000),
    }),
    async ({ app, params, input }) => ({
      log: input.log,
      text: await app.sandboxes.log(params.id!, input.log, input.bytes),
    }),
  ),
  route(
    'POST',
    '/v1/sandboxes/:id/exec',
    z.strictObject({
      argv: z.array(z.string()).min(1).max(1_000),
      timeoutMs: z.number().min(0).max(86_400_000).default(600_000),
    }),
    async ({ app, caller, params, input, signal, emit }) => {
      const out = (chunk: Buffer) => void emit({ out: chunk.toString('base64') })
      return app.sandboxes.exec(caller, params.id!, input, { out, signal })
    },
  ),
  route('DELETE', '/v1/sandboxes/:id', none, async ({ app, caller, params }) =>
    showSandbox(await app.sandboxes.destroy(caller, params.id!)),
  ),
  route('POST', '/v1/sandboxes/leftovers', none, async ({ app, caller }) => {
    const { halfDone, ...rest } = await app.sandboxes.removeLeftovers(caller)
    return { removed: halfDone.map(({ slug }) => slug), ...rest }
  }),
]

export function showSandbox({ since, createdAt, ...sandbox }: Sandbox) {
  return { ...sandbox, since: new Date(since).toISOString(), createdAt: new Date(createdAt).toISOString() }
}
