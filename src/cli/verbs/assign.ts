import { AgencyError } from '../../kernel/errors.ts'
import type { Client } from '../client.ts'
import type { TaskDocument } from '../documents.ts'
import { duration, listOf, PRIORITY_OPTION, readBody } from '../sending.ts'
import { showMoved } from '../task/show.ts'
import { paint } from '../text.ts'
import type { Result, Verb } from '../verb.ts'

interface ChoiceDocument {
  readonly agent: string
  readonly score: number
  readonly reasons: readonly string[]
}

export const verb: Verb = {
  name: 'assign',
  arguments: [
    {
      form: '<words...>',
      about:
        'TARGET GOAL, or with --auto GOAL alone; TARGET: an agency (its coordinator) or Agency/agent; GOAL - reads standard input',
    },
  ],
  words: ['target'],
  options: [
    { form: '--auto', about: 'choose agency and agent by capability, load and record, and say why' },
    { form: '--needs <list>', about: 'capabilities that it takes: backend,api-design' },
    { form: '--agency <name>', about: 'with --auto: choose within this agency' },
    PRIORITY_OPTION,
    { form: '--deadline <time>', about: 'given up when it is not done within this time: 2h, 1d' },
    { form: '--dry-run', about: 'with --auto: say who it would be, and give nothing' },
  ],
  examples: [
    'agency assign CodeAgency "Users can change their profile picture"',
    'agency assign --auto "Speed up the search endpoint" --needs backend,api-design',
    'agency assign --auto "Review the login" --needs code-review --dry-run',
  ],
  async run(context, [given], options) {
    const words = given as unknown as string[]
    const client = await context.client()
    const needs = listOf(options.needs)
    const [to, ...rest] = options.auto ? [undefined, ...words] : words
    const goal = readBody(rest.join(' '))
    if (goal.trim() === '')
      throw new AgencyError('USAGE', options.auto ? 'the goal is missing' : 'the target or the goal is missing', {
        hint: options.auto ? 'agency assign --auto "…" --needs backend' : 'agency assign CodeAgency "…"',
      })
    const choices = options.auto ? await choose(client, needs, options.agency) : []
    if (options['dryRun']) return { data: { choices }, text: reasons(choices) }
    const [title = '', ...body] = goal.split('\n')
    const deadline = duration(options.deadline, '--deadline')
    const draft = {
      title,
      ...(body.join('\n').trim() ? { body: body.join('\n').trim() } : {}),
      to: to ?? choices[0]!.agent,
      ...(options.auto ? { needs } : {}),
      priority: options.priority,
      deadline: deadline === undefined ? undefined : deadline / 1000,
    }
    const { tasks } = (await client.send('POST', '/v1/tasks', { tasks: [draft] })) as { tasks: readonly TaskDocument[] }
    return result(tasks[0]!, choices)
  },
}

async function choose(client: Client, needs: readonly string[], agency: unknown): Promise<readonly ChoiceDocument[]> {
  const { choices } = (await client.send('POST', '/v1/choose', { needs, agency })) as {
    choices: readonly ChoiceDocument[]
  }
  return choices
}

function result(task: TaskDocument, choices: readonly ChoiceDocument[]): Result {
  const text = [...(choices.length > 0 ? [reasons(choices)] : []), showMoved(task)].join('\n')
  return { data: { task, choices }, text }
}

function reasons(choices: readonly ChoiceDocument[]): string {
  const shown = choices.slice(0, 4)
  return shown
    .map(({ agent, score, reasons: why }, index) => {
      const words = `${agent}  ${score.toFixed(2)}  ${paint('gray', why.join('; '))}`
      return index === 0 ? `${paint('green', 'best')}  ${words}` : `      ${words}`
    })
    .join('\n')
}
