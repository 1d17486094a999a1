/** Opens the approvals screen: what it does outside, and what it hears from there. */
import { reopener } from '../../../cli/screen.ts'
import { hasColour } from '../../../cli/text.ts'
import type { Context } from '../../../cli/verb.ts'
import { toAgencyError } from '../../../kernel/errors.ts'
import { loadHighlighter } from '../../diff/highlight.ts'
import { followChanges } from '../../live.ts'
import type { Hands, Panel } from '../../panel.ts'
import { runScreen } from '../../screen.tsx'
import { setColors } from '../../text/spans.ts'
import { askWords, pageDiff, showDemo } from './outside.ts'
import { Questions } from './questions.ts'
import { begin, type Effect, type Event, type State } from './state.ts'
import { step, wakeAt } from './step.ts'
import { ApprovalsView } from './view.tsx'

/** The list, or one submission alone, from which one goes back to where one came from. Resolves with the exit code. */
export async function openApprovals(context: Context, id?: string): Promise<number> {
  setColors(hasColour(process.stdout, context.env))
  // Before the screen: what goes wrong here is told as of every verb, and a daemon starts when none runs.
  await context.client()
  return runScreen(approvalsPanel(context, id), process.stdin, process.stdout)
}

function approvalsPanel(context: Context, id: string | undefined): Panel<State, Event, Effect> {
  const open = reopener(context)
  const { env } = context
  let questions: Questions | undefined
  const ask = (hands: Hands<Event>) => {
    questions ??= new Questions(open, hands)
    return questions
  }
  return {
    begin: (size, now) => begin(size, now, { agent: env.AGENCY_AGENT, id }),
    ...{ step, wakeAt, View: ApprovalsView },
    start: ({ dispatch, signal }) =>
      void followChanges(
        open,
        ['submission'],
        {
          onJoined: () => dispatch({ on: 'joined' }),
          onChanges: changes => dispatch({ on: 'changed', ids: changes.flatMap(({ ids }) => ids) }),
          onLost: error => dispatch({ on: 'lost', why: error.message, at: Date.now() }),
        },
        signal,
      ),
    perform: (effect, hands) => {
      Promise.resolve(perform(effect, hands)).catch(error =>
        hands.dispatch({ on: 'told', text: toAgencyError(error).message, role: 'bad', at: Date.now() }),
      )
    },
  }

  function perform(effect: Effect, hands: Hands<Event>): unknown {
    const asked = ask(hands)
    switch (effect.do) {
      case 'fetch-queue':
        return asked.queue()
      case 'fetch-story':
        return asked.story(effect.id)
      case 'fetch-end':
        return asked.end(effect.id)
      case 'fetch-diff':
        return asked.diff(effect.id, effect.scope)
      case 'fetch-messages':
        return asked.messages(effect.id)
      case 'fetch-task':
        return asked.task(effect.id, effect.task)
      case 'fetch-outputs':
        return asked.outputs(effect.id)
      case 'decide':
        return asked.decide(effect.id, effect.kind, effect.words, effect.commit)
      case 'merge-again':
        return asked.mergeAgain(effect.id)
      case 'load-colors':
        return loadHighlighter().then(() => hands.dispatch({ on: 'painted' }))
      case 'ask-words':
        return askWords(env, hands, effect)
      case 'page':
        return pageDiff(env, hands, () => asked.diffText(effect.id, effect.scope))
      case 'show-demo':
        return asked.demo(effect.id).then(demo => showDemo(context, hands, effect.id, demo))
      case 'ring':
        return hands.ring()
      case 'repaint':
        return hands.repaint()
      case 'close':
        return hands.close(0)
    }
  }
}
