/** Where somebody is in the monitor: the lists of everything or of one agency, an agent, a message, a task. */
import type { TaskStoryDocument, TraceDocument } from '../../../cli/documents.ts'
import type { StyledRun } from '../../../model/styledText.ts'
import { AT_TOP, type Scroll } from '../../scroll.ts'

export const LIST_NAMES = ['agents', 'tasks', 'approvals', 'messages', 'events'] as const
export type ListName = (typeof LIST_NAMES)[number]

export interface ListState {
  readonly scroll: Scroll
  /** Key of the chosen row, which stays chosen while others come and go around it. */
  readonly key: string | undefined
  readonly filter: string
}

export interface Lists {
  readonly at: 'lists'
  /** Of one agency alone. */
  readonly scope: string | undefined
  readonly focus: ListName
  /** What is shown beside the agents where there is room for one. */
  readonly beside: ListName
  readonly lists: Readonly<Record<ListName, ListState>>
}

export interface PaneDocument {
  readonly pane?: string
  readonly columns: number
  readonly rows: number
  readonly lines: readonly (readonly StyledRun[])[]
  readonly why?: string
}

export interface AgentPlace {
  readonly at: 'agent'
  readonly address: string
  readonly pane: PaneDocument | undefined
}

export interface StoryPlace {
  readonly at: 'message' | 'task'
  readonly id: string
  readonly message?: TraceDocument
  readonly task?: TaskStoryDocument
  /** Why it cannot be shown. */
  readonly why?: string
  readonly top: number
}

export type Place = Lists | AgentPlace | StoryPlace

/** Where a row leads. */
export type Target =
  | { readonly to: 'agency'; readonly name: string }
  | { readonly to: 'agent'; readonly address: string }
  | { readonly to: 'message' | 'task'; readonly id: string }
  /** On a screen of its own. */
  | { readonly to: 'approval'; readonly id: string }

const FRESH: ListState = { scroll: AT_TOP, key: undefined, filter: '' }

export function listsOf(scope: string | undefined): Lists {
  const lists = Object.fromEntries(LIST_NAMES.map(name => [name, FRESH])) as Lists['lists']
  return { at: 'lists', scope, focus: 'agents', beside: 'messages', lists }
}

export function placeAt(target: Exclude<Target, { to: 'approval' }>): Place {
  if (target.to === 'agency') return listsOf(target.name)
  if (target.to === 'agent') return { at: 'agent', address: target.address, pane: undefined }
  return { at: target.to, id: target.id, top: 0 }
}
