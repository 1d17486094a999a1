import { sendOrLeave } from '../leaving.ts'
import { draftOf, SENDING_OPTIONS, WAIT_OPTIONS } from '../sending.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'handoff',
  arguments: [{ form: '<agency>', about: 'the agency that takes over; its coordinator gets the message' }],
  options: [
    { form: '--task <label>', about: 'label of the task, such as TASK-001 (required)' },
    { form: '--branch <name>', about: 'branch with the work' },
    { form: '--notes <text>', about: 'what the other side should know' },
    { form: '--artifact <path...>', about: 'files that belong to it' },
    ...SENDING_OPTIONS.filter(option => !option.form.startsWith('--type')),
    ...WAIT_OPTIONS,
  ],
  examples: [
    'agency handoff QAAgency --task TASK-001 --branch agency/CodeAgency/js-agent --notes "run the acceptance tests"',
  ],
  async run(context, [to], options) {
    const { task, branch, notes, priority } = options
    const payload = {
      type: 'handoff',
      task: task ?? '',
      branch,
      priority: priority ?? 'normal',
      artifacts: options.artifact ?? [],
      notes,
    }
    return sendOrLeave(context, '/v1/messages', { ...draftOf(options), to, payload })
  },
}
