/** What the screen is told of submissions, in its own words. */
import type { StoryDocument, SubmissionDocument } from '../../../cli/approvals/show.ts'
import type { MessageDocument, TaskStoryDocument } from '../../../cli/documents.ts'
import type { DiffFile } from '../../diff/parse.ts'

export type Submission = SubmissionDocument
export type Run = Submission['tests'][number]
export type Story = StoryDocument
export type Message = MessageDocument
export type TaskStory = TaskStoryDocument

export interface Demo {
  readonly preview?: string
  readonly recording?: string
  readonly named?: string
}

export interface Diff {
  readonly files: readonly DiffFile[]
  /** The daemon gives the first 20 MB. */
  readonly isCut: boolean
}

export function shortId({ id }: { readonly id: string }): string {
  return id.slice(-8)
}

/** What can be looked at: an address, or a recording of the terminal. */
export function demoOf({ preview, demo, recording }: Submission): string | undefined {
  return preview ?? demo ?? recording
}

export function waits({ state }: Submission): boolean {
  return state === 'waiting' || state === 'held'
}
