/** What the screen asks of the daemon, and what it tells it. */

import type { Client } from '../../../cli/client.ts'
import { toAgencyError } from '../../../kernel/errors.ts'
import { DiffParser, diffLines } from '../../diff/parse.ts'
import { inTreeOrder } from '../../diff/tree.ts'
import type { Hands } from '../../panel.ts'
import type { Demo, Diff, Message, Story, Submission, TaskStory } from './documents.ts'
import type { DecisionKind, Event, Loaded, Scope } from './state.ts'

/** Lines that are taken apart in one go: about two milliseconds, so that keys are heard meanwhile. */
const SLICE = 5_000
const MOST_MESSAGES = 200

export class Questions {
  #isFetching = false
  #isStale = false

  constructor(
    private readonly open: () => Promise<Client>,
    private readonly hands: Hands<Event>,
  ) {}

  /** One at a time; what changes meanwhile is asked for once more. */
  async queue(): Promise<void> {
    if (this.#isFetching) {
      this.#isStale = true
      return
    }
    this.#isFetching = true
    try {
      do {
        this.#isStale = false
        const { submissions } = (await this.#get('/v1/submissions')) as { submissions: readonly Submission[] }
        this.hands.dispatch({ on: 'queue', submissions })
      } while (this.#isStale)
    } catch (error) {
      this.#lost(error)
    } finally {
      this.#isFetching = false
    }
  }

  async story(id: string): Promise<void> {
    const story = await this.#loaded<Story>(() => this.#get(`${pathOf(id)}`))
    this.hands.dispatch({ on: 'story', id, story })
  }

  /** How it ended, of what was approved here and is gone from the list. */
  async end(id: string): Promise<void> {
    const story = await this.#loaded<Story>(() => this.#get(pathOf(id)))
    if (story && 'value' in story)
      this.hands.dispatch({ on: 'ended', submission: story.value.submission, at: Date.now() })
  }

  async diff(id: string, scope: Scope): Promise<void> {
    const diff = await this.#loaded<Diff>(async () => {
      const { text, isCut } = await this.diffText(id, scope)
      const parser = new DiffParser()
      const lines = diffLines(text)
      for (let start = 0; start < lines.length && !this.hands.signal.aborted; start += SLICE) {
        for (const line of lines.slice(start, start + SLICE)) parser.take(line)
        await new Promise(setImmediate)
      }
      return { files: inTreeOrder(parser.files), isCut }
    })
    this.hands.dispatch({ on: 'diff', id, scope, diff })
  }

  async diffText(id: string, scope: Scope): Promise<{ text: string; isCut: boolean }> {
    const query = scope === 'since' ? '?sincePrevious=1' : ''
    return (await this.#get(`${pathOf(id)}/diff${query}`)) as { text: string; isCut: boolean }
  }

  /** Wakes what rests: where its program answers, what was recorded, and what its author names. */
  async demo(id: string): Promise<Demo> {
    return (await (await this.open()).send('POST', `${pathOf(id)}/demo`, {})) as Demo
  }

  async messages(id: string): Promise<void> {
    const messages = await this.#loaded<readonly Message[]>(async () => {
      const { submission } = (await this.#get(pathOf(id))) as Story
      const ids = submission.conversation.slice(-MOST_MESSAGES)
      const traces = await Promise.all(
        ids.map(each => this.#get(`/v1/messages/${encodeURIComponent(each)}`) as Promise<{ message: Message }>),
      )
      return traces.map(({ message }) => message)
    })
    this.hands.dispatch({ on: 'messages', id, messages })
  }

  async task(id: string, task: string): Promise<void> {
    const loaded = await this.#loaded<TaskStory>(() => this.#get(`/v1/tasks/${encodeURIComponent(task)}`))
    this.hands.dispatch({ on: 'task', id, task: loaded })
  }

  async outputs(id: string): Promise<void> {
    const outputs = await this.#loaded<Readonly<Record<string, string>>>(async () => {
      const found = (await this.#get(`${pathOf(id)}/outputs`)) as { outputs: Readonly<Record<string, string>> }
      return found.outputs
    })
    this.hands.dispatch({ on: 'outputs', id, outputs })
  }

  /** The daemon has the last word; what it says against it is shown where the submission is. */
  async decide(id: string, kind: DecisionKind, words: string | undefined, commit: string | undefined): Promise<void> {
    await this.#change(id, 'decided', `${pathOf(id)}/decide`, { decision: kind, words, commit })
  }

  async mergeAgain(id: string): Promise<void> {
    await this.#change(id, 'merges-again', `${pathOf(id)}/retry`, {})
  }

  async #change(id: string, on: 'decided' | 'merges-again', path: string, body: unknown): Promise<void> {
    try {
      const { submission } = (await (await this.open()).send('POST', path, body)) as { submission: Submission }
      this.hands.dispatch({ on, submission, at: Date.now() })
    } catch (error) {
      this.hands.dispatch({ on: 'refused', id, why: toAgencyError(error).message, at: Date.now() })
    }
  }

  async #get(path: string): Promise<unknown> {
    return (await this.open()).get(path)
  }

  async #loaded<T>(read: () => Promise<unknown>): Promise<Loaded<T>> {
    try {
      return { value: (await read()) as T }
    } catch (error) {
      return { failed: toAgencyError(error).message }
    }
  }

  #lost(error: unknown): void {
    const { code, message } = toAgencyError(error)
    if (code === 'NO_DAEMON') this.hands.dispatch({ on: 'lost', why: message, at: Date.now() })
    else this.hands.dispatch({ on: 'told', text: message, role: 'bad', at: Date.now() })
  }
}

function pathOf(id: string): string {
  return `/v1/submissions/${encodeURIComponent(id)}`
}
