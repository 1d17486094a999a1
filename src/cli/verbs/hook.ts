import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '../../kernel/ids.ts'
import { parseJson } from '../../kernel/json.ts'
import { openClient } from '../connection.ts'
import type { Context, Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'hook',
  arguments: [{ form: '<event>', about: 'name of the event; its JSON payload is read from standard input' }],
  options: [],
  examples: [`echo '{"prompt":"…"}' | agency hook UserPromptSubmit`],
  /** Called by the agent's program, which it must never break: whatever fails here fails silently. */
  async run(context, [event]) {
    try {
      const parsed = parseJson(process.stdin.isTTY ? '{}' : readFileSync(0, 'utf8') || '{}')
      const told = { event: String(event), payload: parsed.ok ? parsed.value : {} }
      await tellDaemon(context, told).catch(() => spool(context.env.AGENCY_EVENTS, told))
    } catch {
      // Neither the daemon nor the spool took it: the screen still shows the agent's state.
    }
    return { data: {} }
  },
}

async function tellDaemon(context: Context, told: { event: string; payload: unknown }): Promise<void> {
  const { client } = await openClient({
    flag: context.workspaceFlag,
    cwd: context.cwd,
    env: context.env,
    note: () => {},
    mayStart: false,
  })
  await client.send('POST', '/v1/hook', told)
}

/** As bin/hook.sh does: kept in the agent's run folder until a daemon takes it. */
async function spool(folder: string | undefined, told: { event: string; payload: unknown }): Promise<void> {
  if (!folder || !/^[A-Za-z]{1,64}$/.test(told.event)) return
  const name = `${told.event}.${newId()}`
  await writeFile(join(folder, `.${name}.tmp`), JSON.stringify(told), { mode: 0o600 })
  await rename(join(folder, `.${name}.tmp`), join(folder, `${name}.json`))
}
