/** Tokens say who is calling: one file for each agent and one for the person, readable by the owner alone. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { replaceFile } from '../kernel/json.ts'
import { type Address, HUMAN } from '../model/names.ts'

const TOKEN = /^[0-9a-f]{64}$/

export class Tokens {
  // Looked up by digest, so that the time a look-up takes says nothing about a token.
  readonly #owners = new Map<string, Address>()

  constructor(private readonly workspace: Workspace) {}

  async load(): Promise<void> {
    await mkdir(this.workspace.tokens, { recursive: true, mode: 0o700 })
    for (const file of await readdir(this.workspace.tokens)) {
      const token = (await readFile(join(this.workspace.tokens, file), 'utf8')).trim()
      if (TOKEN.test(token)) this.#owners.set(digest(token), file.replace('.', '/'))
    }
    await this.ensure(HUMAN)
  }

  file(owner: Address): string {
    return join(this.workspace.tokens, owner.replace('/', '.'))
  }

  async ensure(owner: Address): Promise<string> {
    const file = this.file(owner)
    const present = await readFile(file, 'utf8').catch(() => '')
    const token = TOKEN.test(present.trim()) ? present.trim() : randomBytes(32).toString('hex')
    if (present.trim() !== token) await replaceFile(file, `${token}\n`, { mode: 0o600 })
    this.#owners.set(digest(token), owner)
    return file
  }

  async drop(owner: Address): Promise<void> {
    await rm(this.file(owner), { force: true })
    for (const [key, value] of this.#owners) if (value === owner) this.#owners.delete(key)
  }

  owner(token: string): Address | undefined {
    return this.#owners.get(digest(token))
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
