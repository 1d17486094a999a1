/** What whoever has a task may say of it: the same at every door, so that none takes in what another refuses. */
import { z } from 'zod'

const words = z.string().min(1).max(100_000)

export const doneFields = {
  summary: words,
  commits: z
    .array(z.string().regex(/^[0-9a-f]{7,64}$/, 'a commit is named by 7 to 64 hex digits'))
    .max(1000)
    .default([]),
  files: z.array(z.string().min(1).max(200)).max(1000).default([]),
  artifacts: z.array(z.string().max(1000)).max(1000).default([]),
  tests: z.strictObject({ passed: z.number().int().min(0), failed: z.number().int().min(0) }).optional(),
}

export const whyFields = { why: words }
