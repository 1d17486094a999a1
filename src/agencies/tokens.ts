/** Tokens say who is calling: one file for each agent and one for the person, readable by the owner alone. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { replaceFile } from '../kernel/json.ts'
import { readText } from '../kernel/plainFile.ts'
import { type Address, HUMAN } from '../model/names.ts'

const TOKEN = /^[0-9a-f]{64}$/

export class Tokens {
  // Looked up by digest, so that the time a look-up takes says nothing about a token.
  readonly #owners = new Map<string, Address>()

  constructor(private readonly workspace: Workspace) {}

  async load(): Promise<void> {
    await mkdir(this.workspace.tokens, { recursive: true, mode: 0o700 })
    for (const file of await readdir(this.workspace.tokens)) {
      const token = (await readText(join(this.workspace.tokens, file)).catch(() => '')).trim()
      if (TOKEN.test(token)) this.#owners.set(digest(token), file.replace('.', '/'))
    }
    await this.ensure(HUMAN)
  }

  file(owner: Address): string {
    return join(this.workspace.tokens, owner.replace('/', '.'))
  }

  async ensure(owner: Address): Promise<string> {
    const file = this.file(owner)
    const present = (await readText(file).catch(() => '')).trim()
    // That of another in its place says nothing: two would be one.
    const isOwn = TOKEN.test(present) && (this.owner(present) ?? owner) === owner
    const token = isOwn ? present : randomBytes(32).toString('hex')
    if (!isOwn) {
      // A folder in its place gives way to no file.
      await rmdir(file).catch(() => undefined)
      await replaceFile(file, `${token}\n`, { mode: 0o600 })
    }
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
