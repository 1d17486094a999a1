/** Opens the approvals screen: what it asks of the daemon, and what it hears from it. */
import type { SubmissionDocument } from '../../../cli/approvals/show.ts'
import { reopener } from '../../../cli/screen.ts'
import { hasColour } from '../../../cli/text.ts'
import type { Context } from '../../../cli/verb.ts'
import { followChanges } from '../../live.ts'
import type { Hands, Panel } from '../../panel.ts'
import { runScreen } from '../../screen.tsx'
import { setColors } from '../../text/spans.ts'
import { begin, type Effect, type Event, type State, step, wakeAt } from './state.ts'
import { ApprovalsView } from './view.tsx'

/** Resolves with the exit code. */
export async function openApprovals(context: Context): Promise<number> {
  setColors(hasColour(process.stdout, context.env))
  // Before the screen: what goes wrong here is told as of every verb, and a daemon starts when none runs.
  await context.client()
  return runScreen(approvalsPanel(context), process.stdin, process.stdout)
}

function approvalsPanel(context: Context): Panel<State, Event, Effect> {
  const open = reopener(context)
  return {
    ...{ begin, step, wakeAt, View: ApprovalsView },
    start: ({ dispatch, signal }) =>
      void followChanges(
        open,
        ['submission'],
        {
          onJoined: () => dispatch({ on: 'joined' }),
          onChanges: changes => dispatch({ on: 'changed', ids: changes.flatMap(({ ids }) => ids) }),
          onLost: error => dispatch({ on: 'lost', why: error.message }),
        },
        signal,
      ),
    perform: (effect, hands) => {
      if (effect.do === 'close') hands.close(0)
      else void fetchQueue(hands)
    },
  }

  async function fetchQueue({ dispatch }: Hands<Event>): Promise<void> {
    try {
      const { submissions } = (await (await open()).get('/v1/submissions')) as {
        submissions: readonly SubmissionDocument[]
      }
      dispatch({ on: 'queue', submissions })
    } catch (error) {
      dispatch({ on: 'lost', why: error instanceof Error ? error.message : String(error) })
    }
  }
}
