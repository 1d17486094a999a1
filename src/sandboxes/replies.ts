/** Reads what a warden says. It may be the code under test that speaks on its socket, so anything may come. */
import { z } from 'zod'
import { parseJson } from '../kernel/json.ts'
import type { WardenReply } from '../model/warden.ts'

const replySchema = z.union([
  z.object({ out: z.string() }),
  z.object({
    done: z.object({
      status: z.number().int().optional(),
      ended: z.string().max(1_000).optional(),
      seconds: z.number(),
      isLost: z.literal(true).optional(),
    }),
  }),
  z.object({
    status: z.object({
      app: z.enum(['none', 'running', 'ended']),
      exit: z.number().int().optional(),
      startedAt: z.number().optional(),
    }),
  }),
  z.object({ error: z.string() }),
])

/** Undefined when it is no reply. */
export function readReply(line: string): WardenReply | undefined {
  const parsed = parseJson(line)
  return parsed.ok ? replySchema.safeParse(parsed.value).data : undefined
}
