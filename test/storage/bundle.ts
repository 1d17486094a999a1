/** Bundles the worker as the build does: a thread cannot start from TypeScript on Node 20. */
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..', '..')

/** Bundles `entry`, a path from the repository's root, into the ignored `dist/`, where packages resolve. Returns the path. */
export async function bundle(entry: string, name: string): Promise<string> {
  const outfile = join(root, 'dist', `test-${process.pid}`, `${name}.js`)
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: ['better-sqlite3'],
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: 'warning',
  })
  return outfile
}
