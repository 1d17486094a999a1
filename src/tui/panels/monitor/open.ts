/** Opens the monitor: what it hears and asks of the daemon, and what it does there for the person. */
import { attachTo } from '../../../cli/attaching.ts'
import type { Client } from '../../../cli/client.ts'
import type { TaskStoryDocument, TraceDocument } from '../../../cli/documents.ts'
import { reopener } from '../../../cli/screen.ts'
import { hasColour } from '../../../cli/text.ts'
import type { Context } from '../../../cli/verb.ts'
import { shortId } from '../../../kernel/ids.ts'
import { followChanges } from '../../live.ts'
import type { Hands, Panel } from '../../panel.ts'
import { runScreen } from '../../screen.tsx'
import { setColors } from '../../text/spans.ts'
import { type Act, sayDone } from './acts.ts'
import type { OverviewDocument } from './data.ts'
import { Feed } from './feed.ts'
import { sampleHost } from './host.ts'
import type { PaneDocument } from './places.ts'
import { begin, type Effect, type Event, type State, wakeAt } from './state.ts'
import { step } from './step.ts'
import { MonitorView } from './view.tsx'

const KINDS = ['agency', 'agent', 'message', 'task', 'submission', 'lock']

/** Resolves with the exit code. */
export async function openMonitor(context: Context): Promise<number> {
  setColors(hasColour(process.stdout, context.env))
  // Before the screen: what goes wrong here is told as of every verb, and a daemon starts when none runs.
  await context.client()
  return runScreen(monitorPanel(context), process.stdin, process.stdout)
}

function monitorPanel(context: Context): Panel<State, Event, Effect> {
  const open = reopener(context)
  let feed: Feed | undefined
  let look = new AbortController()
  return {
    ...{ begin, step, wakeAt, View: MonitorView },
    start: hands => {
      const { dispatch, signal } = hands
      feed = new Feed(parts => told(hands, () => fetchOverview(open, parts, hands)), signal)
      signal.addEventListener('abort', () => look.abort())
      dispatch({ on: 'host', host: sampleHost() })
      const events = {
        onJoined: () => dispatch({ on: 'joined' }),
        onChanges: (changes: Extract<Event, { on: 'changed' }>['changes']) => dispatch({ on: 'changed', changes }),
        onLost: (error: Error) => dispatch({ on: 'lost', why: error.message }),
      }
      void followChanges(open, KINDS, events, signal)
    },
    perform: (effect, hands) => {
      if (effect.do === 'close') hands.close(0)
      else if (effect.do === 'repaint') hands.repaint()
      else if (effect.do === 'fetch') feed?.want(effect.parts)
      else if (effect.do === 'sample-host') hands.dispatch({ on: 'host', host: sampleHost() })
      else if (effect.do === 'fetch-story') void fetchStory(open, effect, hands)
      else if (effect.do === 'act') void told(hands, () => act(open, effect, hands))
      else if (effect.do === 'attach') void told(hands, () => attach(context, open, effect.target, hands))
      else if (effect.do === 'open-approvals') void told(hands, () => openApprovals(context, effect.id, hands))
      else if (effect.do === 'merge-again') void told(hands, () => mergeAgain(open, effect.id, hands))
      else {
        look.abort()
        look = new AbortController()
        if (effect.address !== undefined) void follow(open, effect.address, hands, look.signal)
      }
    },
  }
}

/** What goes wrong is said on the screen. */
async function told({ dispatch }: Hands<Event>, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    dispatch({ on: 'said', text: error instanceof Error ? error.message : String(error), isBad: true })
  }
}

type Open = () => Promise<Client>

async function fetchOverview(open: Open, parts: readonly string[], { dispatch }: Hands<Event>): Promise<void> {
  const overview = await (await open()).get('/v1/overview', { parts: parts.join(',') })
  dispatch({ on: 'overview', overview: overview as OverviewDocument })
}

async function fetchStory(
  open: Open,
  { what, id }: { readonly what: 'message' | 'task'; readonly id: string },
  { dispatch }: Hands<Event>,
): Promise<void> {
  try {
    const document = await (await open()).get(`/v1/${what}s/${encodeURIComponent(id)}`)
    if (what === 'message') dispatch({ on: 'message', id, message: document as TraceDocument })
    else dispatch({ on: 'task', id, task: document as TaskStoryDocument })
  } catch (error) {
    dispatch({ on: 'unknown', id, why: error instanceof Error ? error.message : String(error) })
  }
}

/** Until one looks elsewhere. */
async function follow(open: Open, address: string, { dispatch }: Hands<Event>, signal: AbortSignal): Promise<void> {
  const path = `/v1/pane?agent=${encodeURIComponent(address)}`
  try {
    const client = await open()
    const take = (line: unknown) => {
      if (!signal.aborted) dispatch({ on: 'pane', address, pane: line as PaneDocument })
    }
    await client.stream('GET', path, undefined, take, signal)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    if (!signal.aborted) dispatch({ on: 'pane', address, pane: { columns: 0, rows: 0, lines: [], why } })
  }
}

async function act(
  open: Open,
  { act: what, target }: { readonly act: Act; readonly target: string },
  { dispatch }: Hands<Event>,
): Promise<void> {
  const client = await open()
  if (what === 'nudge') {
    const body = 'STATUS? Say in one message what you are doing, what is done, and what holds you up'
    await client.send('POST', '/v1/messages', { to: target, body, nudge: true })
  } else {
    if (what === 'restart') dispatch({ on: 'said', text: `${target} is being started anew …`, isBad: false })
    await client.send('POST', `/v1/${what}`, { target, why: 'from the monitor' })
  }
  dispatch({ on: 'said', text: sayDone(what, target), isBad: false })
}

/** Inside tmux the client goes there and the monitor stays where it is; elsewhere tmux has the terminal until one detaches. */
async function attach(context: Context, open: Open, target: string, { lend }: Hands<Event>): Promise<void> {
  const attaching = await attachTo(context, await open(), target)
  if (attaching.isInside) await attaching.run()
  else await lend(() => attaching.run())
}

async function mergeAgain(open: Open, id: string, { dispatch }: Hands<Event>): Promise<void> {
  await (await open()).send('POST', `/v1/submissions/${encodeURIComponent(id)}/retry`, {})
  dispatch({ on: 'said', text: `${shortId(id)} is approved already: its merge is tried again`, isBad: false })
}

async function openApprovals(context: Context, id: string | undefined, { lend }: Hands<Event>): Promise<void> {
  const screen = await import('../approvals/open.ts')
  await lend(() => screen.openApprovals(context, id))
}
