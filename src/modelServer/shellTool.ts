/** Finds the shell tool among those a request offers, and fills in its arguments. */
import type { JsonSchema, Tool } from './conversation.ts'
import { sample } from './sample.ts'
import type { Run } from './script.ts'

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

export function shellArguments(tool: Tool, { command, outsideSandbox }: Run): Record<string, unknown> {
  if (tool.kind === 'local_shell') return { command: ['bash', '-lc', command] }
  if (tool.kind === 'code') return { code: codeFor({ cmd: command, ...(outsideSandbox ? CODEX_OUTSIDE : {}) }) }
  const { properties = {}, required = [] } = tool.parameters
  const place = COMMAND.find(name => Object.hasOwn(properties, name)) ?? 'command'
  const others = required.filter(name => name !== place)
  return {
    [place]: commandValue(properties[place], command),
    ...Object.fromEntries(others.map(name => [name, other(name, properties[name])])),
    ...(outsideSandbox ? outside(properties) : {}),
  }
}

const CODEX_OUTSIDE = { sandbox_permissions: 'require_escalated', justification: 'The script asks for it' }

/** Each program has an argument of its own for it. */
function outside(properties: NonNullable<JsonSchema['properties']>): Record<string, unknown> {
  if (Object.hasOwn(properties, 'sandbox_permissions')) return CODEX_OUTSIDE
  return Object.hasOwn(properties, 'dangerouslyDisableSandbox') ? { dangerouslyDisableSandbox: true } : {}
}

function codeFor(args: object): string {
  return `const ran = await tools.exec_command(${JSON.stringify(args)})\ntext(ran.output)`
}

function commandValue(schema: JsonSchema | undefined, command: string): string | readonly string[] {
  if (schema?.type !== 'array') return command
  return ['bash', '-lc', command]
}

function other(name: string, schema: JsonSchema | undefined): unknown {
  return name === 'description' ? 'Run the scripted command' : sample(schema ?? {})
}
