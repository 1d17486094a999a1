/** Tells what somebody said from what the program itself puts into a user's turn: reminders, the environment, instructions. */

const WRAPPED =
  /^\s*<(system-reminder|environment_context|user_instructions|INSTRUCTIONS|permissions instructions|skills_instructions|apps_instructions|plugins_instructions|collaboration_mode|turn_aborted|session_context|current_datetime|reminder|command-name|local-command-caveat)>/
const MARKED = [
  /^# AGENTS\.md instructions for /,
  /^\[Request interrupted by user/,
  /^This is the (Gemini CLI|Qwen Code)\. We are setting up the context/,
]

export function isContext(text: string): boolean {
  return WRAPPED.test(text) || MARKED.some(mark => mark.test(text))
}
