import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  baseBelow,
  baseOf,
  basesAbove,
  canonicalSet,
  checkGlob,
  isGlob,
  overlap,
  type Resource,
  resourceKey,
  showResource,
} from '../../src/model/resource.ts'

const space = 'git:/repo/.git'

function at(path: string): Resource {
  if (path === './') return { space, kind: 'directory', path: '' }
  return { space, kind: isGlob(path) ? 'glob' : path.endsWith('/') ? 'directory' : 'file', path }
}

function both(one: string, other: string): boolean {
  const there = overlap(at(one), at(other))
  expect(overlap(at(other), at(one)), `${other} and ${one}`).toBe(there)
  return there
}

describe('what overlaps', () => {
  it.each([
    ['src/a.ts', 'src/a.ts'],
    ['src/', 'src/a.ts'],
    ['src/', 'src/deep/er/a.ts'],
    ['src/', 'src/deep/'],
    ['src/', 'src'],
    ['./', 'src/a.ts'],
    ['./', './'],
    ['./', '**/*.ts'],
    ['new', 'new/a.ts'],
    ['src/*.ts', 'src/a.ts'],
    ['src/**/*.ts', 'src/a.ts'],
    ['src/**/*.ts', 'src/deep/er/a.ts'],
    ['src/**', 'src/.hidden'],
    ['src/**', 'src/'],
    ['src/?.ts', 'src/a.ts'],
    ['src/[ab].ts', 'src/a.ts'],
    ['src/{a,b}.ts', 'src/b.ts'],
    ['{src,test}/*.ts', 'test/b.ts'],
    ['src/{a/b,c}.ts', 'src/a/b.ts'],
    ['src/*/x.ts', 'src/deep/'],
    ['**/x.ts', 'src/'],
    ['src/**/*.ts', '**/a.*'],
    ['src/*a', 'src/b*'],
    ['*/a.ts', 'src/*'],
    ['src/\\*.ts', 'src/[*].ts'],
    ['src/[a-c].ts', 'src/[x-z].ts'],
  ])('R-LCK-1 [40] %s and %s', (one, other) => {
    expect(both(one, other)).toBe(true)
  })

  it.each([
    ['src/a.ts', 'src/b.ts'],
    ['src/', 'srcs/a.ts'],
    ['src/', 'test/'],
    ['src', 'src.ts'],
    ['src/*.ts', 'src/deep/a.ts'],
    ['src/*.ts', 'src/a.js'],
    ['src/**/*.ts', 'test/a.ts'],
    ['src/?.ts', 'src/ab.ts'],
    ['src/{a,b}.ts', 'src/c.ts'],
    ['src/*.ts', '*.ts'],
    ['src/**/*.ts', 'src/**/*.js'],
    ['a*/x', 'b*/x'],
    ['src/*/x.ts', 'src/main.ts'],
    ['src/\\*.ts', 'src/a.ts'],
  ])('R-LCK-1 [40] not %s and %s', (one, other) => {
    expect(both(one, other)).toBe(false)
  })

  it('R-LCK-1 a file whose name looks like a glob is that file, and no other', () => {
    const page: Resource = { space, kind: 'file', path: 'app/[id]/page.tsx' }
    expect(overlap(page, at('app/i/page.tsx'))).toBe(false)
    expect(overlap(page, at('app/'))).toBe(true)
    expect(overlap(page, at('app/*/page.tsx'))).toBe(true)
    expect(resourceKey(page)).not.toBe(resourceKey(at('app/[id]/page.tsx')))
  })

  it('R-LCK-1 names and units are themselves, and no paths; another repository has other files', () => {
    const deploy: Resource = { space: 'name', kind: 'name', path: 'deploy' }
    expect(overlap(deploy, deploy)).toBe(true)
    expect(overlap(deploy, { ...deploy, path: 'deploy2' })).toBe(false)
    expect(overlap(deploy, { ...deploy, space: 'unit' })).toBe(false)
    expect(overlap(at('src/'), { ...at('src/a.ts'), space: 'git:/other/.git' })).toBe(false)
    expect([deploy, at('./'), at('src/')].map(showResource)).toEqual(['name:deploy', './', 'src/'])
  })

  it('R-LCK-1 what would mean something other in a shell is refused, and so is what stands for too many globs', () => {
    for (const glob of ['!src/*', '@(a|b).ts', `${'{a,b}'.repeat(7)}`, `${'a'.repeat(1001)}*`])
      expect(() => checkGlob(glob), glob).toThrow(expect.objectContaining({ code: 'USAGE' }))
    for (const glob of ['src/**/*.{ts,tsx}', '{a,b}{c,d}', 'a[!b]']) checkGlob(glob)
  })
})

// Few letters and few levels, so that much of what is made overlaps.
const letter = fc.constantFrom('a', 'b')
const name = fc.array(letter, { minLength: 1, maxLength: 2 }).map(letters => letters.join(''))
const globName = fc
  .array(fc.oneof(letter, fc.constantFrom('*', '?', '{a,b}', '{ab,b}')), { minLength: 1, maxLength: 3 })
  .map(parts => parts.join('').replace(/\*+/g, '*'))
const file = fc.array(name, { minLength: 1, maxLength: 3 }).map(names => names.join('/'))
const glob = fc
  .array(fc.oneof(globName, fc.constant('**')), { minLength: 1, maxLength: 3 })
  .map(segments => segments.join('/'))
const resource = fc.oneof(
  file.map(at),
  file.map(path => at(`${path}/`)),
  fc.constant(at('./')),
  glob.map(at),
)

/** The meaning of a resource in other words: a regular expression over whole paths. */
function meaning({ kind, path }: Resource): RegExp {
  if (kind === 'file') return new RegExp(`^${path}$`)
  if (kind === 'directory') return new RegExp(`^${path}`)
  let text = ''
  for (const [index, segment] of path.split('/').entries()) {
    const last = index === path.split('/').length - 1
    if (segment === '**') text += last ? '(?:[^/]+(?:/[^/]+)*)?' : '(?:[^/]+/)*'
    else {
      text += segment
        .replace(/\{([^}]*)\}/g, (_, inner: string) => `(?:${inner.replaceAll(',', '|')})`)
        .replace(/\?(?!:)/g, '[^/]')
        .replaceAll('*', '[^/]*')
      if (!last) text += '/'
    }
  }
  return new RegExp(`^${text}$`)
}

function* names(length: number): Generator<string> {
  if (length === 0) return
  for (const first of ['a', 'b']) {
    yield first
    for (const rest of names(length - 1)) yield first + rest
  }
}
const words = [...names(3)]
const universe = words.flatMap(one => [one, ...words.map(two => `${one}/${two}`)])

describe('what overlaps, at random', () => {
  it('R-LCK-1 [40] whatever two resources both mean is seen, either way round', () => {
    fc.assert(
      fc.property(resource, resource, (one, other) => {
        const [left, right] = [meaning(one), meaning(other)]
        expect(overlap(one, other)).toBe(overlap(other, one))
        if (universe.some(path => left.test(path) && right.test(path))) expect(overlap(one, other)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  it('R-LCK-1 [41] of a file and anything else nothing is seen that is not there', () => {
    fc.assert(
      fc.property(file, glob, (path, pattern) => {
        const there = isGlob(pattern) ? pattern : `${pattern}*`
        // A glob that ends in `/**` counts the folder itself, which may be a file.
        const meant = [there, there.replace(/(\/\*\*)+$/, '')]
        const isMeant = there === '**' || meant.some(each => meaning({ ...at(there), path: each }).test(path))
        expect(overlap(at(path), at(there))).toBe(isMeant)
      }),
      { numRuns: 3_000 },
    )
  })

  it('R-LCK-1 [42] where they lie finds every overlap: the base of one is above or below the other', () => {
    fc.assert(
      fc.property(resource, resource, (one, other) => {
        if (!overlap(one, other)) return
        const below = baseBelow(one)
        const isFound =
          basesAbove(one).includes(baseOf(other)) || (below !== undefined && baseOf(other).startsWith(below))
        expect(isFound).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  it('R-LCK-2 [43] a set has one order, whatever the order and number of its parts', () => {
    fc.assert(
      fc.property(fc.array(resource), resources => {
        const once = canonicalSet(resources)
        expect(canonicalSet([...resources].reverse().concat(resources)).map(resourceKey)).toEqual(once.map(resourceKey))
        expect([...once.map(resourceKey)].sort()).toEqual(once.map(resourceKey))
        expect(new Set(once.map(resourceKey)).size).toBe(once.length)
      }),
    )
  })
})
