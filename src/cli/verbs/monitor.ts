import { hasScreen } from '../screen.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'monitor',
  arguments: [],
  options: [],
  examples: ['agency monitor', 'agency monitor | less', "agency monitor --json | jq '.queues'"],
  async run(context) {
    if (hasScreen(context)) {
      const { openMonitor } = await import('../../tui/panels/monitor/open.ts')
      return { exitCode: await openMonitor(context) }
    }
    const { snapshot } = await import('../../tui/panels/monitor/snapshot.ts')
    return snapshot(await context.client())
  },
}
