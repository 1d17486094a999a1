/** Finds the shell tool among those a request offers, and fills in its arguments. */
import type { JsonSchema, Tool } from './conversation.ts'
import { sample } from './sample.ts'

/** Lower case, best first: what agent programs call it. */
const NAMES = [
  'bash',
  'exec_command',
  'local_shell',
  'shell',
  'shell_command',
  'container.exec',
  'run_shell_command',
  'execute_command',
  'run_command',
  'run_terminal_command',
  // Codex with its newest models.
  'exec',
]
const COMMAND = ['command', 'cmd', 'commands', 'script']

export function shellTool(tools: readonly Tool[]): Tool | undefined {
  return NAMES.map(name => tools.find(tool => tool.name.toLowerCase() === name)).find(Boolean)
}

export function shellArguments(tool: Tool, command: string): Record<string, unknown> {
  if (tool.kind === 'local_shell') return { command: ['bash', '-lc', command] }
  if (tool.kind === 'code')
    return { code: `const ran = await tools.exec_command({ cmd: ${JSON.stringify(command)} })\ntext(ran.output)` }
  const { properties = {}, required = [] } = tool.parameters
  const place = COMMAND.find(name => Object.hasOwn(properties, name)) ?? 'command'
  const others = required.filter(name => name !== place)
  return {
    [place]: commandValue(properties[place], command),
    ...Object.fromEntries(others.map(name => [name, other(name, properties[name])])),
  }
}

function commandValue(schema: JsonSchema | undefined, command: string): string | readonly string[] {
  if (schema?.type !== 'array') return command
  return ['bash', '-lc', command]
}

function other(name: string, schema: JsonSchema | undefined): unknown {
  return name === 'description' ? 'Run the scripted command' : sample(schema ?? {})
}
