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
  const told = { code: 'ENVIRONMENT', message: 'the command line is not built', hint: 'npm run build' }
  // Where --json is asked for, whoever reads it gets a document, here as everywhere.
  const dashes = process.argv.indexOf('--')
  const words = dashes < 0 ? process.argv : process.argv.slice(0, dashes)
  if (words.includes('--json')) process.stdout.write(`${JSON.stringify({ error: told })}\n`)
  else process.stderr.write(`error  ${told.message}   [${told.code}]\ntry    ${told.hint}\n`)
  process.exitCode = 8
}
