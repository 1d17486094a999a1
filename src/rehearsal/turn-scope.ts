/** The values that a playbook's `{{…}}` can name during one turn. */

import { runChild } from './child.ts'
import type { TemplateScope } from './template.ts'
import type { Turn } from './turn.ts'

/** `wanted` is the step about to run: the branch is asked of git only when it is named there. */
export async function scopeOf(turn: Turn, wanted: unknown): Promise<TemplateScope> {
  const { message, world } = turn
  const needsBranch = JSON.stringify(wanted).includes('git.branch')
  return {
    message,
    payload: message.payload ?? {},
    match: turn.groups,
    agent: { name: world.name, agency: world.agency },
    git: { branch: needsBranch ? await branchOf() : '' },
    run: turn.run,
    vars: world.session.vars,
    env: process.env,
  }
}

async function branchOf(): Promise<string> {
  const { status, stdout } = await runChild(['git', 'symbolic-ref', '--short', 'HEAD'], { timeoutMs: 10_000 })
  return status === 0 ? stdout.trim() : ''
}
