// Bundles the command line, the daemon, the store's worker and the rehearsal agent into dist/, one lazy chunk per verb.
//   --readable: not minified, and no bundle names its source map, as the measuring of coverage needs it.
import { readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const isReadable = process.argv.includes('--readable')
rmSync(join(root, 'dist'), { recursive: true, force: true })
const common = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minify: !isReadable,
  sourcemap: isReadable ? 'external' : 'linked',
  legalComments: 'none',
  // The last is ink's own tool for debugging, which is never loaded.
  external: ['better-sqlite3', 'react-devtools-core'],
  define: { __VERSION__: JSON.stringify(version), 'process.env.NODE_ENV': '"production"' },
  // Bundled CommonJS packages call require(); ES modules have none of their own.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  logLevel: 'warning',
}

await build({
  ...common,
  splitting: true,
  entryPoints: {
    cli: 'src/main.ts',
    daemon: 'src/daemon.ts',
    'sqlite-worker': 'src/storage/sqlite/worker.ts',
    rehearsal: 'src/rehearsal/main.ts',
    warden: 'src/sandboxes/warden/main.ts',
    startDaemon: 'src/cli/startDaemon.ts',
    outboxFile: 'src/cli/outboxFile.ts',
  },
})
// Alone in one file: every chunk that a command loads costs it about a millisecond. What it needs only when no daemon runs,
// or for words that are not plain, stays outside, in the files of the first build.
const RARE = { startDaemon: 'startDaemon.js', outboxFile: 'outboxFile.js', main: 'cli.js' }
const rareIsOutside = {
  name: 'rare-is-outside',
  setup(bundler) {
    bundler.onResolve({ filter: new RegExp(`/(${Object.keys(RARE).join('|')})\\.ts$`) }, ({ path }) => ({
      path: `./${RARE[basename(path, '.ts')]}`,
      external: true,
    }))
  },
}
// As CommonJS: node reads that at once, where the loader of ES modules takes four turns through its threads (3 ms).
await build({
  ...common,
  entryPoints: { send: 'src/send.ts' },
  plugins: [rareIsOutside],
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: {},
  // Only the root of the package is found by it, and that is not in this bundle.
  logOverride: { 'empty-import-meta': 'silent' },
})
