/** Outside services as files tell them: routes with a fixed answer each, and which of them a request means. */
import { z } from 'zod'

const routeSchema = z.strictObject({
  method: z
    .string()
    .regex(/^[A-Za-z]+$/)
    .transform(method => method.toUpperCase())
    .default('GET'),
  /** `/users/:id` takes any one part, `/files/*` everything below. */
  path: z.string().startsWith('/'),
  status: z.number().int().min(100).max(599).default(200),
  headers: z.record(z.string(), z.string()).default({}),
  /** Text as it is; anything else as JSON. `{id}` in it is the part that `:id` took. */
  body: z.json().optional(),
  /** Seconds before the answer. */
  delay: z.number().min(0).max(600).default(0),
})
export type MockRoute = z.infer<typeof routeSchema>

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)

/** A list of routes, or with the names of the variables that are to hold the address of these mocks. */
export const mockFileSchema = z.union([
  z.array(routeSchema).transform(routes => ({ env: [] as string[], routes })),
  z.strictObject({
    env: z
      .union([name.transform(one => [one]), z.array(name)])
      .default([])
      .describe('variables that hold the address, beside MOCK_URL'),
    routes: z.array(routeSchema),
  }),
])

export interface MockMatch {
  readonly route: MockRoute
  readonly params: Readonly<Record<string, string>>
}

/** The first that fits, in the order of the files; undefined when none does. */
export function findMock(routes: readonly MockRoute[], method: string, path: string): MockMatch | undefined {
  for (const route of routes) {
    if (route.method !== method && !(method === 'HEAD' && route.method === 'GET')) continue
    const params = matchPath(route.path, path)
    if (params) return { route, params }
  }
  return undefined
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    if (part === '*' && index === wanted.length - 1) return params
    const value = given[index]
    if (value === undefined) return undefined
    if (part.startsWith(':')) params[part.slice(1)] = decode(value)
    else if (part !== value) return undefined
  }
  return given.length === wanted.length ? params : undefined
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

export function mockBody({ route, params }: MockMatch): { readonly text: string; readonly type: string } {
  const { body } = route
  const isText = typeof body === 'string'
  const text = body === undefined ? '' : isText ? body : JSON.stringify(body)
  return {
    text: text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in params ? escaped(params[key]!, isText) : whole)),
    type: isText ? 'text/plain; charset=utf-8' : 'application/json',
  }
}

function escaped(value: string, isText: boolean): string {
  return isText ? value : JSON.stringify(value).slice(1, -1)
}
