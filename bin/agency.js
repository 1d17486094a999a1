#!/usr/bin/env node
// The command line. The bundle in dist/ is what runs; compiled code is cached where node can.
import module from 'node:module'

module.enableCompileCache?.()
// `send` is called all day, by agents and scripts: it is a small file of its own.
const bundle = process.argv[2] === 'send' ? '../dist/send.js' : '../dist/cli.js'
await import(bundle).catch(error => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) throw error
  process.stderr.write('error  the command line is not built   [ENVIRONMENT]\ntry    npm run build\n')
  process.exitCode = 8
})
