/** Places where a commit is tried. */
import { join } from 'node:path'
import { packageRoot } from '../config/workspace.ts'
import { crashAt } from '../kernel/crash.ts'
import { Sandboxes } from '../sandboxes/sandboxes.ts'
import type { Ground } from './ground.ts'

export function composeSandboxes(ground: Ground): Sandboxes {
  return new Sandboxes({
    ...ground,
    wardenFile: join(packageRoot, 'dist', 'warden.js'),
    crashAt: crashAt(ground.env, () => process.kill(process.pid, 'SIGKILL')),
  })
}
