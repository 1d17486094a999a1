/** What the monitor knows of the workspace: documents of the daemon, each part as new as its last answer. */
import type { AgencyDocument, AgentDocument } from '../../../cli/documents.ts'

export interface TaskRow {
  readonly id: string
  readonly label: string
  readonly title: string
  readonly state: string
  readonly since: string
  readonly priority: string
  readonly agency?: string
  readonly assignee?: string
  readonly claimant?: string
  readonly reason?: string
}

export interface ApprovalRow {
  readonly id: string
  readonly agency: string
  readonly author: string
  readonly title: string
  readonly state: string
  readonly since: string
  readonly branch: string | null
  readonly tests: { readonly passed: number; readonly failed: number } | null
  readonly files: number
  readonly insertions: number
  readonly deletions: number
  readonly expiresAt: string | null
}

export interface MessageRow {
  readonly id: string
  readonly at: string
  readonly from: string
  readonly to: string
  readonly type: string
  readonly state: string
  readonly excerpt: string
}

export interface EventRow {
  readonly seq: number
  readonly at: string
  readonly type: string
  readonly subject: string
  readonly context: string
  readonly who: string
  readonly what: string
  readonly why: string
}

export interface FlowDocument {
  readonly bucketSeconds: number
  readonly counts: readonly number[]
  readonly lastMinute: number
}

export interface Data {
  readonly workspace: string
  readonly agencies: readonly AgencyDocument[]
  readonly unheard: number
  readonly queues: Readonly<Record<string, number>>
  readonly tasks: readonly TaskRow[]
  readonly approvals: readonly ApprovalRow[]
  readonly messages: readonly MessageRow[]
  readonly flow: FlowDocument
  readonly events: readonly EventRow[]
}

export type OverviewDocument = Partial<Data> & Pick<Data, 'workspace'>

const NOTHING: Omit<Data, 'workspace'> = {
  agencies: [],
  unheard: 0,
  queues: {},
  tasks: [],
  approvals: [],
  messages: [],
  flow: { bucketSeconds: 10, counts: [], lastMinute: 0 },
  events: [],
}

/** What an answer does not speak of stays as it was. */
export function merged(data: Data | undefined, news: OverviewDocument): Data {
  return { ...NOTHING, ...data, ...news }
}

export const PARTS = ['agents', 'queues', 'tasks', 'approvals', 'messages', 'events'] as const
export type Part = (typeof PARTS)[number]

const PARTS_OF: Readonly<Record<string, readonly Part[]>> = {
  agency: ['agents', 'events'],
  agent: ['agents', 'events'],
  message: ['queues', 'messages'],
  task: ['tasks', 'events'],
  submission: ['approvals', 'events'],
  lock: ['events'],
}

/** What to ask for again when these kinds of things have changed. */
export function partsOf(kinds: readonly string[]): readonly Part[] {
  const wanted = new Set(kinds.flatMap(kind => PARTS_OF[kind] ?? []))
  return PARTS.filter(part => wanted.has(part))
}

export function agentOf(data: Data | undefined, address: string): AgentDocument | undefined {
  const agency = agencyOf(data, address)
  return agency?.agents.find(agent => agent.address === address)
}

export function agencyOf(data: Data | undefined, target: string): AgencyDocument | undefined {
  const name = target.split('/')[0]
  return data?.agencies.find(agency => agency.name === name)
}

export function isOf(agency: string, ...names: readonly (string | null | undefined)[]): boolean {
  return names.some(name => name === agency || name?.startsWith(`${agency}/`))
}
