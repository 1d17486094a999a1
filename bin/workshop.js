// Bundles a program that lies beside the tests and runs it: `bench` (npm run bench), `real` (npm run try:real) or `screens` (npm run screens).
//   usage: workshop.js NAME [argument …]
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [name, ...rest] = process.argv.slice(2)
const outdir = join(root, 'dist', name)
await build({
  entryPoints: [join(root, 'test', name, 'main.ts')],
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // As bin/build.js has it: the screens are measured as they are shipped.
  external: ['better-sqlite3', 'react-devtools-core'],
  define: { 'process.env.NODE_ENV': '"production"' },
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  logLevel: 'warning',
})
process.exit(
  spawnSync(process.execPath, [join(outdir, 'main.js'), ...rest], { stdio: 'inherit', cwd: root }).status ?? 1,
)
