/**
 * The door for any program: a JSON file renamed into registry/outbox/new/ is taken in exactly once by its id. What an isolated agent
 * has left in the folder of its own comes here too, and is that agent's whatever it says.
 */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { watch } from 'chokidar'
import type { Tokens } from '../agencies/tokens.ts'
import type { Workspace } from '../config/workspace.ts'
import { AgencyError, toAgencyError } from '../kernel/errors.ts'
import { isObject, parseJson } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import { MAX_BODY_BYTES } from '../model/limits.ts'
import { type Address, EXTERNAL, SYSTEM } from '../model/names.ts'
import type { TaskResult } from '../model/task.ts'
import { type Held, hold, putBack, takeAway } from './heldFile.ts'
import { type LeftMessage, type LeftTaskWords, readLeft } from './leftFile.ts'
import type { Mailroom } from './mailroom.ts'
import { copyWithoutTokens, digestOf, keepRejected, originalOf } from './rejected.ts'

/** Where what whoever has a task says of it is taken in: once by `said`, and by the rules of who may. */
interface TaskDoor {
  done(caller: Address, task: string, result: TaskResult, said: string): Promise<unknown>
  tellBlocked(caller: Address, task: string, why: string, said: string): Promise<unknown>
  fail(caller: Address, task: string, why: string, said: string): Promise<unknown>
}

export interface OutboxParts {
  readonly workspace: Workspace
  readonly tokens: Tokens
  readonly log: Log
  readonly messages: Pick<Mailroom, 'send' | 'reply'>
  readonly work: TaskDoor
}

export class Outbox {
  readonly #folder: string
  /** Beside it, where nobody looks for files: what is taken away goes through here. */
  readonly #aside: string
  readonly #rejected: string

  constructor(private readonly parts: OutboxParts) {
    this.#folder = join(parts.workspace.outbox, 'new')
    this.#aside = join(parts.workspace.outbox, 'tmp')
    this.#rejected = join(parts.workspace.outbox, 'rejected')
  }

  async prepare(): Promise<void> {
    for (const part of ['tmp', 'new', 'rejected'])
      await mkdir(join(this.parts.workspace.outbox, part), { recursive: true, mode: 0o700 })
    await putBack(this.#aside, this.#folder)
  }

  /** Calls `onFile` when a file has come, until it is closed. */
  watch(onFile: () => void): { close(): Promise<void> } {
    return watch(this.#folder, { ignoreInitial: true, depth: 0 })
      .on('add', onFile)
      .on('error', error => this.parts.log.warn({ err: error }, 'the outbox is looked at from time to time only'))
  }

  /** Takes in everything that lies there, in order of names. What must wait keeps nothing else waiting. */
  async tick(): Promise<number> {
    const names = (await readdir(this.#folder)).filter(name => !name.startsWith('.')).sort()
    for (const name of names)
      await this.#takeIn(name).catch(error =>
        this.parts.log.error({ err: error, file: name }, 'an outbox file must wait'),
      )
    return names.length
  }

  async #takeIn(name: string): Promise<void> {
    await using held = await hold(join(this.#folder, name))
    if (!held) return
    const { what, fault } = await read(held)
    const caller = this.#bearer(what)
    const refused = fault ?? (await refusalOf(this.#sayOf(what, caller)))
    if (refused) await this.#reject(held, { what, caller, refused })
    // The file goes only after its message is durable: a crash between the two finds the id accepted already.
    else await takeAway(held, this.#aside)
  }

  /** Whoever's token it bears; undefined where nobody knows it. */
  #bearer(what: unknown): Address | undefined {
    const token = isObject(what) ? what['token'] : undefined
    return token === undefined ? EXTERNAL : this.parts.tokens.owner(String(token))
  }

  async #sayOf(what: unknown, caller: Address | undefined): Promise<void> {
    const { token: _, ...said } = readLeft(what)
    if (caller === undefined) throw new AgencyError('NO_TOKEN', 'its token is not known here')
    await this.#say(caller, said)
  }

  /** Taken in as the agent in whose folder it lay: a token in it, whosever it is, says nothing. What is refused is kept. */
  async takeLeft(address: Address, value: unknown): Promise<void> {
    const refused = await refusalOf(this.#sayOf(value, address))
    const name = `${address.replace('/', '.')}.json`
    if (refused) await this.#keep(address, { name, what: value, refused, file: digestOf(JSON.stringify(value)) })
  }

  /** Through the doors that stand open to whoever says it to a daemon, and with their rules. */
  #say(caller: Address, left: Omit<LeftMessage, 'token'> | Omit<LeftTaskWords, 'token'>): Promise<unknown> {
    const { messages } = this.parts
    if ('task' in left) return this.#sayOfTask(caller, left)
    const { to, replyTo, ...draft } = left
    return to === undefined ? messages.reply(caller, replyTo!, draft) : messages.send(caller, { ...draft, to, replyTo })
  }

  #sayOfTask(caller: Address, { id, task, done, block, fail }: Omit<LeftTaskWords, 'token'>): Promise<unknown> {
    const { work } = this.parts
    if (done) return work.done(caller, task, done, id)
    return block ? work.tellBlocked(caller, task, block.why, id) : work.fail(caller, task, fail!.why, id)
  }

  /** Kept, then told, and only then taken away: whoever dies in between does it again, and it is kept and told once. */
  async #reject(held: Held, { what, caller, refused }: Refusal): Promise<void> {
    const { ino, mtimeNs } = held.info
    const kept = await this.#keep(caller, { name: held.name, what, refused, file: `${ino}:${mtimeNs}` })
    if (what !== undefined) return takeAway(held, this.#aside)
    // It may hold what somebody needs, and is kept beside its reason.
    const original = originalOf(join(this.#rejected, kept))
    if (!held.handle) return takeAway(held, this.#aside, original)
    await copyWithoutTokens(held.handle, original)
    await takeAway(held, this.#aside)
  }

  /** Returns the name under which it is kept. */
  async #keep(
    caller: Address | undefined,
    { name, what, refused, file }: { name: string; what: unknown; refused: AgencyError; file: string },
  ): Promise<string> {
    const { log } = this.parts
    const kept = await keepRejected(this.#rejected, { name, what: what ?? '' }, refused)
    log.warn({ file: kept, code: refused.code, err: refused.message }, 'an outbox file was rejected')
    // What came without a token came from nobody who could be told.
    if (caller !== undefined && caller !== EXTERNAL) await this.#tellRefused(caller, { kept, file }, refused)
    return kept
  }

  /** Whoever left it was told that it waits. */
  async #tellRefused(
    to: Address,
    { kept, file }: { kept: string; file: string },
    { message, hint }: AgencyError,
  ): Promise<void> {
    const next = hint === undefined ? '' : `; try: ${hint}`
    const body = `what you left in the outbox was not taken in: ${message}${next}. It is kept as registry/outbox/rejected/${kept}`
    const idempotencyKey = `rejected:${to}:${kept}:${file}`
    await this.parts.messages
      .send(SYSTEM, { to, type: 'NOTE', body, idempotencyKey })
      .catch(error => this.parts.log.warn({ err: error, file: kept }, 'nobody could be told of a rejected file'))
  }
}

interface Refusal {
  readonly what: unknown
  readonly caller: Address | undefined
  readonly refused: AgencyError
}

/** `what` it holds: as JSON, else its text; undefined for what is not read. */
async function read({ handle, info }: Held): Promise<{ what?: unknown; fault?: AgencyError }> {
  if (!handle) return { fault: new AgencyError('BAD_MESSAGE', 'it is not a file') }
  if (info.size > 2 * MAX_BODY_BYTES) return { fault: new AgencyError('TOO_LARGE', `it has ${info.size} bytes`) }
  const text = await handle.readFile('utf8')
  const parsed = parseJson(text)
  if (parsed.ok) return { what: parsed.value }
  return { what: text, fault: new AgencyError('BAD_MESSAGE', `it is not JSON: ${parsed.reason}`) }
}

/** What is wrong with what was said; what is wrong with us is thrown. */
async function refusalOf(saying: Promise<unknown>): Promise<AgencyError | undefined> {
  try {
    await saying
    return undefined
  } catch (error) {
    const known = toAgencyError(error)
    if (known.httpStatus >= 500) throw error
    return known
  }
}
