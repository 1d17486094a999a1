import { readFileSync } from 'node:fs'
import { AgencyError } from '../../kernel/errors.ts'
import { parseJson } from '../../kernel/json.ts'
import { openClient } from '../connection.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'hook',
  arguments: [{ form: '<event>', about: 'name of the event; its JSON payload is read from standard input' }],
  options: [],
  examples: [`echo '{"prompt":"…"}' | agency hook UserPromptSubmit`],
  /** Called by the agent's program, which it must never break: whatever fails here fails silently. */
  async run(context, [event]) {
    try {
      const parsed = parseJson(process.stdin.isTTY ? '{}' : readFileSync(0, 'utf8') || '{}')
      const { client } = await openClient({
        flag: context.workspaceFlag,
        cwd: context.cwd,
        env: context.env,
        note: () => {},
        mayStart: false,
      })
      await client.send('POST', '/v1/hook', { event, payload: parsed.ok ? parsed.value : {} })
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
    }
    return { data: {} }
  },
}
