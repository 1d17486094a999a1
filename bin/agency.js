#!/usr/bin/env node
// The command line. The bundle in dist/ is what runs; compiled code is cached where node can.
import module from 'node:module'

module.enableCompileCache?.()
await import('../dist/cli.js').catch(error => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) throw error
  process.stderr.write('error  the command line is not built   [ENVIRONMENT]\ntry    npm run build\n')
  process.exitCode = 8
})
