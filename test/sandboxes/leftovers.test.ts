import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { workspaceAt } from '../../src/config/workspace.ts'
import { newId, shortId } from '../../src/kernel/ids.ts'
import type { Sandbox } from '../../src/model/sandbox.ts'
import { findLeftovers } from '../../src/sandboxes/leftovers.ts'
import type { SandboxParts } from '../../src/sandboxes/parts.ts'
import { homeOf } from '../../src/sandboxes/places.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import { inThisThread, temporaryFolder } from '../storage/sqlite/setup.ts'

it('R-APR-1 a sandbox that is deployed while leftovers are looked for is none of them', async () => {
  const workspace = workspaceAt(temporaryFolder())
  const store = inThisThread(new SqliteEngine(join(workspace.root, 'agency.db')))
  onTestFinished(() => store[Symbol.asyncDispose]())
  const [left, comes] = [newId(), newId()]
  const deploy = async () => {
    const place = { folder: join(workspace.sandbox, 'testing', 'x'), home: homeOf(workspace, comes) }
    const sandbox = { id: comes, slug: 'x', agency: 'Code', state: 'preparing', commit: 'c', ...place } as Sandbox
    const unit = { id: newId(), context: 'Code', agent: 'human', type: 'decision', at: 1, metadata: {}, relations: [] }
    await store.addSandbox(sandbox, { ...unit, type: 'decision', subject: comes, payload: 'x' })
    await mkdir(sandbox.home, { recursive: true })
    await mkdir(join(sandbox.folder, '.git'), { recursive: true })
  }
  await mkdir(homeOf(workspace, left), { recursive: true })
  const terminal = {
    isConnected: true,
    // Attaching to tmux takes its time at a daemon's start, when the first submissions are tried again.
    async snapshot() {
      await deploy()
      return {
        panes: [{ owner: `sandbox:${workspace.hash}:${left}` }, { owner: `sandbox:${workspace.hash}:${comes}` }],
      }
    },
  }
  const parts = { workspace, store, terminal } as unknown as SandboxParts
  const found = await findLeftovers(parts, id => id === comes)
  expect(found.homes.map(home => home.slice(-8))).toEqual([shortId(left)])
  expect(found).toMatchObject({ sessions: [left], halfDone: [], folders: [] })
})
