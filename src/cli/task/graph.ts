/** Tasks and what they depend on, drawn for a terminal, for Mermaid, and for Graphviz. */
import { oneLine } from '../../model/sanitize.ts'
import type { TaskDocument } from '../documents.ts'
import { cut, paint, state } from '../text.ts'
import { who } from './show.ts'

/** A chain that is longer is drawn no further to the right. */
const MOST_LEAD = 36

export function drawGraph(tasks: readonly TaskDocument[], format: string): string {
  if (format === 'mermaid') return mermaid(tasks)
  return format === 'dot' ? dot(tasks) : tree(tasks)
}

/**
 * Each task once, under the last of the tasks that it waits for, with the others named behind it; a part that waits for
 * none stands under the task that it is a part of.
 */
function tree(tasks: readonly TaskDocument[]): string {
  const known = new Map(tasks.map(task => [task.id, task]))
  const order = new Map(tasks.map((task, index) => [task.id, index]))
  const above = (task: TaskDocument): string | undefined =>
    task.dependsOn
      .map(({ task: on }) => on)
      .filter(on => known.has(on))
      .sort((a, b) => order.get(a)! - order.get(b)!)
      .at(-1) ?? (task.parent !== undefined && known.has(task.parent) ? task.parent : undefined)
  const under = new Map<string | undefined, TaskDocument[]>()
  for (const task of tasks) {
    const siblings = under.get(above(task))
    if (siblings) siblings.push(task)
    else under.set(above(task), [task])
  }
  const lines: string[] = []
  const open = (under.get(undefined) ?? []).map(task => ({ task, lead: '', branch: '', next: '' })).reverse()
  // No recursion: a chain may have thousands of tasks.
  for (let at = open.pop(); at; at = open.pop()) {
    const { task, lead, branch, next } = at
    lines.push(cut(`${lead}${branch}${line(task, above(task), known)}`))
    const children = under.get(task.id) ?? []
    const below = lead.length < MOST_LEAD ? lead + next : lead
    for (const [index, child] of [...children.entries()].reverse()) {
      const isLast = index === children.length - 1
      open.push({ task: child, lead: below, branch: isLast ? '└─ ' : '├─ ', next: isLast ? '   ' : '│  ' })
    }
  }
  return lines.join('\n')
}

function line(task: TaskDocument, above: string | undefined, known: ReadonlyMap<string, TaskDocument>): string {
  const others = task.dependsOn
    .filter(({ task: on }) => on !== above)
    .map(({ task: on }) => known.get(on)?.label ?? on.slice(-8))
  const also = others.length > 0 ? paint('gray', `  also after ${others.join(', ')}`) : ''
  return `${paint('bold', task.label)} ${state(task.state)}  ${oneLine(task.title, 50)}  ${paint('gray', who(task))}${also}`
}

function mermaid(tasks: readonly TaskDocument[]): string {
  const name = (id: string) => `t${id.slice(-8)}`
  const known = new Set(tasks.map(({ id }) => id))
  const nodes = tasks.map(
    task => `  ${name(task.id)}["${quoted(`${task.label} ${task.title}`)}<br/>${task.state}"]:::${task.state}`,
  )
  const edges = tasks.flatMap(task => [
    ...task.dependsOn
      .filter(({ task: on }) => known.has(on))
      .map(({ task: on, on: kind }) => `  ${name(on)} -->${kind === 'success' ? '' : `|${kind}|`} ${name(task.id)}`),
    ...(task.parent && known.has(task.parent) ? [`  ${name(task.parent)} -.-> ${name(task.id)}`] : []),
  ])
  const colors = [
    'classDef succeeded fill:#cfc',
    'classDef failed fill:#fcc',
    'classDef dead fill:#fcc',
    'classDef running fill:#cff',
  ]
  return ['flowchart TD', ...nodes, ...edges, ...colors.map(color => `  ${color}`)].join('\n')
}

function quoted(text: string): string {
  return oneLine(text, 60).replace(/[<>&"#]/g, sign => `#${sign.charCodeAt(0)};`)
}

const DOT_COLORS: Readonly<Record<string, string>> = {
  succeeded: 'palegreen',
  failed: 'lightpink',
  dead: 'lightpink',
  running: 'lightcyan',
}

function dot(tasks: readonly TaskDocument[]): string {
  const known = new Set(tasks.map(({ id }) => id))
  const nodes = tasks.map(
    task =>
      `  "${task.id.slice(-8)}" [label=${JSON.stringify(oneLine(`${task.label} ${task.title}`, 60))}, style=filled, fillcolor=${DOT_COLORS[task.state] ?? 'white'}]`,
  )
  const edges = tasks.flatMap(task => [
    ...task.dependsOn
      .filter(({ task: on }) => known.has(on))
      .map(
        ({ task: on, on: kind }) =>
          `  "${on.slice(-8)}" -> "${task.id.slice(-8)}"${kind === 'success' ? '' : ` [label="${kind}"]`}`,
      ),
    ...(task.parent && known.has(task.parent)
      ? [`  "${task.parent.slice(-8)}" -> "${task.id.slice(-8)}" [style=dotted]`]
      : []),
  ])
  return ['digraph tasks {', ...nodes, ...edges, '}'].join('\n')
}
