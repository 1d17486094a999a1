import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AgencyError } from '../../kernel/errors.ts'
import { filesOf, leaseOf, readCommit, refuseCommit } from '../../model/commitGate.ts'
import type { LockDocument } from '../../model/lockDocument.ts'
import type { Verb } from '../verb.ts'

/** What the git hook falls back to where no daemon answers: it starts none, and reads what the last one has written down. */
export const verb: Verb = {
  name: 'gate',
  arguments: [
    { form: '<registry>', about: 'the registry of the workspace' },
    { form: '<owner>', about: 'who commits' },
  ],
  options: [],
  examples: ['agency gate registry Code/python-agent <files'],
  async run(_context, [registry, owner]) {
    const commit = readCommit(readFileSync(0, 'utf8'))
    if (!commit) throw new AgencyError('USAGE', 'this is no list of a commit’s files', { hint: 'agency up' })
    const now = Date.now()
    const { generatedAt, leases } = readLeases(join(String(registry), 'locks.json'), now)
    const text = refuseCommit(String(owner), filesOf(commit, ignoresCase(commit.commonDir)), leases, { now, wall: now })
    const note = `agency: no daemon answers; held against the leases as of ${generatedAt}`
    return text === '' ? { text: leases.length > 0 ? note : '' } : { text: `${text}\n${note}`, exitCode: 4 }
  },
}

interface View {
  readonly generatedAt: string
  readonly items: readonly LockDocument[]
}

/** AgencyError('ENVIRONMENT') for whatever else lies there: the hook says then that the commit was not held against anything. */
function readLeases(file: string, now: number) {
  try {
    const { generatedAt, items } = JSON.parse(readFileSync(file, 'utf8')) as View
    return {
      generatedAt,
      leases: items.filter(item => item.state === 'held' && Date.parse(item.until) > now).map(leaseOf),
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AgencyError('ENVIRONMENT', `the leases in ${file} cannot be read: ${why}`, { hint: 'agency up', cause })
  }
}

function ignoresCase(commonDir: string): boolean {
  const inode = (name: string) => statSync(join(commonDir, name), { throwIfNoEntry: false })?.ino
  return inode('HEAD') !== undefined && inode('HEAD') === inode('hEAD')
}
