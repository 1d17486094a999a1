/** Text and keys into a pane. The look at the pane and the typing are one command: between two, the pane could die. */
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AgencyError } from '../../kernel/errors.ts'
import type { Key, PaneId } from '../terminal.ts'
import type { Channel } from './channel.ts'
import { type Command, commandLine, literal } from './quote.ts'

/** Why a pane takes nothing: its process is gone, or copy mode (or `select-pane -d`) keeps what is typed from it. */
export type Refused = 'dead' | 'in-mode'

export interface PasteFile {
  /** Folder in memory if there is one: 256 KB take 0.45 ms from tmpfs. */
  readonly folder: string
  /** Of the file and of tmux's buffer; unique on this server and in this folder. */
  readonly name: string
}

export async function paste(
  channel: Channel,
  pane: PaneId,
  text: string,
  file: PasteFile,
): Promise<'pasted' | Refused> {
  if (text === '') throw new AgencyError('USAGE', `there is no text to paste into pane ${pane}`)
  const path = join(file.folder, file.name)
  await writeFile(path, text, { mode: 0o600, flag: 'wx' })
  try {
    // Not `set-buffer`, which stalls the server, and not `load-buffer -`, which says it worked and did not.
    await channel.run(['load-buffer', '-b', file.name, literal(path)])
    const refused = await typeInto(channel, pane, ['paste-buffer', '-p', '-r', '-d', '-b', file.name, '-t', pane])
    return refused ?? 'pasted'
  } finally {
    await Promise.allSettled([rm(path, { force: true }), channel.run(['delete-buffer', '-b', file.name])])
  }
}

/** Removes what a process that died in the middle of a paste left in the folder and on the server. */
export async function clearPastes(channel: Channel, folder: string, prefix: string): Promise<void> {
  const isOurs = (name: string) => name.startsWith(prefix)
  const files = (await readdir(folder)).filter(isOurs)
  const buffers = (await channel.run(['list-buffers', '-F', '#{buffer_name}'])).filter(isOurs)
  await Promise.allSettled([
    ...files.map(name => rm(join(folder, name), { force: true })),
    ...buffers.map(name => channel.run(['delete-buffer', '-b', name])),
  ])
}

export async function pressKey(channel: Channel, pane: PaneId, key: Key): Promise<'pressed' | Refused> {
  return (await typeInto(channel, pane, ['send-keys', '-t', pane, key])) ?? 'pressed'
}

/** Pasting into a dead pane crashes tmux 3.3a with everyone on it; in copy mode a paste arrives and Enter does not. */
async function typeInto(channel: Channel, pane: PaneId, typing: Command): Promise<Refused | undefined> {
  const [, [answer] = []] = await channel.runSequence([
    [
      'if-shell',
      '-F',
      '-t',
      pane,
      '#{||:#{pane_dead},#{||:#{pane_in_mode},#{pane_input_off}}}',
      commandLine(['display-message', '-p', '-t', pane, '#{?pane_dead,dead,in-mode}']),
      commandLine(typing),
    ],
  ])
  return answer === 'dead' || answer === 'in-mode' ? answer : undefined
}
