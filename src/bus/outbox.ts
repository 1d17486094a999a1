/**
 * The door for any program: a JSON file renamed into registry/outbox/new/ is taken in exactly once by its id. What an isolated agent
 * has left in the folder of its own comes here too, and is that agent's whatever it says.
 */
import { lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { watch } from 'chokidar'
import type { Tokens } from '../agencies/tokens.ts'
import type { Workspace } from '../config/workspace.ts'
import { AgencyError, toAgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { isObject, parseJson, replaceFile } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import { MAX_BODY_BYTES } from '../model/limits.ts'
import { type Address, EXTERNAL, SYSTEM } from '../model/names.ts'
import type { TaskResult } from '../model/task.ts'
import { type LeftMessage, type LeftTaskWords, readLeft } from './leftFile.ts'
import type { Mailroom } from './mailroom.ts'

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

/** In bytes; a folder takes 255. */
const LONGEST_NAME = 200

export class Outbox {
  readonly #folder: string
  readonly #rejected: string

  constructor(private readonly parts: OutboxParts) {
    this.#folder = join(parts.workspace.outbox, 'new')
    this.#rejected = join(parts.workspace.outbox, 'rejected')
  }

  async prepare(): Promise<void> {
    for (const part of ['tmp', 'new', 'rejected'])
      await mkdir(join(this.parts.workspace.outbox, part), { recursive: true, mode: 0o700 })
  }

  /** Calls `onFile` when a file has come, until it is closed. */
  watch(onFile: () => void): { close(): Promise<void> } {
    return watch(this.#folder, { ignoreInitial: true, depth: 0 })
      .on('add', onFile)
      .on('error', error => this.parts.log.warn({ err: error }, 'the outbox is looked at from time to time only'))
  }

  /** Takes in everything that lies there, in order of names. */
  async tick(): Promise<number> {
    const names = (await readdir(this.#folder)).filter(name => !name.startsWith('.')).sort()
    for (const name of names) await this.#takeIn(join(this.#folder, name))
    return names.length
  }

  /** The file goes only after its message is durable: a crash between the two finds the id accepted already. */
  async #takeIn(file: string): Promise<void> {
    let caller: Address | undefined
    try {
      const info = await lstat(file)
      if (!info.isFile()) throw new AgencyError('BAD_MESSAGE', 'it is not a file')
      if (info.size > 2 * MAX_BODY_BYTES) throw new AgencyError('TOO_LARGE', `it has ${info.size} bytes`)
      const parsed = parseJson(await readFile(file, 'utf8'))
      if (!parsed.ok) throw new AgencyError('BAD_MESSAGE', `it is not JSON: ${parsed.reason}`)
      const { token, ...said } = readLeft(parsed.value)
      caller = token === undefined ? EXTERNAL : this.parts.tokens.owner(token)
      if (caller === undefined) throw new AgencyError('NO_TOKEN', 'its token is not known here')
      await this.#say(caller, said)
      await rm(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      const known = toAgencyError(error)
      // A disk or store that fails is no fault of the file: it stays and is tried again.
      if (known.httpStatus >= 500) {
        this.parts.log.error({ err: error, file: basename(file) }, 'an outbox file must wait')
        return
      }
      await this.#tellRefused(caller, await this.#reject(file, known), known)
    }
  }

  /** Taken in as the agent in whose folder it lay: a token in it, whosever it is, says nothing. What is refused is kept. */
  async takeLeft(address: Address, value: unknown): Promise<void> {
    try {
      const { token: _, ...said } = readLeft(value)
      await this.#say(address, said)
    } catch (error) {
      const known = toAgencyError(error)
      if (known.httpStatus >= 500) throw error
      const name = `${address.replace('/', '.')}.${newId()}.json`
      await this.#tellRefused(address, await this.#keep(name, known, withoutToken(value)), known)
    }
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

  /** Kept with the reason, its token removed. */
  async #reject(file: string, reason: AgencyError): Promise<string> {
    // Beside it comes a longer one: of a name that fills what a folder takes, all files after it would wait for ever.
    const given = basename(file)
    const name = Buffer.byteLength(given) > LONGEST_NAME ? `${newId()}.json` : given
    // Only a file is read: a pipe that lies there would be waited for, and the whole outbox with it.
    const isFile = await lstat(file).then(
      found => found.isFile() && found.size <= 2 * MAX_BODY_BYTES,
      () => false,
    )
    const text = isFile ? await readFile(file, 'utf8').catch(() => '') : ''
    const parsed = parseJson(text)
    const kept = withoutToken(parsed.ok ? parsed.value : text)
    const target = await this.#keep(name.endsWith('.json') ? name : `${name}.json`, reason, kept)
    // Something that is no file is set aside as it is: it may hold what somebody needs.
    await rm(file, { force: true }).catch(() => rename(file, `${target}.original`))
    return target
  }

  /** Whoever left it was told that it waits. What came without a token came from nobody who could be told. */
  async #tellRefused(caller: Address | undefined, kept: string, { message, hint }: AgencyError): Promise<void> {
    if (caller === undefined || caller === EXTERNAL) return
    const name = basename(kept)
    const next = hint === undefined ? '' : `; try: ${hint}`
    const body = `what you left in the outbox was not taken in: ${message}${next}. It is kept as registry/outbox/rejected/${name}`
    const notice = { to: caller, type: 'NOTE', body }
    await this.parts.messages
      .send(SYSTEM, notice)
      .catch(error => this.parts.log.warn({ err: error, file: name }, 'nobody could be told of a rejected file'))
  }

  async #keep(name: string, reason: AgencyError, kept: unknown): Promise<string> {
    this.parts.log.warn({ file: name, code: reason.code, err: reason.message }, 'an outbox file was rejected')
    const target = join(this.#rejected, name)
    const rejected = { at: new Date().toISOString(), ...reason.toDocument() }
    await replaceFile(target, `${JSON.stringify({ rejected, file: kept }, null, 2)}\n`)
    return target
  }
}

function withoutToken(value: unknown): unknown {
  if (isObject(value)) return { ...value, token: undefined }
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.slice(0, 65_536).replace(/[0-9a-f]{64}/g, '…')
}
