import { getEventListeners } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compose } from '../../src/compose.ts'
import { parseSettings } from '../../src/config/settings.ts'
import { workspaceAt } from '../../src/config/workspace.ts'
import type { Call } from '../../src/http/route.ts'
import { routes } from '../../src/http/routes.ts'
import { until } from '../../src/kernel/abort.ts'
import { silentLog } from '../../src/kernel/log.ts'

it('R-BUS-7 a follower leaves one listener behind for the news it waits for, however many came', async () => {
  const root = await mkdtemp(join(tmpdir(), 'agency-routes-'))
  await writeFile(join(root, 'agency.yaml'), '')
  const settings = parseSettings('', 'agency.yaml')
  const onLost = (error: Error) => {
    throw error
  }
  try {
    await using composed = await compose(workspaceAt(root), {
      version: '0',
      settings,
      env: {},
      log: silentLog(),
      reopenLog: () => {},
      umask: 0o022,
      onLost,
    })
    const { app } = composed
    const follow = routes.find(({ method, path }) => method === 'GET' && path === '/v1/messages')!
    const heard: unknown[] = []
    const end = new AbortController()
    const followed = follow.run({
      app,
      caller: 'human',
      params: {},
      input: follow.input.parse({ follow: '1' }),
      signal: end.signal,
      emit: async line => void heard.push(line),
    } as Call<never>)
    for (let number = 1; number <= 20; number++) {
      await app.messages.send('external', { to: 'human', body: `news ${number}` })
      expect(await until(() => heard.length === number, { timeoutMs: 5000 })).toBe(true)
    }
    expect(getEventListeners(end.signal, 'abort').length).toBeLessThanOrEqual(1)
    end.abort()
    await followed
    expect(getEventListeners(end.signal, 'abort')).toEqual([])
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
