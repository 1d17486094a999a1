/** Tells what somebody said from what the program itself puts into a user's turn: reminders, the time, the environment. */

export interface Parts {
  /** Byte for byte, without what the program has put around it. */
  readonly said: string | undefined
  readonly context: readonly string[]
}

const TAGS = [
  'system-reminder',
  'environment_context',
  'user_instructions',
  'INSTRUCTIONS',
  'permissions instructions',
  'skills_instructions',
  'apps_instructions',
  'plugins_instructions',
  'collaboration_mode',
  'turn_aborted',
  'session_context',
  'current_datetime',
  'reminder',
  'command-name',
  'local-command-caveat',
].join('|')
const OPEN = new RegExp(`^\\s*<(?:${TAGS})>`)
const AROUND = [
  new RegExp(`^\\s*<(${TAGS})>.*?</\\1>\\n*`, 's'),
  new RegExp(`\\n+<(${TAGS})>(?:(?!<\\1>).)*</\\1>\\s*$`, 's'),
  // Claude Code, of what was said while it worked.
  /^The user sent a new message while you were working:\n/,
  /\n\nThis is how Claude Code surfaces messages the user sends mid-turn [^\n]*\n?$/,
]
/** Claude Code's mark of what was pasted, and Codex's of what a hook has answered. */
const WRAPPED = /^(\s*<(pasted_content|hook_prompt)\b[^>\n]*>\n?)(.*?)(\n?<\/\2\b[^>\n]*>\s*)$/s
const MARKED = [
  /^# AGENTS\.md instructions for /,
  /^\[Request interrupted by user/,
  /^This is the (Gemini CLI|Qwen Code)\. We are setting up the context/,
]

export function partsOf(text: string): Parts {
  if (MARKED.some(mark => mark.test(text))) return { said: undefined, context: [text] }
  const { rest, context } = unwrap(text)
  if (rest === '' && context.length > 0) return { said: undefined, context }
  const [, before, , said, behind] = WRAPPED.exec(rest) ?? []
  if (said !== undefined) return { said, context: [...context, before!, behind!] }
  return OPEN.test(rest) ? { said: undefined, context: [...context, rest] } : { said: rest, context }
}

function unwrap(text: string): { readonly rest: string; readonly context: readonly string[] } {
  const context: string[] = []
  let rest = text
  for (const pattern of AROUND)
    for (let found = pattern.exec(rest); found; found = pattern.exec(rest)) {
      context.push(found[0])
      rest = found.index === 0 ? rest.slice(found[0].length) : rest.slice(0, found.index)
    }
  return { rest, context }
}
