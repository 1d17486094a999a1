/** How finished work can be seen: its program where it answers now, else the recording of its tests. */
import { readFile } from 'node:fs/promises'
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import { recordingOf } from '../model/changeFacts.ts'
import { isOver, type Submission } from '../model/submission.ts'
import type { SubmissionParts } from './parts.ts'

export interface Demo {
  readonly preview: string | undefined
  /** A file. */
  readonly recording: string | undefined
  /** What its author names; nobody has looked at it. */
  readonly named: string | undefined
}

/** A preview that rests is woken. AgencyError('CONFLICT') when there is nothing to see. */
export async function demoOf({ testPlace }: Pick<SubmissionParts, 'testPlace'>, submission: Submission): Promise<Demo> {
  const preview = isOver(submission) ? undefined : await testPlace.preview(submission.id)
  const recording = recordingOf(submission)
  const { demo: named, id } = submission
  if (preview !== undefined || recording !== undefined || named !== undefined) return { preview, recording, named }
  throw new AgencyError('CONFLICT', `${shortId(id)} has no demo: nothing of it was run`, {
    hint: `agency approvals diff ${shortId(id)}`,
  })
}

/** AgencyError('NOT_FOUND') when there is none, or none any more. */
export async function readRecording(submission: Submission): Promise<{ file: string; text: string }> {
  const file = recordingOf(submission)
  const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '')
  if (file !== undefined && text !== '') return { file, text }
  const short = shortId(submission.id)
  throw new AgencyError('NOT_FOUND', `${short} has no recording${file ? ' any more' : ''}`, {
    hint: `agency approvals show ${short}`,
  })
}
