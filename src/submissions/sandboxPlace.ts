/** The place to try a commit in where the project can be deployed: a sandbox. What passes stays there, staged, until somebody has decided. */
import { join } from 'node:path'
import { AgencyError } from '../kernel/errors.ts'
import { type Check, checkOf, sayCheck } from '../model/check.ts'
import { SYSTEM } from '../model/names.ts'
import type { TestOutcome as Ran, Sandbox } from '../model/sandbox.ts'
import { planSandbox, type SandboxPlan } from '../model/sandboxPlan.ts'
import type { CheckRun } from '../model/task.ts'
import type { Sandboxes } from '../sandboxes/sandboxes.ts'
import { projectAt } from './projectAt.ts'
import { failureOf, type ScratchParts } from './scratch.ts'
import { scratchPlace, type TestOutcome, type TestPlace, type Tried } from './testPlace.ts'

type Trials = Pick<Sandboxes, 'deploy' | 'runTests' | 'keepStaged' | 'wake' | 'destroy' | 'ofTrial'>

export interface SandboxPlaceParts extends ScratchParts {
  readonly sandboxes: Trials
  readonly reach: (point: string) => void
}

/** A sandbox that goes away under its tests says nothing of them: once more, and then somebody should look. */
const TRIES = 2

export class SandboxPlace implements TestPlace {
  readonly #scratch: TestPlace

  constructor(private readonly parts: SandboxPlaceParts) {
    this.#scratch = scratchPlace(parts)
  }

  async run(tried: Tried, signal: AbortSignal): Promise<TestOutcome> {
    const { roster, git, sandboxes } = this.parts
    const wishes = roster.definitions.get(tried.agency)?.sandbox
    const plan = planSandbox(wishes, await projectAt(git, tried.repository, tried.commit))
    if (!wishes && !plan.test && !plan.app) {
      // The merger has just run the checks on the merged tree.
      if (tried.use === 'merge') return { where: 'no sandbox', tests: [], problem: undefined, notes: [] }
      return this.#scratch.run(tried, signal)
    }
    for (let tries = 1; ; tries++) {
      // Of a daemon that was killed in the middle of it.
      for (const { id } of await sandboxes.ofTrial(tried.submission, tried.use)) await sandboxes.destroy(SYSTEM, id)
      const outcome = await this.#try(tried, plan, signal)
      if (outcome !== 'lost') return outcome
      if (tries === TRIES || signal.aborted)
        throw new AgencyError('ENVIRONMENT', 'its sandbox went away under its tests', { hint: 'agency doctor' })
    }
  }

  async preview(submission: Tried['submission']): Promise<string | undefined> {
    const { sandboxes } = this.parts
    const [sandbox] = await sandboxes.ofTrial(submission, 'test')
    return sandbox?.plan.app ? (await sandboxes.wake(sandbox.id)).url : undefined
  }

  async clear(submission: Tried['submission']): Promise<void> {
    const { sandboxes } = this.parts
    for (const { id } of await sandboxes.ofTrial(submission)) await sandboxes.destroy(SYSTEM, id)
  }

  async #try(tried: Tried, plan: SandboxPlan, signal: AbortSignal): Promise<TestOutcome | 'lost'> {
    const { sandboxes, reach } = this.parts
    const deployed = await this.#deploy(tried, plan, signal)
    if ('problem' in deployed)
      return { where: 'no sandbox', tests: [], problem: deployed.problem, notes: deployed.notes }
    reach(`${tried.use}-deployed`)
    const { sandbox } = deployed
    const where = `the sandbox ${sandbox.slug} (${sandbox.isolation === 'none' ? 'not isolated' : sandbox.isolation})`
    const runs = await this.#runAll(tried, sandbox, signal)
    reach(`${tried.use}-ran`)
    const problem = failureOf(runs.map(({ run }) => run))
    const outcome = { where, tests: runs.map(({ run }) => run), problem }
    const notes = [...deployed.notes, ...sandbox.notes, ...this.#told(tried, sandbox.plan, runs)]
    if (problem === undefined && !signal.aborted && tried.use === 'test') {
      const staged = await sandboxes.keepStaged(sandbox.id)
      reach('submission-staged')
      return { ...outcome, notes, sandbox: staged.id, preview: staged.url }
    }
    await sandboxes.destroy(SYSTEM, sandbox.id)
    return runs.some(({ isLost }) => isLost) ? 'lost' : { ...outcome, notes }
  }

  /** A program that is guessed and does not come up is no fault of the work. What is said in agency.json has to. */
  async #deploy(
    tried: Tried,
    plan: SandboxPlan,
    signal: AbortSignal,
  ): Promise<{ sandbox: Sandbox; notes: readonly string[] } | { problem: string; notes: readonly string[] }> {
    const { sandboxes, roster } = this.parts
    const { agency, commit, branch, title, submission, use } = tried
    const named = { ...(branch === undefined ? {} : { branch }), ...(title === undefined ? {} : { title }) }
    const order = { agency, commit, ...named, trial: { submission, use } }
    const isGuess = plan.app !== undefined && roster.definitions.get(agency)?.sandbox?.app === undefined
    try {
      return { sandbox: await sandboxes.deploy(SYSTEM, order, undefined, signal), notes: [] }
    } catch (error) {
      const why = faultOf(error)
      if (!isGuess || signal.aborted) return { problem: why, notes: [] }
      const notes = [`no preview, ${why.split('\n')[0]} ("sandbox": {"app": …} in agency.json says what is right)`]
      return sandboxes.deploy(SYSTEM, { ...order, withoutApp: true }, undefined, signal).then(
        sandbox => ({ sandbox, notes }),
        again => ({ problem: faultOf(again), notes: [] }),
      )
    }
  }

  /** The project's tests; where none are known, the agency's checks. The first that fails is the last. */
  async #runAll(
    { agency, submission, use }: Tried,
    { id, plan }: Sandbox,
    signal: AbortSignal,
  ): Promise<readonly One[]> {
    const { workspace, sandboxes, roster } = this.parts
    const keepIn = join(workspace.checks, submission, `sandbox-${use}`)
    const runs: One[] = []
    for (const given of plan.test ? [plan.test] : (roster.definitions.get(agency)?.checks ?? [])) {
      const check = checkOf(given)
      const ran = await sandboxes.runTests(id, signal, { command: check.command, keepIn })
      runs.push({ run: runOf(check, ran), isLost: ran.isLost === true, skipped: ran.skipped ?? 0 })
      if (ran.status !== 0 || signal.aborted) break
    }
    return runs
  }

  #told({ agency }: Tried, plan: SandboxPlan, runs: readonly One[]): readonly string[] {
    const wishes = this.parts.roster.definitions.get(agency)?.sandbox
    const skipped = runs.reduce((sum, run) => sum + run.skipped, 0)
    return [
      ...(plan.test ? [] : [runs.length > 0 ? 'no tests of the project are known: its checks ran' : NO_TESTS]),
      ...(plan.test && wishes?.test === undefined
        ? [`its tests were guessed from the project: ${sayCheck({ command: plan.test })}`]
        : []),
      ...(skipped > 0 ? [`${skipped} tests were skipped`] : []),
    ]
  }
}

const NO_TESTS = 'nothing was tested: no tests of the project are known, and agency.json names no "checks"'

interface One {
  readonly run: CheckRun
  readonly isLost: boolean
  readonly skipped: number
}

function runOf({ name, command }: Check, ran: Ran): CheckRun {
  const { status, seconds, log, passed, failed, coverage, failures, tail, ended, cast } = ran
  const tests = passed === undefined && failed === undefined ? undefined : { passed: passed ?? 0, failed: failed ?? 0 }
  return { name, command, status, seconds, log, tests, coverage, failures, tail, ended, cast }
}

/** The project's own: what it needs of the machine and cannot have is nobody's fault, and thrown on. */
function faultOf(error: unknown): string {
  if (error instanceof AgencyError && error.code !== 'ENVIRONMENT') return error.message
  throw error
}
