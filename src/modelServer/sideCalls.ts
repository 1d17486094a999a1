/** Recognises what a program asks for itself (a title, a quota check, a summary), and answers it without the script. */
import { type ModelRequest, newest } from './conversation.ts'
import { sample } from './sample.ts'

export interface SideAnswer {
  readonly text?: string
  /** Some programs want their JSON as the arguments of a tool. */
  readonly call?: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }
}

/** Qwen Code's way of asking for JSON. */
const JSON_TOOL = 'respond_in_schema'

/** Instructions of a helper inside the program, at their beginning. */
const SIDE_SYSTEM = [
  /^\s*You are a title generator/i,
  /^\s*(Generate|Create) a (concise|short|brief)[^.\n]{0,60}title/i,
  /^\s*You are now acting as the [\w ]+ subagent/,
  /component that summarizes internal chat history/i,
]

/** The one kind of agent without tools: aider, which writes its changes as text. From its documentation; it was not run. */
const AGENT_WITHOUT_TOOLS = /^\s*Act as an expert (software developer|code analyst|architect)/

/** A program's own request to sum up, given as if the person had said it. */
const SIDE_PROMPTS = [
  /^\s*(CRITICAL: Respond with TEXT ONLY[^\n]*\n+)?Your task is to create a detailed summary of the conversation/i,
  /^\s*You are performing a CONTEXT CHECKPOINT COMPACTION/,
  /^\s*Given the following\.\.\. please reply with a title for the chat/,
  /^\s*Summarize the user's primary intent or goal in this conversation/,
  /^\s*Provide a detailed prompt for continuing our conversation/i,
]

/** Undefined when it is a turn of the agent itself. */
export function sideAnswer(request: ModelRequest): SideAnswer | undefined {
  const jsonTool = request.tools.find(tool => tool.name === JSON_TOOL)
  if (jsonTool) return { call: { name: JSON_TOOL, arguments: sample(jsonTool.parameters) as Record<string, unknown> } }
  if (request.answerSchema) return { text: JSON.stringify(sample(request.answerSchema)) }
  return isQuotaCheck(request) || isAskedAside(request) ? { text: 'Rehearsal' } : undefined
}

/** Claude Code asks with one word whether the account may go on. */
function isQuotaCheck({ turns, tools }: ModelRequest): boolean {
  const [only, ...others] = turns
  return tools.length === 0 && others.length === 0 && only?.by === 'user' && only.text === 'quota'
}

/** An agent always has tools and instructions. Instructions without tools are a question of the program's own. */
function isAskedAside(request: ModelRequest): boolean {
  if (request.tools.length === 0 && request.system !== '' && !AGENT_WITHOUT_TOOLS.test(request.system)) return true
  if (SIDE_SYSTEM.some(prompt => prompt.test(request.system))) return true
  const last = newest(request).findLast(turn => turn.by === 'user')
  return last?.by === 'user' && SIDE_PROMPTS.some(prompt => prompt.test(last.text.slice(0, 2000)))
}
