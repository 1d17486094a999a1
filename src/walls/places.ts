/**
 * Which folders are isolated agents' own clones. Kept out of their reach: what lies in such a folder says nothing that is to be
 * believed, its .git least of all.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import type { Workspace } from '../config/workspace.ts'
import { replaceFile } from '../kernel/json.ts'

const markSchema = z.object({ repository: z.string(), branch: z.string() })
export type CloneMark = z.infer<typeof markSchema> & { readonly folder: string }

type Places = Pick<Workspace, 'isolated' | 'worktrees' | 'mirrors'>

/** The clone that a path lies in; undefined for everything else. */
export function clonedAt(workspace: Places, path: string): CloneMark | undefined {
  const [agency, agent] = relative(workspace.worktrees, path).split(sep)
  if (!agency || !agent || agency === '..') return undefined
  try {
    const mark = markSchema.parse(JSON.parse(readFileSync(markFile(workspace, agency, agent), 'utf8')))
    return { ...mark, folder: join(workspace.worktrees, agency, agent) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export async function markClone(workspace: Places, mark: CloneMark): Promise<void> {
  const { folder, ...rest } = mark
  await replaceFile(fileOf(workspace, folder), `${JSON.stringify(rest)}\n`, { mode: 0o600 })
}

/** After the folder is gone. */
export async function unmarkClone(workspace: Places, folder: string): Promise<void> {
  await rm(fileOf(workspace, folder), { force: true })
}

/** A bare copy of the repository without the branches of agents. */
export function mirrorOf({ mirrors }: Places, repository: string): string {
  return join(mirrors, `${createHash('sha256').update(repository).digest('hex').slice(0, 12)}.git`)
}

function fileOf(workspace: Places, folder: string): string {
  const [agency = '', agent = ''] = relative(workspace.worktrees, folder).split(sep)
  return markFile(workspace, agency, agent)
}

function markFile({ isolated }: Places, agency: string, agent: string): string {
  return join(isolated, `${agency}.${agent}.json`)
}
