/** The bus: from what was accepted to what an agent has read. */
import { Archive } from '../bus/archive.ts'
import { DeadLetters } from '../bus/deadLetters.ts'
import { Dialogs } from '../bus/dialogs.ts'
import { apiDoor } from '../bus/doors/api.ts'
import type { MessageGate } from '../bus/doors/door.ts'
import { HookDoor } from '../bus/doors/hook.ts'
import { processDoor } from '../bus/doors/process.ts'
import { typingDoor } from '../bus/doors/typing.ts'
import { Endings } from '../bus/endings.ts'
import { Hooks } from '../bus/hooks.ts'
import { Inbox } from '../bus/inbox.ts'
import { Links } from '../bus/links.ts'
import { Mailroom } from '../bus/mailroom.ts'
import { Outbox } from '../bus/outbox.ts'
import { RecentMessages } from '../bus/recent.ts'
import { Router } from '../bus/router.ts'
import { ScriptOutput } from '../bus/scriptOutput.ts'
import { ScriptRounds } from '../bus/scriptRounds.ts'
import { Sweeper } from '../bus/sweeper.ts'
import type { Scope } from '../kernel/scope.ts'
import type { Ground } from './ground.ts'
import type { Voice } from './voice.ts'
import type { Work } from './work.ts'

export type Bus = Awaited<ReturnType<typeof composeBus>>

interface Before {
  readonly ground: Ground
  readonly voice: Voice
  readonly work: Work
  readonly scope: Scope
}

export async function composeBus({ ground, voice, work, scope }: Before) {
  const gate: MessageGate = item => work.taskWork.gate.obstacle(item)
  const parts = { ...ground, ...voice, gate }
  const endings = new Endings(parts)
  const links = scope.use(new Links(ground), 'links', opened => opened.close())
  const doors = { api: apiDoor({ ...parts, links }), process: processDoor(parts), typing: typingDoor(parts) }
  const router = new Router({ ...parts, endings, doors })
  const archive = new Archive(ground)
  const messages = new Mailroom({ ...parts, archive })
  const outbox = new Outbox({ ...parts, messages, work: work.tasks.work })
  await outbox.prepare()
  const hooks = new Hooks({ ...parts, router, takeLeft: (address, draft) => outbox.takeLeft(address, draft) })
  const inbox = new Inbox(parts)
  const scriptOutput = new ScriptOutput({ ...parts, settle: (caller, id, how) => inbox.settle(caller, id, how) })
  return {
    ...{ links, router, hooks, inbox, archive, messages, outbox, scriptOutput },
    deadLetters: new DeadLetters({ ...parts, archive }),
    sweeper: new Sweeper({ ...parts, router, endings }),
    scripts: new ScriptRounds({ ...ground, output: scriptOutput }),
    hookDoor: new HookDoor({ ...parts, endings, takeSpool: address => hooks.takeSpool(address) }),
    dialogs: new Dialogs(ground),
    recent: new RecentMessages(parts),
  }
}
