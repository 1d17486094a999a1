/** Tells the person what needs them: hears it in the log, and sees that each way that is on tells it once. */
import { onlyPerson } from '../agencies/authority.ts'
import { newId } from '../kernel/ids.ts'
import { isObject, parseJson } from '../kernel/json.ts'
import type { Finding } from '../model/finding.ts'
import type { Address } from '../model/names.ts'
import type { Notice } from '../model/notice.ts'
import type { NoticeRules } from '../model/noticePlan.ts'
import { isQuiet, parseQuiet, type QuietHours } from '../model/quiet.ts'
import { desktopWay } from './desktop.ts'
import { Feed } from './feed.ts'
import { type KeptWay, Lane, tellBy, tellingOf } from './lane.ts'
import { type NoticeParts, type Told, WAY_NAMES, type Way, type WayName } from './parts.ts'
import { bellWay, statusBarWay } from './statusBar.ts'
import { webhookWay } from './webhook.ts'

const MARK = 'notices'
/** Read and of no interest: written down every so often, or the next daemon would read all of it again. */
const MARK_EVERY = 2_000

export interface WayStanding {
  readonly way: WayName
  /** absent: it reaches nobody from here. */
  readonly state: 'on' | 'off' | 'absent' | 'failing'
  readonly detail: string
  /** Things that it still has to tell. */
  readonly waiting: number
  readonly last: Lane['last']
}

export class Notices {
  readonly #quiet: QuietHours | undefined
  readonly #ways: readonly Way[]
  #feed: Feed | undefined
  #lanes: readonly Lane[] = []
  #seen = -1
  #marked = 0

  constructor(private readonly parts: NoticeParts) {
    const { quiet, timeZone } = parts.settings.notices
    this.#quiet = quiet === undefined ? undefined : parseQuiet(quiet, timeZone)
    this.#ways = waysOf(parts)
  }

  /** Something waits to be told, at a time of its own. */
  get isWaiting(): boolean {
    return (this.#feed?.pending.length ?? 0) > 0
  }

  async tick(signal: AbortSignal): Promise<void> {
    const feed = this.#feed ?? (await this.#begin())
    const { changes } = this.parts.store
    if (changes !== this.#seen) await feed.hear()
    this.#seen = changes
    const save = () => this.#save()
    for (const lane of this.#lanes) lane.tick(signal, save)
    const done = this.#lanes.length === 0 ? feed.read : Math.min(...this.#lanes.map(({ state }) => state.done))
    feed.forget(done)
    if (done - this.#marked > MARK_EVERY) await this.#save()
  }

  /** What is on its way comes to its end. */
  async settle(): Promise<void> {
    await Promise.all(this.#lanes.map(lane => lane.settle()))
  }

  /** Tries each way, or one, whatever the quiet hours say. */
  async test(caller: Address, only: WayName | undefined, signal: AbortSignal) {
    onlyPerson(caller, 'try the notices')
    const at = this.parts.clock.now()
    const about = this.parts.workspace.root
    const notice: Notice = {
      ...{ id: newId(), seq: 0, at, kind: 'asked', about },
      ...{ text: 'this is a test: you are told like this when something needs you', next: 'agency notify' },
    }
    const telling = tellingOf([notice], { at, isSummary: false, isUrgent: false })
    const names = WAY_NAMES.filter(name => only === undefined || name === only)
    return Promise.all(
      names.map(async name => {
        const way = this.#ways.find(other => other.name === name)
        const told: Told = way ? await tellBy(way, telling, signal) : { outcome: 'skipped', detail: whyOff(name) }
        return { way: name, ...told }
      }),
    )
  }

  /** How each way stands. */
  async standing(): Promise<{
    quiet: { hours: string; timeZone: string; isNow: boolean } | undefined
    ways: readonly WayStanding[]
  }> {
    const { quiet: hours, timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone } = this.parts.settings.notices
    const isNow = this.#isQuiet(this.parts.clock.now())
    return {
      quiet: hours === undefined ? undefined : { hours, timeZone, isNow },
      ways: await Promise.all(WAY_NAMES.map(name => this.#standingOf(name))),
    }
  }

  async findings(): Promise<readonly Finding[]> {
    const { ways } = await this.standing()
    const failing = ways.filter(({ state }) => state === 'failing')
    const said = ways.map(({ way, state, detail }) =>
      state === 'absent' ? `${way} skipped: ${detail}` : `${way} ${state}`,
    )
    return [
      ...failing.map(
        ({ way, detail, waiting }): Finding => ({
          level: 'warn',
          what: `the ${way} for notices fails: ${detail}${waiting > 0 ? `; ${waiting} wait for it` : ''}`,
          hint: `agency notify test ${way}`,
        }),
      ),
      { level: 'ok', what: `notices: ${said.join(', ')}` },
    ]
  }

  async #standingOf(name: WayName): Promise<WayStanding> {
    const way = this.#ways.find(other => other.name === name)
    if (!way) return { way: name, state: 'off', detail: whyOff(name), waiting: 0, last: undefined }
    const lane = this.#lanes.find(other => other.way === way)
    const { isThere, detail } = await way.check()
    const { waiting = 0, last, failingSince } = lane ?? {}
    const isFailing = failingSince !== undefined || (way.isRetried && !isThere)
    const state = isFailing ? 'failing' : isThere ? 'on' : 'absent'
    return { way: name, state, detail: failingSince !== undefined && last ? last.detail : detail, waiting, last }
  }

  /** Takes up where the daemon before this one was; a workspace that knows no notices yet begins with what comes. */
  async #begin(): Promise<Feed> {
    const { store } = this.parts
    const end = (await store.unitSpan({}))?.last ?? 0
    const known = readMark(await store.marked(MARK))
    const states = this.#ways.map(({ name }) => ({ done: end, passed: [], promised: [], ...known[name] }))
    const feed = new Feed(this.parts, Math.min(end, ...states.map(({ done }) => done)))
    this.#lanes = this.#ways.map((way, index) => new Lane(way, this.#rulesOf(way), this.parts, feed, states[index]!))
    this.#feed = feed
    await this.#save()
    return feed
  }

  #rulesOf({ isHeldInQuiet }: Way): NoticeRules {
    const { urgent } = this.parts.settings.notices
    return { isHeldInQuiet, isQuiet: at => this.#isQuiet(at), isUrgent: ({ kind }) => urgent.includes(kind) }
  }

  #isQuiet(at: number): boolean {
    return this.#quiet !== undefined && isQuiet(at, this.#quiet)
  }

  async #save(): Promise<void> {
    const kept = this.#lanes.map(lane => [lane.way.name, lane.kept])
    this.#marked = Math.min(...this.#lanes.map(({ state }) => state.done))
    await this.parts.store.mark(MARK, JSON.stringify(Object.fromEntries(kept)))
  }
}

function waysOf(parts: NoticeParts): readonly Way[] {
  const { tmux, bell, desktop } = parts.settings.notices
  const webhook = webhookWay(parts)
  return [
    ...(tmux ? [statusBarWay(parts)] : []),
    ...(bell ? [bellWay(parts)] : []),
    ...(desktop ? [desktopWay(parts.env)] : []),
    ...(webhook ? [webhook] : []),
  ]
}

function whyOff(name: WayName): string {
  return name === 'webhook' ? 'notices.webhook.url is not set' : `notices.${name} is false`
}

function readMark(text: string | undefined): Partial<Record<WayName, Partial<KeptWay>>> {
  const read = parseJson(text ?? '{}')
  return read.ok && isObject(read.value) ? read.value : {}
}
