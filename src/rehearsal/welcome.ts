/** The first lines on the screen: what this program is, and by which playbook and role it acts. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Options } from './options.ts'
import type { Entry } from './state.ts'

export function welcome(options: Options, name: string): Entry[] {
  const acts = options.playbook ? `acts by ${basename(options.playbook)}` : 'acts by default: it acknowledges'
  const lines = [`${name} · rehearsal agent`, `${acts} · no model, no cost`]
  if (options.role) lines.push(`role: ${firstLine(options.role)}`)
  if (options.isResumed) lines.push(`resumed ${options.sessionId}`)
  return [
    { kind: 'banner', text: lines[0]! },
    { kind: 'output', text: lines.slice(1).join('\n') },
  ]
}

function firstLine(path: string): string {
  try {
    const lines = readFileSync(path, 'utf8').split('\n')
    return (lines.find(line => line.trim() !== '') ?? '').replace(/^#+\s*/, '')
  } catch (error) {
    return `cannot be read (${(error as Error).message})`
  }
}
