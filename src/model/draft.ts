/** What a sender may say of a message: the same at every door, so that none takes in what another refuses. */
import { z } from 'zod'
import { PRIORITY_NAMES, WHILE_BUSY } from './message.ts'

export const contentFields = {
  body: z.string().optional(),
  payload: z.unknown().optional(),
  type: z.string().max(40).optional(),
  priority: z.enum(PRIORITY_NAMES).optional(),
  /** Seconds. */
  ttl: z.number().positive().max(31_536_000).optional(),
  idempotencyKey: z.string().min(1).max(200).optional(),
  ack: z.boolean().optional(),
  whileBusy: z.enum(WHILE_BUSY).optional(),
}

export const draftFields = {
  ...contentFields,
  to: z.string().min(1).max(300),
  from: z.string().max(300).optional(),
  replyTo: z.string().max(40).optional(),
  nudge: z.boolean().optional(),
  isBroadcast: z.boolean().optional(),
}
