/** A file of the outbox as its author writes it: a message, an answer, or what is said of a task. */
import { z } from 'zod'
import { AgencyError } from '../kernel/errors.ts'
import { isObject } from '../kernel/json.ts'
import { draftFields } from '../model/draft.ts'
import { doneFields, whyFields } from '../model/taskWords.ts'

const ownFields = { id: z.string(), token: z.string().max(200).optional() }

const messageFile = z
  // Whom an answer goes to, what it answers says: its author may know only that.
  .strictObject({ ...ownFields, ...draftFields, to: draftFields.to.optional() })
  .refine(({ to, replyTo }) => to !== undefined || replyTo !== undefined, {
    path: ['to'],
    message: 'it is missing, and so is replyTo',
  })

const ENDINGS = ['done', 'block', 'fail'] as const
const taskFile = z
  .strictObject({
    ...ownFields,
    task: z.string().min(1).max(200),
    done: z.strictObject(doneFields).optional(),
    block: z.strictObject(whyFields).optional(),
    fail: z.strictObject(whyFields).optional(),
  })
  .refine(file => ENDINGS.filter(ending => file[ending] !== undefined).length === 1, {
    path: ['task'],
    message: `one of ${ENDINGS.join(', ')} is said of it`,
  })

export type LeftMessage = z.infer<typeof messageFile>
export type LeftTaskWords = z.infer<typeof taskFile>

/** AgencyError('BAD_MESSAGE') for anything that is none of them. */
export function readLeft(value: unknown): LeftMessage | LeftTaskWords {
  const result = (isObject(value) && 'task' in value ? taskFile : messageFile).safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new AgencyError('BAD_MESSAGE', `${issue.path.join('.') || 'top'}: ${issue.message}`)
}
