/** What the screen is told of submissions, with those facts that only some of them have. */
import type { StoryDocument, SubmissionDocument } from '../../../cli/approvals/show.ts'
import type { MessageDocument, TaskStoryDocument } from '../../../cli/documents.ts'
import type { DiffFile } from '../../diff/parse.ts'

export type Submission = SubmissionDocument & {
  readonly risks?: readonly string[]
  readonly notes?: readonly string[]
  readonly preview?: string
  readonly recording?: string
}
export type Run = Submission['tests'][number] & {
  readonly ended?: string
  readonly failures?: readonly { readonly name: string; readonly message: string }[]
}
export type Story = StoryDocument
export type Message = MessageDocument
export type TaskStory = TaskStoryDocument

export interface Diff {
  readonly files: readonly DiffFile[]
  /** The daemon gives the first 20 MB. */
  readonly isCut: boolean
}

export function shortId({ id }: { readonly id: string }): string {
  return id.slice(-8)
}

export function risksOf({ risks, change }: Submission): readonly string[] {
  return risks ?? change?.facts.risks ?? []
}

/** What can be looked at: an address, or a recording of the terminal. */
export function demoOf({ preview, demo, recording }: Submission): string | undefined {
  return preview ?? demo ?? recording
}

export function waits({ state }: Submission): boolean {
  return state === 'waiting' || state === 'held'
}
