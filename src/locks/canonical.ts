/** What somebody wrote, made into the one form that everybody's writing of the same thing has. */
import { lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { AgencyError } from '../kernel/errors.ts'
import { isId } from '../kernel/ids.ts'
import { canonicalSet, checkGlob, foldPath, isGlob, type Resource } from '../model/resource.ts'
import { type CloneAt, Repositories, type Repository } from './repository.ts'

const MAX_RESOURCES = 10_000
/** Each may have to be held against everything else, where a file is only looked up. */
const MAX_GLOBS = 64
const MAX_PATH = 4_096
/** After so many paths (some 2 ms) whatever else the daemon does has its turn. */
const AT_ONCE = 250

/** `texts`: paths from `cwd`, globs, `unit:<id>`, `name:<name>`, or `file:<path>` for a name that looks like one of these. */
export async function canonicalResources(
  texts: readonly string[],
  cwd: string,
  cloneAt: CloneAt = () => undefined,
): Promise<readonly Resource[]> {
  if (texts.length === 0)
    throw new AgencyError('USAGE', 'no resource was named', { hint: 'agency lock acquire src/a.ts --ttl 10m' })
  if (texts.length > MAX_RESOURCES)
    throw new AgencyError('TOO_LARGE', `${texts.length} resources in one request; at most ${MAX_RESOURCES} are taken`, {
      hint: 'take the folder around them: agency lock acquire src/ --ttl 10m',
    })
  const places = new Places(cwd, cloneAt)
  const found: Resource[] = []
  for (const [index, text] of texts.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate)
    found.push(...places.named(text))
  }
  if (found.filter(({ kind }) => kind === 'glob').length > MAX_GLOBS)
    throw new AgencyError('TOO_LARGE', `more than ${MAX_GLOBS} globs in one request`, {
      hint: 'take fewer and wider ones, or the folders that they lie in',
    })
  return canonicalSet(found)
}

type Kind = 'directory' | 'file' | 'link' | 'nothing'

/** One request's paths: whatever folder was looked at once is not looked at again. */
class Places {
  readonly #cwd: string
  readonly #repositories: Repositories
  readonly #kinds = new Map<string, Kind>()
  readonly #folders = new Map<string, { real: string; rest: string }>()

  constructor(cwd: string, cloneAt: CloneAt) {
    this.#cwd = cwd
    this.#repositories = new Repositories(cloneAt)
  }

  /** A link is two things: itself, which git keeps as a file, and what it leads to. */
  named(text: string): readonly Resource[] {
    if (text === '' || text.length > MAX_PATH || /[\0\p{Surrogate}]/u.test(text)) throw unusable(text)
    const named = /^(unit|name):(.*)$/s.exec(text)
    if (named) return [plainName(named[1] as 'unit' | 'name', named[2]!)]
    const isLiteral = text.startsWith('file:')
    const path = isLiteral ? text.slice('file:'.length) : text
    if (path === '') throw unusable(text)
    // A file that is there is that file, whatever its name looks like.
    const isPattern = !isLiteral && isGlob(path) && this.#kindOf(resolve(this.#cwd, path)) === 'nothing'
    return isPattern ? [this.#glob(path)] : this.#path(path)
  }

  #path(path: string): readonly Resource[] {
    const place = this.#place(path)
    const isFolder = path.endsWith('/') || /(^|\/)\.{1,2}$/.test(path)
    const kind = isFolder || this.#kindOf(place.real) === 'directory' ? 'directory' : 'file'
    const link = this.#link(resolve(this.#cwd, path))
    return link === undefined ? [resourceAt(place, kind)] : [resourceAt(place, kind), this.#itself(link)]
  }

  /** Where a link lies that is named, and not what it leads to. */
  #link(absolute: string): string | undefined {
    const here = join(this.#real(dirname(absolute)), basename(absolute))
    return this.#kindOf(here) === 'link' ? here : undefined
  }

  #itself(link: string): Resource {
    return resourceAt({ real: link, repository: this.#repositories.around(dirname(link)) }, 'file')
  }

  /** The folders that it begins with are real ones, and may have a wildcard's letter in their name; the rest is text. */
  #glob(path: string): Resource {
    checkGlob(path)
    const segments = path.split('/')
    let first = 0
    while (!isGlob(segments[first]!) || this.#isThere(segments.slice(0, first + 1))) first++
    const rest = segments.slice(first).filter(segment => segment !== '')
    if (rest.some(segment => segment === '..' || segment === '.'))
      throw new AgencyError('USAGE', `the glob ${show(path)} has . or .. after a wildcard`, {
        hint: 'write it without them',
      })
    const place = this.#place(first === 0 ? '.' : segments.slice(0, first).join('/') || '/')
    const folder = resourceAt(place, 'directory').path.replace(/[*?[\]{}\\]/g, '\\$&')
    const pattern = foldPath(`${folder}${rest.join('/')}`, place.repository?.ignoresCase ?? false)
    return { ...resourceAt(place, 'glob'), path: pattern }
  }

  #isThere(segments: readonly string[]): boolean {
    return this.#kindOf(resolve(this.#cwd, segments.join('/'))) !== 'nothing'
  }

  /** AgencyError('USAGE') when a path that begins in a repository leaves it, by `..` or by a link. */
  #place(path: string): { real: string; repository: Repository | undefined } {
    const absolute = resolve(this.#cwd, path)
    const real = this.#real(absolute)
    if (!isAbsolute(path)) {
      const home = this.#repositories.around(this.#real(this.#cwd))
      if (home && !isInside(real, home.root))
        throw new AgencyError('USAGE', `${show(path)} leaves the repository ${home.root}: it is ${real}`, {
          hint: 'name what is outside by its whole path',
        })
    }
    return { real, repository: this.#repositories.around(dirname(real) === real ? real : this.#top(real)) }
  }

  /** A folder belongs to the repository that it is the top of; a file to the one around it. */
  #top(real: string): string {
    return this.#kindOf(real) === 'directory' ? real : dirname(real)
  }

  /** Links followed as far as the path is there. */
  #real(absolute: string): string {
    const { real, rest } = this.#existing(absolute)
    return join(real, rest)
  }

  #existing(absolute: string): { real: string; rest: string } {
    const known = this.#folders.get(absolute)
    if (known) return known
    const found = this.#look(absolute)
    this.#folders.set(absolute, found)
    return found
  }

  #look(absolute: string): { real: string; rest: string } {
    const up = dirname(absolute)
    if (up === absolute) return { real: absolute, rest: '' }
    const folder = this.#existing(up)
    const name = basename(absolute)
    if (folder.rest !== '') return { real: folder.real, rest: join(folder.rest, name) }
    const here = join(folder.real, name)
    const kind = this.#kindOf(here)
    if (kind === 'nothing') return { real: folder.real, rest: name }
    return { real: kind === 'link' ? realPathOf(here) : here, rest: '' }
  }

  #kindOf(path: string): Kind {
    const known = this.#kinds.get(path)
    if (known) return known
    const found = kindAt(path)
    this.#kinds.set(path, found)
    return found
  }
}

function kindAt(path: string): Kind {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (!stats) return 'nothing'
    return stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'directory' : 'file'
  } catch {
    // What cannot be looked at, because a folder is closed or a name too long, may be a name of something all the same.
    return 'nothing'
  }
}

function realPathOf(link: string): string {
  try {
    return realpathSync.native(link)
  } catch {
    // A link that leads nowhere is a place of its own until it leads somewhere.
    return link
  }
}

function resourceAt(
  { real, repository }: { real: string; repository: Repository | undefined },
  kind: Resource['kind'],
): Resource {
  const path = relative(repository?.root ?? sep, real)
    .split(sep)
    .join('/')
  return {
    space: repository ? `git:${repository.commonDir}` : 'files',
    kind,
    path: foldPath(path === '' || kind === 'file' ? path : `${path}/`, repository?.ignoresCase ?? false),
  }
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function plainName(space: 'unit' | 'name', text: string): Resource {
  const path = text.normalize('NFC')
  if (space === 'unit' && !isId(path.toLowerCase()))
    throw new AgencyError('USAGE', `unit:${show(text)} is not the whole id of a work unit`, {
      hint: 'agency trace <id> --json shows it',
    })
  if (space === 'name' && !/^[^\s\p{C}/]{1,200}$/u.test(path))
    throw new AgencyError('USAGE', `name:${show(text)} has a space or a slash, is empty, or is longer than 200`, {
      hint: 'a good name: name:deploy',
    })
  return { space, kind: 'name', path: space === 'unit' ? path.toLowerCase() : path }
}

function unusable(text: string): AgencyError {
  return new AgencyError(
    'USAGE',
    `${show(text)} cannot be a resource: it is empty, too long, or holds what no path can`,
    {
      hint: 'agency lock acquire src/a.ts --ttl 10m',
    },
  )
}

function show(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
