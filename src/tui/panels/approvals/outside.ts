/** What the approvals screen does with other programs: words in an editor, the whole diff in a pager, a demo in a browser. */
import { openAddress } from '../../../cli/browser.ts'
import { hasColour } from '../../../cli/text.ts'
import type { Context } from '../../../cli/verb.ts'
import { sanitise } from '../../../model/sanitize.ts'
import type { Hands } from '../../panel.ts'
import { editorOf, page, runAndWait, writeWords } from '../../programs.ts'
import { guard } from '../../text/guard.ts'
import type { Demo } from './documents.ts'
import type { Effect, Event } from './state.ts'

type Wish = Extract<Effect, { do: 'ask-words' }>

export async function askWords(env: NodeJS.ProcessEnv, { dispatch, lend }: Hands<Event>, wish: Wish): Promise<void> {
  const { kind, ids, about } = wish
  const editor = editorOf(env)
  if (editor === undefined) return dispatch({ on: 'no-editor', kind, ids })
  const head = kind === 'reject' ? 'Why is this rejected?' : 'What is to be changed?'
  const help = `${head} Write it above the line; it goes to whoever made it. Nothing above it: nothing is decided.`
  try {
    const words = await writeWords(lend, editor, `${help}\n\n${sanitise(about).text}`)
    if (words !== '') dispatch({ on: 'words', kind, ids, words, at: Date.now() })
    else dispatch({ on: 'told', text: 'nothing was written, and nothing is decided', role: 'warn', at: Date.now() })
  } catch (error) {
    dispatch({ on: 'no-editor', kind, ids })
    const why = error instanceof Error ? error.message : String(error)
    dispatch({ on: 'told', text: `${why}: write it here`, role: 'warn', at: Date.now() })
  }
}

export async function pageDiff(
  env: NodeJS.ProcessEnv,
  { dispatch, lend }: Hands<Event>,
  read: () => Promise<{ text: string; isCut: boolean }>,
): Promise<void> {
  const { text, isCut } = await read()
  const safe = text.split('\n').map(guard).join('\n')
  await page(lend, env, hasColour(process.stdout, env) ? colored(safe) : safe)
  if (isCut)
    dispatch({ on: 'told', text: 'that was the first 20 MB: git diff shows all of it', role: 'warn', at: Date.now() })
}

function colored(diff: string): string {
  return diff
    .split('\n')
    .map(line => {
      const code = line.startsWith('+') ? 32 : line.startsWith('-') ? 31 : line.startsWith('@@') ? 36 : undefined
      if (line.startsWith('diff --git ')) return `\x1b[1m${line}\x1b[0m`
      return code === undefined ? line : `\x1b[${code}m${line}\x1b[0m`
    })
    .join('\n')
}

/** Its program in a browser where there is a desktop, else where it answers; without one, what its tests printed. */
export async function showDemo(
  { env, workspaceFlag }: Context,
  { dispatch, lend }: Hands<Event>,
  id: string,
  { preview, recording, named }: Demo,
): Promise<void> {
  const tell = (text: string) => dispatch({ on: 'told', text, role: 'accent', at: Date.now() })
  const address = preview ?? named
  if (address === undefined || !/^https?:\/\//.test(address)) {
    if (recording === undefined) return tell(address ?? 'nothing of it was recorded')
    const words = ['approvals', 'demo', id, '--play', ...(workspaceFlag ? ['--workspace', workspaceFlag] : [])]
    return lend(() => runAndWait(words))
  }
  const said = preview === undefined ? `${address}   named by its author` : address
  tell((await openAddress(address, env)) ? `${said}   is opened` : said)
}
