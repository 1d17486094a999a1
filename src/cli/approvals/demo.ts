/** Shows finished work: where its program answers, or what its tests printed, at the pace they printed it. */
import { sleep } from '../../kernel/abort.ts'
import { readCast } from '../../kernel/asciicast.ts'
import { visible } from '../../model/visible.ts'
import type { Client } from '../client.ts'
import { paint } from '../text.ts'
import type { Result } from '../verb.ts'

interface DemoDocument {
  readonly preview?: string
  readonly recording?: string
  readonly named?: string
}

/** Nobody looks longer than this at a test that takes its time. */
const LONGEST_PAUSE_S = 1

export async function showDemo(client: Client, path: string): Promise<Result> {
  const data = (await client.send('POST', `${path}/demo`, {})) as DemoDocument
  const { preview, recording, named } = data
  const lines = [
    preview && `${paint('green', preview)}   its program answers there`,
    recording && `${recording}   recording of its tests: --play shows it, and so does asciinema play`,
    named && `${named}   ${paint('gray', 'named by its author; nobody has looked there')}`,
  ]
  return { data, text: lines.filter(Boolean).join('\n') }
}

/** Letters only: what a recording does to a terminal is for a player that is asked for it. */
export async function playRecording(client: Client, path: string, isHurried: boolean): Promise<Result> {
  const { text } = (await client.get(`${path}/recording`)) as { text: string }
  let before = 0
  for (const event of readCast(text)) {
    const pauseS = Math.min(Math.max(0, event.seconds - before), LONGEST_PAUSE_S)
    before = event.seconds
    if (!isHurried && pauseS > 0) await sleep(pauseS * 1000)
    process.stdout.write(visible(event.text.replace(ESCAPES, '').replace(/\r\n/g, '\n')))
  }
  return {}
}

/** Colors and cursor moves, as a whole: what is left of one without its first character would be shown as letters. */
const ESCAPES = /\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g
