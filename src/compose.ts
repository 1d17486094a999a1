/** Configuration to a running App: the one place that knows every part, and owns their end. */
import type { App } from './app.ts'
import { composeAgents } from './compose/agents.ts'
import { composeApp } from './compose/app.ts'
import { composeApprovals } from './compose/approvals.ts'
import { composeBus } from './compose/bus.ts'
import { type ComposeOptions, layGround } from './compose/ground.ts'
import { composeLoops } from './compose/loops.ts'
import { composeNotices } from './compose/notices.ts'
import { composeSandboxes } from './compose/sandboxes.ts'
import { composeVoice } from './compose/voice.ts'
import { composeWork } from './compose/work.ts'
import type { Workspace } from './config/workspace.ts'
import { Scope } from './kernel/scope.ts'

export interface Composed extends AsyncDisposable {
  readonly app: App
  /** Knows again who is there and what was under way. Nobody is served before. */
  recover(): Promise<void>
  /** Starts every loop; they end with the signal. */
  run(signal: AbortSignal): Promise<void>
}

export async function compose(workspace: Workspace, options: ComposeOptions): Promise<Composed> {
  const scope = new Scope()
  try {
    const ground = await layGround(workspace, options, scope)
    const voice = composeVoice(ground)
    const work = await composeWork(ground, voice)
    const bus = await composeBus({ ground, voice, work, scope })
    const agents = composeAgents(ground, voice, work, bus)
    const sandboxes = composeSandboxes(ground)
    const approvals = composeApprovals({ ground, voice, work, sandboxes, scope })
    const parts = { ground, voice, work, bus, agents, sandboxes, approvals, notices: composeNotices(ground) }
    const loops = composeLoops(parts)
    return {
      app: composeApp(parts, loops),
      recover: () => loops.recover(),
      run: signal => loops.run(signal),
      [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
    }
  } catch (error) {
    await scope[Symbol.asyncDispose]().catch(() => undefined)
    throw error
  }
}
