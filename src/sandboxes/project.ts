/** Reads what a deployed commit says about itself: the files that tell how it is run, and its mocks. Never through a link. */
import { constants } from 'node:fs'
import { open, readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { readLoosely, readYaml } from '../config/yaml.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type MockRoute, mockFileSchema } from '../model/mocks.ts'
import { isApiDocument, type OpenApiDocument, openApiSchema } from '../model/openApi.ts'
import { type ProjectFiles, TELLING_FILES } from '../model/sandboxPlan.ts'

const MOST_BYTES = 1_000_000
const MOST_MOCK_FILES = 200
const MOST_MOCK_BYTES = 5_000_000

export async function readProject(folder: string): Promise<ProjectFiles> {
  const names = new Set(await readdir(folder))
  const texts: Record<string, string> = {}
  for (const name of TELLING_FILES) {
    const text = names.has(name) ? await readPlainFile(folder, name) : undefined
    if (text !== undefined) texts[name] = text
  }
  return { texts, names }
}

export interface Mocks {
  readonly routes: readonly MockRoute[]
  readonly documents: readonly OpenApiDocument[]
  /** Variables that hold their address beside MOCK_URL. */
  readonly names: readonly string[]
}

/** AgencyError('BAD_DEFINITION') with file, line and path for what is none. */
export async function readMocks(folder: string, path: string | undefined): Promise<Mocks> {
  if (path === undefined) return { routes: [], documents: [], names: [] }
  const files = await mockFiles(folder, path)
  if (files.length > MOST_MOCK_FILES)
    throw new AgencyError(
      'BAD_DEFINITION',
      `${path} has ${files.length} files of mocks, at most ${MOST_MOCK_FILES} are read`,
    )
  const routes: MockRoute[] = []
  const documents: OpenApiDocument[] = []
  const names = new Set<string>()
  for (const file of files) {
    const text = await readPlainFile(folder, file, MOST_MOCK_BYTES)
    if (text === undefined) continue
    if (Buffer.byteLength(text) >= MOST_MOCK_BYTES)
      throw new AgencyError('BAD_DEFINITION', `${file} is larger than ${MOST_MOCK_BYTES / 1e6} MB`)
    if (isApiDocument(readLoosely(text)?.value)) {
      documents.push(readYaml(text, file, openApiSchema))
      continue
    }
    const read = readYaml(text, file, mockFileSchema, [])
    routes.push(...read.routes)
    for (const name of read.env) names.add(name)
  }
  return { routes, documents, names: [...names] }
}

/** Of a folder, or the one that is named. */
async function mockFiles(folder: string, path: string): Promise<readonly string[]> {
  const listed = await readdir(join(folder, path)).catch(() => undefined)
  if (listed)
    return listed
      .filter(name => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map(name => join(path, name))
  if ((await readPlainFile(folder, path, 1)) !== undefined) return [path]
  throw new AgencyError('BAD_DEFINITION', `sandbox.mocks: this commit has no folder ${path}, and no such file`, {
    hint: 'name a folder or a file of the repository, or leave it out',
  })
}

/** Its last `bytes`; undefined when it is no plain file inside the folder: a link may lead anywhere, and a pipe never ends. */
export async function readPlainFile(folder: string, path: string, bytes = MOST_BYTES): Promise<string | undefined> {
  const file = join(folder, path)
  const [root, real] = await Promise.all([realpath(folder), realpath(file).catch(() => '')])
  if (!real.startsWith(root + sep)) return undefined
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  )
  if (!handle) return undefined
  try {
    const found = await handle.stat()
    if (!found.isFile()) return undefined
    const start = Math.max(0, found.size - bytes)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(bytes, found.size)), 0, undefined, start)
    return buffer.subarray(0, bytesRead).toString('utf8')
  } finally {
    await handle.close()
  }
}
