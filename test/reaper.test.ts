/** What a killed test process leaves behind is taken away by the shell that outlives it. */
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it, onTestFinished } from 'vitest'
import { packageRoot } from '../src/config/workspace.ts'
import { isRunning } from '../src/kernel/process.ts'

it('tmux servers, also one whose socket is gone, and folders end with the test process that made them, and no other', async () => {
  const gone = (await execa('sh', ['-c', 'echo $$'])).stdout
  const folder = join(tmpdir(), `agency-test-${gone}-left`)
  await mkdir(folder)
  const [left, lost, others] = [
    await startServer(`agency-test-${gone}-1`),
    await startServer(`agency-test-${gone}-2`),
    await startServer(`agency-test-${process.pid}${gone}-1`),
  ]
  await rm(lost.socket)
  await execa('sh', [join(packageRoot, 'test', 'reap.sh'), gone, process.execPath, 'unused'], { input: '' })
  await expect.poll(() => [left, lost, others].map(({ pid }) => isRunning(pid))).toEqual([false, false, true])
  await expect(rm(folder)).rejects.toMatchObject({ code: 'ENOENT' })
})

async function startServer(name: string): Promise<{ pid: number; socket: string }> {
  const show = ['display-message', '-p', '#{pid} #{socket_path}']
  const { stdout } = await execa('tmux', ['-L', name, '-f', '/dev/null', 'new-session', '-d', 'cat', ';', ...show])
  const [words, socket] = stdout.split(' ')
  const pid = Number(words)
  onTestFinished(async () => {
    if (isRunning(pid)) process.kill(pid)
    await rm(socket!, { force: true })
  })
  return { pid, socket: socket! }
}
