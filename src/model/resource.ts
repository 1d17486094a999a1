/** What a lease is on: files, directories and globs of a repository, work units, plain names; and which of them overlap. */
import { AgencyError } from '../kernel/errors.ts'

/** Canonical: the same thing, however it was written, has the same space and path. */
export interface Resource {
  /** `git:<common folder of the repository>`, `files` outside of any repository, `unit` or `name`. */
  readonly space: string
  readonly kind: 'file' | 'directory' | 'glob' | 'name'
  /** Relative to the root of its space, with slashes; a directory ends in one, and the root itself is empty. */
  readonly path: string
}

/** Unlike for unlike resources; their order is the order in which a set is taken. `//` never stands in a canonical path. */
export function resourceKey({ space, kind, path }: Resource): string {
  return `${space}//${path}${kind === 'glob' ? '//glob' : ''}`
}

/** Back from its key. */
export function resourceOf(key: string): Resource {
  const isGlob = key.endsWith('//glob')
  const whole = isGlob ? key.slice(0, -'//glob'.length) : key
  const split = whole.indexOf('//')
  const [space, path] = [whole.slice(0, split), whole.slice(split + 2)]
  if (space === 'name' || space === 'unit') return { space, kind: 'name', path }
  if (isGlob) return { space, kind: 'glob', path }
  return { space, kind: path === '' || path.endsWith('/') ? 'directory' : 'file', path }
}

/** One letter may be written in several ways: as one sign or as a letter and an accent, and where the disk does not mind, large or small. */
export function foldPath(path: string, ignoresCase: boolean): string {
  const composed = path.normalize('NFC')
  return ignoresCase ? composed.toLowerCase().normalize('NFC') : composed
}

/** Each once, in their one order. */
export function canonicalSet(resources: readonly Resource[]): readonly Resource[] {
  const byKey = new Map(resources.map(resource => [resourceKey(resource), resource]))
  return [...byKey.keys()].sort().map(key => byKey.get(key)!)
}

/** As a person writes it. */
export function showResource({ space, kind, path }: Resource): string {
  if (kind === 'name') return `${space}:${path}`
  if (space === 'files') return `/${path}`
  return path === '' ? './' : path
}

/** Where it lies: its path, or of a glob the folder before its first wildcard. Overlapping resources have bases of which one begins the other. */
export function baseOf({ kind, path }: Resource): string {
  if (kind !== 'glob') return path
  const wildcard = path.search(/[*?[{\\]/)
  return path.slice(0, path.lastIndexOf('/', wildcard) + 1)
}

/** Bases of everything that can overlap it from above or at its own place. */
export function basesAbove(resource: Resource): readonly string[] {
  if (resource.kind === 'name') return [resource.path]
  const base = baseOf(resource)
  const found = ['', base, base.endsWith('/') ? base.slice(0, -1) : `${base}/`]
  for (let slash = base.indexOf('/'); slash >= 0; slash = base.indexOf('/', slash + 1))
    // A file where another sees a folder: nobody can say yet which of the two it will be.
    found.push(base.slice(0, slash), base.slice(0, slash + 1))
  return [...new Set(found)]
}

/** How the bases begin of everything that can overlap it from below. Undefined for a name: nothing lies under one. */
export function baseBelow(resource: Resource): string | undefined {
  if (resource.kind === 'name') return undefined
  return resource.kind === 'file' ? `${resource.path}/` : baseOf(resource)
}

type Token = string | typeof ANY | typeof MANY
const ANY = 1
const MANY = 2
/** Any number of folders. */
const DEEP = '**'
type Segment = typeof DEEP | readonly Token[]
type Pattern = readonly Segment[]

const MAX_ALTERNATIVES = 64
const MAX_GLOB = 1_000

export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text)
}

/** AgencyError('USAGE') for a glob that means something other here than where it comes from. */
export function checkGlob(glob: string): void {
  const refuse = (why: string) =>
    new AgencyError('USAGE', `the glob ${JSON.stringify(glob.slice(0, 80))} ${why}`, {
      hint: 'a glob has * ** ? [abc] {a,b}; a file whose name looks like one is written file:NAME',
    })
  if (glob.length > MAX_GLOB) throw refuse(`has ${glob.length} characters; at most ${MAX_GLOB} are taken`)
  if (/[!@+?*]\(/.test(glob)) throw refuse('is an extended one, and these are not known here')
  if (glob.startsWith('!')) throw refuse('begins with !, and leaving out is not known here')
  if (alternatives(glob).length > MAX_ALTERNATIVES) throw refuse(`stands for more than ${MAX_ALTERNATIVES} globs`)
}

/**
 * Whether some path, one that is there or one that could be, belongs to both. Of two globs it says so when it is not sure: a
 * class like [a-c] counts as any character.
 */
export function overlap(one: Resource, other: Resource): boolean {
  if (one.space !== other.space) return false
  if (one.kind === 'name' || other.kind === 'name') return one.path === other.path
  if (one.kind !== 'glob' && other.kind !== 'glob') return isWithin(one, other) || isWithin(other, one)
  return patternsOf(one).some(a => patternsOf(other).some(b => meet(a, b)))
}

/**
 * A file cannot have files under it: where two are asked for before either is there, one of them will be a folder, and it is
 * treated as one.
 */
function isWithin(inner: Resource, outer: Resource): boolean {
  const folder = outer.path.endsWith('/') ? outer.path.slice(0, -1) : outer.path
  if (folder === '') return true
  return inner.path.startsWith(folder) && (inner.path.length === folder.length || inner.path[folder.length] === '/')
}

const compiled = new WeakMap<Resource, readonly Pattern[]>()

function patternsOf(resource: Resource): readonly Pattern[] {
  const known = compiled.get(resource)
  if (known) return known
  const fresh = compile(resource)
  compiled.set(resource, fresh)
  return fresh
}

function compile({ kind, path }: Resource): readonly Pattern[] {
  const literal = path
    .split('/')
    .filter(Boolean)
    .map(name => [...name])
  if (kind === 'file') return [literal]
  if (kind === 'directory') return [[...literal, DEEP]]
  return alternatives(path).map(each =>
    each
      .split('/')
      .filter(Boolean)
      .map(segment => (segment === '**' ? DEEP : tokens(segment))),
  )
}

function tokens(segment: string): Token[] {
  const found: Token[] = []
  for (let rest = segment; rest !== ''; ) {
    const [text] = /^(?:\*+|\\.|\[[!^]?\]?[^\]]*\]|.)/su.exec(rest)!
    rest = rest.slice(text.length)
    if (text.startsWith('*')) found.push(MANY)
    else if (text === '?' || (text.startsWith('[') && text.length > 1)) found.push(ANY)
    else found.push(text.startsWith('\\') && text.length > 1 ? text.slice(1) : text)
  }
  return found
}

/** `{a,b}` written out. Stops a little over the limit, which the check then refuses. */
function alternatives(glob: string): readonly string[] {
  const done: string[] = []
  const open = [glob]
  while (open.length > 0 && done.length + open.length <= MAX_ALTERNATIVES + 1) {
    const next = open.pop()!
    const brace = /\{([^{}]*,[^{}]*)\}/.exec(next)
    if (!brace) done.push(next)
    else
      for (const choice of brace[1]!.split(','))
        open.push(next.slice(0, brace.index) + choice + next.slice(brace.index + brace[0].length))
  }
  return [...done, ...open]
}

function meet(a: Pattern, b: Pattern): boolean {
  return meetFrom(a, b, part => part === DEEP, namesMeet)
}

function namesMeet(a: Segment, b: Segment): boolean {
  return meetFrom(
    a as readonly Token[],
    b as readonly Token[],
    token => token === MANY,
    (x, y) => x === y || x === ANY || y === ANY,
  )
}

/** Whether two sequences in which some parts stand for any number of parts can be the same one. Each pair of places is looked at once. */
function meetFrom<Part>(
  a: readonly Part[],
  b: readonly Part[],
  isMany: (part: Part) => boolean,
  isSame: (x: Part, y: Part) => boolean,
): boolean {
  // `row[j]`: whether the rest of `a` after i meets the rest of `b` after j.
  let row: boolean[] = []
  for (let i = a.length; i >= 0; i--) {
    const below = row
    row = []
    for (let j = b.length; j >= 0; j--) row[j] = at(i, j, below, row)
  }
  return row[0]!

  function at(i: number, j: number, below: readonly boolean[], current: readonly boolean[]): boolean {
    const isEnd = i === a.length
    const isOtherEnd = j === b.length
    if (isEnd && isOtherEnd) return true
    const takesNone = (!isEnd && isMany(a[i]!) && below[j]!) || (!isOtherEnd && isMany(b[j]!) && current[j + 1]!)
    if (takesNone) return true
    if (isEnd || isOtherEnd) return false
    if (isMany(a[i]!)) return current[j + 1]!
    if (isMany(b[j]!)) return below[j]!
    return isSame(a[i]!, b[j]!) && below[j + 1]!
  }
}
