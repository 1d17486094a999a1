/** What a sandbox looks like in words. */
import { attachLine } from '../../model/attachLine.ts'
import { oneLine } from '../../model/sanitize.ts'
import { age, columns, cut, paint, type Style } from '../text.ts'
import type { Result } from '../verb.ts'

interface OutcomeDocument {
  readonly status?: number
  readonly ended?: string
  readonly seconds: number
  readonly log: string
  readonly passed?: number
  readonly failed?: number
  readonly skipped?: number
  readonly failures: readonly { readonly name: string; readonly message: string }[]
  readonly coverage?: number
}

export interface SandboxDocument {
  readonly id: string
  readonly slug: string
  readonly agency: string
  readonly commit: string
  readonly branch?: string
  readonly state: string
  readonly since: string
  readonly reason?: string
  readonly place: string
  readonly isResting?: boolean
  readonly folder: string
  readonly session: string
  readonly url?: string
  readonly isolation: string
  readonly plan: { readonly test?: string; readonly app?: string }
  readonly outcome?: OutcomeDocument
  readonly notes: readonly string[]
}

/** One a row. */
export function table(sandboxes: readonly SandboxDocument[]): string {
  const head = ['sandbox', 'state', 'agency', 'commit', 'tests', 'preview', 'isolation', 'since'].map(word =>
    paint('gray', word),
  )
  const rows = sandboxes.map(sandbox => [
    paint('bold', sandbox.slug),
    shownState(sandbox),
    sandbox.agency,
    sandbox.commit.slice(0, 10),
    sandbox.outcome ? counts(sandbox.outcome) : '',
    sandbox.url ?? '',
    sandbox.isolation,
    age(sandbox.since),
  ])
  const lines = columns([head, ...rows]).split('\n')
  return lines.map(line => cut(line)).join('\n')
}

/** `socket` names the tmux server that its session is in. */
export function details(sandbox: SandboxDocument, socket: string | undefined): string {
  const { slug, outcome } = sandbox
  const rows = [
    [paint('bold', slug), shownState(sandbox)],
    ['commit', `${sandbox.commit.slice(0, 10)}${sandbox.branch ? `  ${sandbox.branch}` : ''}`],
    ...(sandbox.url ? [['preview', sandbox.url]] : []),
    ['folder', sandbox.folder],
    ['session', attachLine(sandbox.session, socket)],
    ['isolation', sandbox.isolation],
    ...(outcome
      ? [['tests', `${counts(outcome)} in ${outcome.seconds} s${outcome.ended ? `: ${outcome.ended}` : ''}`]]
      : []),
    ...(outcome?.failures ?? [])
      .slice(0, 10)
      .map(({ name, message }) => ['', paint('red', oneLine(`✖ ${name}  ${message}`, 160))]),
    ...sandbox.notes.map(note => ['note', oneLine(note, 300)]),
  ]
  const next = ['testing', 'failed'].includes(sandbox.state)
    ? `agency sandbox logs ${slug} tests`
    : `agency sandbox destroy ${slug}`
  return `${columns(rows)}\nnext   ${next}`
}

const STYLE: Readonly<Record<string, Style>> = {
  ...{ running: 'green', passed: 'green', testing: 'cyan', preparing: 'cyan', starting: 'cyan' },
  ...{ failed: 'red', down: 'red', destroying: 'gray', destroyed: 'gray' },
}

function shownState({ state, place, reason, isResting }: SandboxDocument): string {
  const where = `${place === 'staging' ? ', staged' : ''}${isResting ? ', resting' : ''}`
  return paint(STYLE[state] ?? 'reset', `${state}${where}${reason ? `: ${oneLine(reason, 60)}` : ''}`)
}

function counts({ status, passed, failed, skipped, coverage }: OutcomeDocument): string {
  const how =
    passed === undefined
      ? status === undefined
        ? 'not finished'
        : `status ${status}`
      : `${passed} passed, ${failed ?? 0} failed`
  const more = [skipped ? `${skipped} skipped` : '', coverage === undefined ? '' : `${coverage} % covered`].filter(
    Boolean,
  )
  return [how, ...more].join(', ')
}

export interface LeftoversDocument {
  readonly removed: readonly string[]
  readonly homes: readonly string[]
  readonly sessions: readonly string[]
  readonly folders: readonly string[]
}

export function leftovers(data: LeftoversDocument): Result {
  const gone = [...data.removed, ...data.homes, ...data.sessions].map(name => `${paint('green', 'removed')}  ${name}`)
  const left = data.folders.map(folder => `${paint('yellow', 'left')}     ${folder}: no sandbox that is known`)
  return { data, text: [...gone, ...left].join('\n') || 'nothing is left of sandboxes that are gone' }
}
