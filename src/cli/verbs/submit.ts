import { readFileSync } from 'node:fs'
import { AgencyError } from '../../kernel/errors.ts'
import { type SubmissionDocument, showMovedSubmission, waitForSubmission } from '../approvals/show.ts'
import { duration, readBody } from '../sending.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'submit',
  arguments: [],
  options: [
    { form: '--branch <branch>', about: 'branch to hand in (default: your own)' },
    { form: '--agency <name>', about: 'whose work it is, when the branch is not one of an agent' },
    {
      form: '--task <id>',
      about:
        'task that it is the work of (default: the one that its agent is at, where the branch is that agent’s own)',
    },
    {
      form: '--title <text>',
      about: 'one line that says what it is (default: that of the task, or of the last commit)',
    },
    { form: '--summary <text>', about: 'what there is to say of it; - reads standard input' },
    { form: '--report <file>', about: 'no branch: these words are what is decided about; - reads standard input' },
    { form: '--demo <url>', about: 'where it can be seen at work' },
    { form: '--measure <text...>', about: 'what got better: "Build time: 8 min → 3 min"; may be given again' },
    { form: '--wait', about: 'wait until it is in the queue, or did not pass' },
    { form: '--timeout <time>', about: 'how long to wait (default: 1h)' },
  ],
  examples: [
    'agency submit',
    'agency submit --title "Profile pictures" --measure "Build time: 8 min → 3 min" --wait',
    'agency submit --branch agency/CodeAgency/python-agent',
    'agency submit --agency CodeAgency --branch feature/x --task TASK-042',
    'agency submit --report findings.md --title "What the audit found"',
  ],
  async run(context, _, options) {
    const client = await context.client()
    const isReport = options.report !== undefined
    if (isReport && options.branch !== undefined)
      throw new AgencyError('USAGE', 'a report has no branch', { hint: 'agency submit --help' })
    const { branch, agency, task, title, demo } = options
    const summary = isReport
      ? readReport(String(options.report))
      : options.summary === undefined
        ? undefined
        : readBody(String(options.summary))
    const measures = [options.measure ?? []].flat().map(String)
    const wish = { branch, agency, task, title, demo, summary, ...(isReport ? { isReport } : {}), measures }
    const data = (await client.send('POST', '/v1/submissions', wish)) as { submission: SubmissionDocument }
    if (!options.wait) return { data, text: showMovedSubmission(data.submission) }
    context.progress('its checks and tests run')
    const timeoutMs = duration(options.timeout, '--timeout') ?? 3_600_000
    return waitForSubmission(client, data.submission.id, timeoutMs, 'waiting')
  },
}

function readReport(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (cause) {
    throw new AgencyError('NOT_FOUND', `${file} cannot be read`, { hint: 'agency submit --report FILE', cause })
  }
}
