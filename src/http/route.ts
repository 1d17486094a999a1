/** What a route is: method, path, what it takes, what it does; and the shapes that several of them take. */
import { z } from 'zod'
import type { App } from '../app.ts'

export interface Call<Input> {
  readonly app: App
  /** Owner of the token. */
  readonly caller: string
  readonly params: Readonly<Record<string, string>>
  readonly input: Input
  readonly signal: AbortSignal
  /** Writes one line of a stream, or one step of something long. */
  readonly emit: (line: unknown) => Promise<void>
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly input: z.ZodType
  readonly run: (call: Call<never>) => Promise<unknown>
}

export function route<S extends z.ZodType>(
  method: Route['method'],
  path: string,
  input: S,
  run: (call: Call<z.infer<S>>) => Promise<unknown>,
): Route {
  return { method, path, input, run: run as Route['run'] }
}

export const none = z.object({}).loose()
export const flag = z.union([
  z.boolean(),
  z.enum(['1', 'true', '0', 'false']).transform(text => text === '1' || text === 'true'),
])
export const timeoutMs = z.coerce.number().min(0).max(86_400_000).default(30_000)

export const targetInput = z.strictObject({ target: z.string().min(1).max(200) })
