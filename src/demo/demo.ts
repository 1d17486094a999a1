import type { Context, Result } from '../cli/verb.ts'

export async function runDemo(_context: Context, _options: Readonly<Record<string, unknown>>): Promise<Result> {
  return {}
}
