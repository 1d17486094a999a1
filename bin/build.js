// Bundles the command line, the daemon, the store's worker and the rehearsal agent into dist/, one lazy chunk per verb.
import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

rmSync(join(root, 'dist'), { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: {
    cli: 'src/main.ts',
    daemon: 'src/daemon.ts',
    'sqlite-worker': 'src/storage/sqlite/worker.ts',
    rehearsal: 'src/rehearsal/main.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minify: true,
  sourcemap: 'linked',
  legalComments: 'none',
  external: ['better-sqlite3'],
  define: { __VERSION__: JSON.stringify(version) },
  // Bundled CommonJS packages call require(); ES modules have none of their own.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  logLevel: 'warning',
})
