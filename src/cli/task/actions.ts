/** What `agency task` can do, by its first word. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { AgencyError } from '../../kernel/errors.ts'
import { isEnded, type TaskState } from '../../model/task.ts'
import type { TaskDocument, TaskStoryDocument } from '../documents.ts'
import { sayOfTaskOrLeave } from '../leaving.ts'
import { count, duration, listOf, readBody } from '../sending.ts'
import { paint } from '../text.ts'
import type { Context, Result } from '../verb.ts'
import { drawGraph } from './graph.ts'
import { showList, showMoved, showStory } from './show.ts'

type Options = Readonly<Record<string, unknown>>
export type Action = (context: Context, words: readonly string[], options: Options) => Promise<Result>

/** What an action does to one task that is there. */
function onTask(path: string, body: (words: readonly string[], options: Options) => Record<string, unknown>): Action {
  return async (context, [id, ...words], options) => {
    const client = await context.client()
    const given = body(words, options)
    const data = (await client.send(
      'POST',
      `/v1/tasks/${encodeURIComponent(need(id, 'the task'))}/${path}`,
      given,
    )) as {
      task?: TaskDocument
      tasks?: readonly TaskDocument[]
    }
    return { data, text: (data.tasks ?? [data.task!]).map(showMoved).join('\n') }
  }
}

/** What whoever has a task says of it. */
function ofOwn(how: 'done' | 'block' | 'fail', words: (words: readonly string[], options: Options) => object): Action {
  return async (context, [id, ...rest], options) => {
    const said = await sayOfTaskOrLeave(context, {
      task: need(id, 'the task'),
      how,
      draft: { ...words(rest, options) },
    })
    return 'task' in said ? { data: said, text: showMoved(said.task) } : said
  }
}

/** In one list, by the daemon's rule. */
const MOST_LISTED = 10_000

export const ACTIONS = {
  list: async (context, _, options) => {
    const client = await context.client()
    const { agency, agent, state, limit = '200' } = options
    const open = options.all || state ? undefined : '1'
    const data = (await client.get('/v1/tasks', { agency, agent, state, open, limit })) as {
      tasks: readonly TaskDocument[]
      isCut: boolean
    }
    const shown = showList(data.tasks) || noneOf(options)
    const count = data.tasks.length
    const further =
      count < MOST_LISTED ? `--limit ${Math.min(count * 10, MOST_LISTED)}` : '--agency, --agent or --state'
    const more = `the newest ${count} are shown; more of them: ${further}`
    return { data, text: data.isCut ? `${shown}\n${paint('gray', more)}` : shown }
  },

  add: async (context, words, options) => {
    const client = await context.client()
    const tasks = options.file === undefined ? [draftOf(words, options)] : readDrafts(String(options.file))
    const data = (await client.send('POST', '/v1/tasks', { tasks })) as { tasks: readonly TaskDocument[] }
    return { data, text: data.tasks.map(showMoved).join('\n') }
  },

  show: async (context, [id]) => {
    const client = await context.client()
    const data = (await client.get(`/v1/tasks/${encodeURIComponent(need(id, 'the task'))}`)) as TaskStoryDocument
    return { data, text: showStory(data) }
  },

  graph: async (context, _, options) => {
    const client = await context.client()
    const { agency, all, format = 'tree' } = options
    const found = (await client.get('/v1/tasks', { agency, limit: 10_000 })) as { tasks: readonly TaskDocument[] }
    const data = { tasks: all ? found.tasks : withoutOldEnds(found.tasks) }
    return {
      data,
      text: drawGraph(data.tasks, String(format)) || 'no task is open; all of them: agency task graph --all',
    }
  },

  assign: onTask('assign', ([to]) => ({ to: need(to, 'whom') })),
  after: onTask('after', ([other]) => splitAfter(need(other, 'the task that comes before'))),
  start: onTask('start', () => ({})),
  heartbeat: onTask('heartbeat', (_, { epoch }) => ({ epoch: count(epoch, '--epoch') })),
  done: ofOwn('done', (words, options) => ({
    summary: readBody(words.join(' ') || 'done'),
    commits: listOf(options.commit),
    artifacts: listOf(options.artifact),
    ...(options.tests === undefined ? {} : { tests: counts(String(options.tests)) }),
  })),
  block: ofOwn('block', words => ({ why: readBody(need(words.join(' '), 'why')) })),
  fail: ofOwn('fail', words => ({ why: readBody(need(words.join(' '), 'why')) })),
  cancel: onTask('cancel', words => {
    refuseSecond(words[0])
    return words.length > 0 ? { why: words.join(' ') } : {}
  }),
  retry: onTask('retry', () => ({})),

  next: async context => {
    const client = await context.client()
    const data = (await client.send('POST', '/v1/tasks/next', {})) as { task: TaskDocument | null }
    const text = data.task
      ? `${showMoved(data.task)}\n\n${data.task.title}\n${data.task.body}`.trimEnd()
      : 'nothing waits for you'
    return { data, text }
  },
} satisfies Record<string, Action>

function noneOf({ all, state, agency, agent }: Options): string {
  const where = agent ?? agency
  if (state !== undefined) return `no task${where ? ` of ${where}` : ''} is ${state}`
  if (all) return `there is no task${where ? ` of ${where}` : ''}: agency task add "…"`
  return `no task${where ? ` of ${where}` : ''} is open; all of them: agency task list --all`
}

function draftOf(words: readonly string[], options: Options): Record<string, unknown> {
  const deadline = duration(options.deadline, '--deadline')
  const estimate = duration(options.estimate, '--estimate')
  return {
    title: need(words.join(' '), 'a title'),
    body: options.body === undefined ? undefined : readBody(String(options.body)),
    to: options.to,
    label: options.label,
    needs: listOf(options.needs),
    after: listOf(options.after).map(splitAfter),
    parent: options.parent,
    priority: options.priority,
    deadline: deadline === undefined ? undefined : deadline / 1000,
    estimateMinutes: estimate === undefined ? undefined : estimate / 60_000,
    maxAttempts: options.attempts === undefined ? undefined : count(options.attempts, '--attempts'),
  }
}

/** Several tasks in YAML: a list of mappings, in which `after` names keys of the list or tasks that are there. */
function readDrafts(file: string): readonly Record<string, unknown>[] {
  let parsed: unknown
  try {
    parsed = parse(readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (cause) {
    throw new AgencyError('USAGE', `${file} cannot be read as YAML: ${(cause as Error).message.split('\n')[0]}`, {
      hint: 'agency task add --help',
      cause,
    })
  }
  if (!Array.isArray(parsed) || parsed.length === 0)
    throw new AgencyError('USAGE', `${file} holds no list of tasks`, { hint: '- {key: a, title: "…", to: CodeAgency}' })
  return parsed.map((entry: Record<string, unknown>) => {
    const { needs, after, deadline, estimate, attempts, ...rest } = entry ?? {}
    const seconds = duration(deadline, 'deadline')
    const estimated = duration(estimate, 'estimate')
    return {
      ...rest,
      ...(needs === undefined ? {} : { needs: listOf(needs) }),
      ...(after === undefined ? {} : { after: listOf(after).map(splitAfter) }),
      ...(seconds === undefined ? {} : { deadline: seconds / 1000 }),
      ...(estimated === undefined ? {} : { estimateMinutes: estimated / 60_000 }),
      ...(attempts === undefined ? {} : { maxAttempts: attempts }),
    }
  })
}

/** Tasks that are open, and what they come from: ended ones that nothing open depends on only fill the screen. */
function withoutOldEnds(tasks: readonly TaskDocument[]): readonly TaskDocument[] {
  const isOpen = (task: TaskDocument) => !isEnded(task.state as TaskState)
  const wanted = new Set(
    tasks.filter(isOpen).flatMap(task => [task.id, task.parent, ...task.dependsOn.map(({ task: on }) => on)]),
  )
  return tasks.filter(({ id }) => wanted.has(id))
}

function splitAfter(word: string): { task: string; on: string } {
  const [task = '', on = 'success'] = word.split(':')
  return { task, on }
}

function counts(word: string): { passed: number; failed: number } {
  const match = /^(\d+)(?:\/(\d+))?$/.exec(word)
  if (!match)
    throw new AgencyError('USAGE', `--tests ${word} tells no counts`, { hint: '--tests 14/0   passed and failed' })
  return { passed: Number(match[1]), failed: Number(match[2] ?? 0) }
}

/** `cancel A B` would else cancel A, because of B. */
function refuseSecond(word: string | undefined): void {
  if (word === undefined || !/^(TASK-\w+|[0-9a-f]{8})$/.test(word)) return
  throw new AgencyError('USAGE', `one task at a time is cancelled, and ${word} is a second one`, {
    hint: `agency task cancel ${word}   a reason that begins so: put more words around it`,
  })
}

function need(value: string | undefined, what: string): string {
  if (value !== undefined && value !== '') return value
  throw new AgencyError('USAGE', `${what} is missing`, { hint: 'agency task --help' })
}
