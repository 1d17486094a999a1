import { AgencyError } from '../../kernel/errors.ts'
import { sanitise } from '../../model/sanitize.ts'
import { playRecording, showDemo } from '../approvals/demo.ts'
import {
  type StoryDocument,
  type SubmissionDocument,
  showMovedSubmission,
  showQueue,
  showSubmissionStory,
  waitForSubmission,
} from '../approvals/show.ts'
import type { Client } from '../client.ts'
import { hasScreen } from '../screen.ts'
import { duration, readBody } from '../sending.ts'
import type { Context, Result, Verb } from '../verb.ts'
import { wrongAction } from '../wrongAction.ts'

type Options = Readonly<Record<string, unknown>>
type Action = (context: Context, words: readonly string[], options: Options) => Promise<Result>

export const verb: Verb = {
  name: 'approvals',
  arguments: [
    {
      form: '[action]',
      about: 'nothing for the screen, or list, show, diff, demo, approve, reject, request-changes, retry, or withdraw',
    },
    { form: '[words...]', about: 'ID for all but list, and what there is to say' },
  ],
  actions: {
    ...{ list: [], show: ['approval'], diff: ['approval'], demo: ['approval'], approve: ['approval'] },
    ...{ reject: ['approval'], 'request-changes': ['approval'], retry: ['approval'], withdraw: ['approval'] },
  } satisfies Record<keyof typeof ACTIONS, readonly string[]>,
  options: [
    { form: '--agency <name>', about: 'list: only of this agency' },
    { form: '--state <state>', about: 'list: only those in this state' },
    { form: '--all', about: 'list: those that are decided as well' },
    { form: '--since-previous', about: 'diff: only what changed since it was handed in before' },
    { form: '--play', about: 'demo: what its tests printed, at their pace' },
    { form: '--commit <hash>', about: 'approve, reject, request-changes: only when it is this commit' },
    { form: '--wait', about: 'approve, retry: wait until it is merged, or cannot be' },
    { form: '--timeout <time>', about: 'how long to wait (default: 1h)' },
  ],
  examples: [
    'agency approvals',
    'agency approvals show 1a2b3c4d',
    'agency approvals diff 1a2b3c4d | less',
    'agency approvals demo 1a2b3c4d',
    'agency approvals approve 1a2b3c4d --wait',
    'agency approvals reject 1a2b3c4d "the password is logged"',
    'agency approvals request-changes 1a2b3c4d "name the button as the others are"',
    'agency approvals retry 1a2b3c4d',
    'agency approvals withdraw 1a2b3c4d',
  ],
  async run(context, [action, words], options) {
    if (action === undefined && Object.keys(options).every(name => name === 'workspace') && hasScreen(context)) {
      const { openApprovals } = await import('../../tui/panels/approvals/open.ts')
      return { exitCode: await openApprovals(context) }
    }
    return act(context, String(action ?? 'list'), (words ?? []) as unknown as string[], options)
  },
}

function act(context: Context, action: string, words: readonly string[], options: Options): Promise<Result> {
  const chosen = Object.hasOwn(ACTIONS, action) ? ACTIONS[action as keyof typeof ACTIONS] : undefined
  if (chosen) return chosen(context, words, options)
  throw wrongAction(verb, action)
}

const ACTIONS = {
  list: async (context, _, { agency, state, all }) => {
    const query = { agency, state, all: all ? '1' : undefined }
    const data = (await (await context.client()).get('/v1/submissions', query)) as {
      submissions: readonly SubmissionDocument[]
    }
    return { data, text: showQueue(data.submissions) || 'nothing waits; what was decided: agency approvals list --all' }
  },

  show: async (context, words) => {
    const data = (await (await context.client()).get(pathOf(words))) as StoryDocument
    return { data, text: showSubmissionStory(data) }
  },

  diff: async (context, words, { sincePrevious }) => {
    const query = { sincePrevious: sincePrevious ? '1' : undefined }
    const data = (await (await context.client()).get(`${pathOf(words)}/diff`, query)) as {
      text: string
      isCut: boolean
    }
    if (data.isCut) context.note('the diff is longer: git diff shows all of it')
    return { data, text: sanitise(data.text).text }
  },

  demo: async (context, words, { play }) => {
    const client = await context.client()
    if (!play) return showDemo(client, pathOf(words))
    if (context.isJson) return { data: await client.get(`${pathOf(words)}/recording`) }
    return playRecording(client, pathOf(words), process.stdout.isTTY !== true)
  },

  approve: decide('approve'),
  reject: decide('reject'),
  'request-changes': decide('request-changes'),

  retry: async (context, words, options) => {
    const client = await context.client()
    const data = (await client.send('POST', `${pathOf(words)}/retry`, {})) as { submission: SubmissionDocument }
    return options.wait ? whenMerged(context, client, data.submission, options) : moved(data)
  },

  withdraw: async (context, [id, ...words]) => {
    const body = words.length > 0 ? { why: words.join(' ') } : {}
    const data = (await (await context.client()).send('POST', `${pathOf([id ?? ''])}/withdraw`, body)) as {
      submission: SubmissionDocument
    }
    return moved(data)
  },
} satisfies Readonly<Record<string, Action>>

function moved(data: { readonly submission: SubmissionDocument }): Result {
  return { data, text: showMovedSubmission(data.submission) }
}

function whenMerged(
  context: Context,
  client: Client,
  { id, change }: SubmissionDocument,
  { timeout }: Options,
): Promise<Result> {
  context.progress('its checks run again on the merged tree')
  const timeoutMs = duration(timeout, '--timeout') ?? 3_600_000
  return waitForSubmission(client, id, timeoutMs, 'merged', ...(change ? [] : ['approved']))
}

function decide(decision: 'approve' | 'reject' | 'request-changes'): Action {
  return async (context, [id, ...rest], { commit, wait, ...options }) => {
    const path = pathOf([id ?? ''])
    const said = readBody(rest.join(' ')).trim()
    if (decision !== 'approve' && said === '')
      throw new AgencyError('USAGE', `${decision} needs words: they go to whoever made it`, {
        hint: `agency approvals ${decision} ${id} "…"   or   -   reads standard input`,
      })
    const client = await context.client()
    const body = { decision, commit, ...(said ? { words: said } : {}) }
    const data = (await client.send('POST', `${path}/decide`, body)) as { submission: SubmissionDocument }
    return wait && decision === 'approve' ? whenMerged(context, client, data.submission, options) : moved(data)
  }
}

function pathOf([id]: readonly string[]): string {
  if (id) return `/v1/submissions/${encodeURIComponent(id)}`
  throw new AgencyError('USAGE', 'it is not said which submission', { hint: 'agency approvals' })
}
