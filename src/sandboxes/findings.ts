/** What doctor says of sandboxes: how far they are isolated, and what is left lying. */
import type { Finding } from '../model/finding.ts'
import type { Sandbox } from '../model/sandbox.ts'
import { whyNoWall } from '../walls/grounds.ts'
import type { Leftovers } from './leftovers.ts'

export async function sandboxFindings(
  sandboxes: readonly Sandbox[],
  { halfDone, homes, sessions, folders, kept }: Leftovers,
): Promise<readonly Finding[]> {
  const why = await whyNoWall()
  const level: Finding = why
    ? { level: 'warn', what: `sandboxes are not isolated: ${why}`, hint: 'apt-get install bubblewrap' }
    : { level: 'ok', what: 'sandboxes are isolated (bubblewrap: their own loopback, no home, no registry, no tmux)' }
  const left = halfDone.length + homes.length + sessions.length
  const hint = 'agency sandbox destroy --leftovers'
  const open = sandboxes.filter(({ isolation }) => isolation === 'none' && !why)
  return [
    level,
    ...open.map(({ slug }) => warning(`the sandbox ${slug} runs without isolation`)),
    ...(left > 0 ? [{ ...warning(`${left} leftovers of sandboxes`), hint }] : []),
    ...folders.map(folder => ({ ...warning(`${folder} belongs to no sandbox that is known`), hint: `ls ${folder}` })),
    ...(kept.length > 0
      ? [{ ...warning(sayKept(kept)), hint: `git -C ${kept[0]} worktree remove --force ${kept[0]}` }]
      : []),
  ]
}

function sayKept(kept: readonly string[]): string {
  const [what, are] = kept.length === 1 ? ['1 folder', 'is'] : [`${kept.length} folders`, 'are']
  return `${what} of sandboxes that are gone ${are} kept, since something was changed in ${kept.length === 1 ? 'it' : 'them'}`
}

function warning(what: string): Finding {
  return { level: 'warn', what }
}
