/** Agents for measuring: a script that notes what it gets and confirms it. */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { type Client, connect } from '../../src/cli/client.ts'
import type { Workbench } from '../e2e/workbench.ts'

const SCRIPT = `import { appendFileSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createHash } from 'node:crypto'
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  const body = message.bodyFile ? readFileSync(message.bodyFile, 'utf8') : message.body
  const sha = createHash('sha256').update(body).digest('hex')
  appendFileSync(process.env.AGENCY_RUN + '/got.jsonl', JSON.stringify({ id: message.id, sha, redelivery: message.redelivery === true }) + '\\n')
  process.stdout.write(JSON.stringify({ confirm: message.id }) + '\\n')
}
`

/** Returns the command of an agent that notes and confirms. */
export async function writeScript(bench: Workbench): Promise<readonly string[]> {
  const file = bench.file('noter.mjs')
  await writeFile(file, SCRIPT)
  const start = bench.file('noter')
  await writeFile(start, `#!/bin/sh\nexec '${process.execPath}' '${file}'\n`)
  await chmod(start, 0o755)
  return [start]
}

export async function createAgency(
  bench: Workbench,
  name: string,
  agents: readonly { name: string; driver: string; command?: readonly string[] }[],
): Promise<void> {
  const folder = bench.file('templates', 'agencies', name)
  await mkdir(folder, { recursive: true })
  await writeFile(
    `${folder}/agency.json`,
    JSON.stringify({ name, driver: 'rehearsal', coordinator: { name: 'lead' }, agents }),
  )
  await bench.ok(['create', name])
}

/** The daemon's socket, without the command line's own start. */
export async function openClient(bench: Workbench): Promise<Client> {
  const token = (await bench.text('registry', 'tokens', 'human')).trim()
  const socket = bench.file('registry', 'agencyd.sock')
  const ownerFile = bench.file('registry', 'owner.db')
  return connect({ socket, ownerFile, live: undefined, credentials: { token, headers: {} }, onVersion: () => {} })
}
