/** The end of the demo: the work is handed in and tried, waits for the person, and is merged when they say yes. */
import { join } from 'node:path'
import { execa } from 'execa'
import { packageRoot } from '../../config/workspace.ts'
import { until } from '../../kernel/abort.ts'
import { AgencyError } from '../../kernel/errors.ts'
import { oneLine } from '../../model/sanitize.ts'
import type { SubmissionDocument } from '../approvals/show.ts'
import type { Client } from '../client.ts'
import { paint, shown } from '../text.ts'
import type { Context } from '../verb.ts'
import { verb as approvals } from '../verbs/approvals.ts'
import type { Narrator } from './narrate.ts'

interface Parts {
  /** Of the demo's own workspace. */
  readonly context: Context
  readonly client: Client
  readonly narrator: Narrator
  readonly project: string
}

/** A coordinator that hands in does so with its report. */
const HANDED_IN_MS = 5_000

export class DemoDecision {
  constructor(private readonly parts: Parts) {}

  async run(
    branch: string,
    { timeoutMs, isYes, isAttended }: { timeoutMs: number; isYes: boolean; isAttended: boolean },
  ): Promise<{ id: string; state: string }> {
    const { client, narrator } = this.parts
    const { id } = (await this.#handedIn(branch)) ?? (await this.#handIn(branch))
    narrator.say('handed in: it is deployed to a sandbox, and its tests run there')
    const tried = await this.#settled(id, timeoutMs)
    this.#tell(tried)
    if (tried.state !== 'waiting') return tried
    if (isYes) return this.#approve(tried, timeoutMs)
    if (isAttended) await this.#decideThemselves(tried)
    else narrator.say('nobody is here to decide, so nothing is merged: npm start -- --yes approves it')
    const { submission } = (await client.get(`/v1/submissions/${id}`)) as { submission: SubmissionDocument }
    if (submission.state === 'merged') await this.#showMerged()
    return submission
  }

  async #handedIn(branch: string): Promise<SubmissionDocument | undefined> {
    const look = async () => {
      const { submissions } = (await this.parts.client.get('/v1/submissions', {})) as {
        submissions: SubmissionDocument[]
      }
      return submissions.find(({ change }) => change?.branch === branch)
    }
    return until(look, { timeoutMs: HANDED_IN_MS, everyMs: 100 })
  }

  /** A real coordinator may have left it to the person. */
  async #handIn(branch: string): Promise<SubmissionDocument> {
    const { submission } = (await this.parts.client.send('POST', '/v1/submissions', { branch })) as {
      submission: SubmissionDocument
    }
    return submission
  }

  async #settled(id: string, timeoutMs: number): Promise<SubmissionDocument> {
    const path = `/v1/submissions/${id}/wait`
    const { submission } = (await this.parts.client.get(path, { timeoutMs })) as { submission: SubmissionDocument }
    return submission
  }

  #tell({ state, reason, counts, preview, change, testedIn }: SubmissionDocument): void {
    const { narrator } = this.parts
    if (state !== 'waiting') {
      narrator.say(paint('red', `it is ${state}${reason ? `: ${oneLine(reason, 200)}` : ''}`))
      return
    }
    const tested = counts ? `${counts.passed} tests pass in ${testedIn}` : `tried in ${testedIn}`
    if (preview) narrator.say(`preview ${paint('bold', preview)} answers`)
    narrator.say(
      `${tested}; ${change?.branch} ${paint('bold', 'waits for your decision')}, and nothing is merged without it`,
    )
  }

  /** The screen where there is one; else the list, and what to type. */
  async #decideThemselves({ id }: SubmissionDocument): Promise<void> {
    const { context } = this.parts
    const { text } = await approvals.run(context, [], {})
    if (text === undefined) return
    process.stdout.write(`\n${shown(text)}\n\n`)
    const agency = `${join(packageRoot, 'bin', 'agency.js')} --workspace ${context.workspaceFlag} approvals`
    for (const action of ['diff', 'demo', 'approve', 'reject'])
      process.stdout.write(`  ${agency} ${action} ${id.slice(-8)}${action === 'reject' ? ' "why"' : ''}\n`)
  }

  async #approve({ id, change }: SubmissionDocument, timeoutMs: number): Promise<SubmissionDocument> {
    const { client, narrator } = this.parts
    narrator.say(`approved, as --yes says: exactly commit ${change?.commit.slice(0, 12)}`)
    await client.send('POST', `/v1/submissions/${id}/decide`, { decision: 'approve', commit: change?.commit })
    const merged = await this.#settled(id, timeoutMs)
    if (merged.state !== 'merged')
      throw new AgencyError('CONFLICT', `it was approved and is ${merged.state}: ${oneLine(merged.reason ?? '', 200)}`)
    await this.#showMerged()
    return merged
  }

  async #showMerged(): Promise<void> {
    const { narrator, project } = this.parts
    const log = ['log', '--oneline', '--no-decorate', '--graph', '-4', 'main']
    const { stdout } = await execa('git', ['-C', project, ...log])
    narrator.say(paint('green', "merged into the project's main:"))
    for (const line of stdout.split('\n')) narrator.say(`  ${oneLine(line, 120)}`)
  }
}
