#!/usr/bin/env node
// The command line. The bundle in dist/ is what runs; compiled code is cached where node can.
import module from 'node:module'

module.enableCompileCache?.()
try {
  // `send` is called all day, by agents and scripts: it is a small file of its own.
  if (process.argv[2] === 'send') module.createRequire(import.meta.url)('../dist/send.cjs')
  else await import('../dist/cli.js')
} catch (error) {
  const isMissing = error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND'
  if (!isMissing || !String(error.message).includes('dist')) throw error
  process.stderr.write('error  the command line is not built   [ENVIRONMENT]\ntry    npm run build\n')
  process.exitCode = 8
}
