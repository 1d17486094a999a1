import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { typedText } from '../../src/bus/mail.ts'
import type { Workspace } from '../../src/config/workspace.ts'
import { newId } from '../../src/kernel/ids.ts'
import { parseHeader, parseMailLine } from '../../src/model/header.ts'
import type { Message } from '../../src/model/message.ts'

it('R-BUS-5 what a composer would not take as it is goes as a file: long, many lines, tabs, a backslash at the end', async () => {
  const mail = await mkdtemp(join(tmpdir(), 'agency-mail-'))
  onTestFinished(() => rm(mail, { recursive: true, force: true }))
  const isFile = async (body: string) => {
    const message = { id: newId(), from: 'human', type: 'NOTE', body } as unknown as Message
    const text = await typedText({ mail, run: mail } as Workspace, message, 'Duo/a', {
      redelivery: undefined,
      mailOver: 100,
    })
    return parseMailLine(parseHeader(text)!.body) !== undefined
  }
  for (const body of ['x'.repeat(101), `${'a\n'.repeat(9)}b`, 'a\tb', 'ends with \\', 'ends with \\\n'])
    expect([body, await isFile(body)]).toEqual([body, true])
  for (const body of ['x'.repeat(100), 'a\nb', 'C:\\path\\to', ''])
    expect([body, await isFile(body)]).toEqual([body, false])
})
