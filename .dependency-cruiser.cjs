// Imports run one way: kernel ← model ← ports ← features ← app ← faces; compose.ts and compose/ alone see everything.
const ports = '^src/(storage/[a-zA-Z]*[sS]tore|terminal/terminal|drivers/driver)[.]ts$'
const features =
  '^src/(bus|agencies|supervisor|lifecycle|locks|tasks|log|worktrees|measures|sandboxes|submissions|notices|walls)/'
const adapters = '^src/(storage/sqlite|terminal/tmux|drivers/(profile|[a-z]+/))'
const faces = '^src/(cli|http|tui)/'
const loops = '^src/loops([.]ts$|/)'
const top = '^src/((app|main|daemon)[.]ts$|(compose|loops)([.]ts$|/))'

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'kernel-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/kernel/' },
      to: { path: '^src/', pathNot: '^src/kernel/' },
    },
    {
      name: 'model-sees-kernel-only',
      severity: 'error',
      from: { path: '^src/model/' },
      to: { path: '^src/', pathNot: '^src/(model|kernel)/' },
    },
    {
      name: 'model-is-pure',
      severity: 'error',
      from: { path: '^src/model/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: 'node_modules/zod/' },
    },
    {
      name: 'ports-see-model-and-kernel',
      severity: 'error',
      from: { path: ports },
      to: { path: '^src/', pathNot: `^src/(model|kernel)/|${ports}` },
    },
    {
      name: 'features-never-see-adapters-or-faces',
      severity: 'error',
      from: { path: features },
      to: { path: [adapters, faces, top] },
    },
    {
      name: 'adapters-see-ports-only',
      severity: 'error',
      from: { path: adapters },
      to: { path: [features, faces, top] },
    },
    {
      name: 'app-and-loops-never-see-faces-or-adapters',
      severity: 'error',
      from: { path: ['^src/app[.]ts$', loops] },
      to: { path: [adapters, faces] },
    },
    {
      name: 'faces-see-app-only',
      severity: 'error',
      from: { path: faces },
      to: { path: [features, adapters, loops, '^src/compose([.]ts$|/)'] },
    },
    {
      // What it makes must never be collected: connection.ts says why.
      name: 'only-connections-hold-the-binding',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/storage/sqlite/connection[.]ts$' },
      to: { path: 'node_modules/better-sqlite3/' },
    },
    {
      name: 'only-the-daemon-composes',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(daemon[.]ts$|compose([.]ts$|/))' },
      to: { path: '^src/compose([.]ts$|/)' },
    },
    {
      name: 'the-model-server-is-a-program-of-its-own',
      severity: 'error',
      from: { path: '^src/modelServer/' },
      to: { path: '^src/', pathNot: '^src/(modelServer|kernel|model|config)/' },
    },
    {
      name: 'the-warden-is-a-program-of-its-own',
      severity: 'error',
      from: { path: '^src/sandboxes/warden/' },
      to: { path: '^src/', pathNot: '^src/(sandboxes/warden|kernel|model)/' },
    },
    {
      name: 'only-its-verb-loads-the-model-server',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(modelServer/|cli/modelServer[.]ts$)' },
      to: { path: '^src/modelServer/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
