/** What doctor says of sandboxes: how far they are isolated, and what is left lying. */
import type { Finding } from '../model/finding.ts'
import type { Sandbox } from '../model/sandbox.ts'
import { whyNoWall } from '../walls/grounds.ts'
import type { Leftovers } from './leftovers.ts'

export async function sandboxFindings(
  sandboxes: readonly Sandbox[],
  { halfDone, homes, sessions, folders }: Leftovers,
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
  ]
}

function warning(what: string): Finding {
  return { level: 'warn', what }
}
