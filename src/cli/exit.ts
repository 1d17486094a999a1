/** The only place that exits: when everything that was said has left. */
export async function exitWith(code: Promise<number>): Promise<void> {
  // `agency messages | head` closes our output early: that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  process.exitCode = await code
  if (process.stdout.writableLength === 0) process.exit()
  process.stdout.once('drain', () => process.exit())
}
