import { oneLine } from '../../model/sanitize.ts'
import { paint } from '../text.ts'
import type { Verb } from '../verb.ts'

interface DialogDocument {
  readonly agent: string
  readonly rule: string
  readonly question: string
  readonly choices: readonly string[]
}

interface AnsweredDocument extends DialogDocument {
  readonly choice: string
  readonly isClosed: boolean
}

export const verb: Verb = {
  name: 'answer',
  arguments: [
    { form: '<agent>', about: 'Agency/agent' },
    {
      form: '[choice]',
      about: 'a choice of the open dialog, such as yes, or keys by name; without it, see what is asked',
    },
  ],
  options: [],
  examples: [
    'agency answer CodeAgency/python-agent',
    'agency answer CodeAgency/python-agent yes',
    'agency answer CodeAgency/python-agent "Down Enter"',
  ],
  async run(context, [agent, choice]) {
    const client = await context.client()
    if (choice === undefined) {
      const data = (await client.get('/v1/dialog', { agent })) as DialogDocument
      const choices = data.choices.join(', ') || 'none that its profile knows; give keys by name'
      return { data, text: `${paint('bold', data.rule)}\n${data.question}\n${paint('gray', 'choices')}  ${choices}` }
    }
    const data = (await client.send('POST', '/v1/dialog', { agent, choice })) as AnsweredDocument
    const words = `${data.agent}  ${oneLine(data.rule, 60)}  ${data.choice}`
    if (data.isClosed) return { data, text: words }
    context.note(`the dialog is still open: agency attach ${data.agent}`)
    return { data, text: words, exitCode: 6 }
  },
}
