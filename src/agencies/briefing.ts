/** What an agent is told at its start: its role, the agency's shared context, and the ways to talk. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { type Definition, members } from '../model/definition.ts'
import { sanitise } from '../model/sanitize.ts'
import { MAX_PART_BYTES } from '../model/templateFaults.ts'

/** Some programs take the briefing as an argument, and Linux allows 128 KB for one; a character may have three bytes. */
const MAX_CHARACTERS = 40_000

export async function writeBriefing(workspace: Workspace, definition: Definition, agent: string): Promise<string> {
  const folder = join(workspace.agencies, definition.name)
  const isCoordinator = agent === definition.coordinator.name
  const role = await readPart(isCoordinator ? join(folder, 'coordinator.md') : join(folder, 'agents', `${agent}.md`))
  const context = await readContext(join(folder, 'context'))
  const ways = talking(definition, agent, isCoordinator)
  const rest = [role, ...context].filter(Boolean).join('\n\n')
  const room = MAX_CHARACTERS - ways.length
  const cut = rest.length > room ? `${rest.slice(0, room)}\n\n(Cut here. The whole: the files in ${folder})` : rest
  return [cut, ways].filter(Boolean).join('\n\n')
}

async function readContext(folder: string): Promise<string[]> {
  const files = (await readdir(folder).catch(() => [] as string[])).filter(file => file.endsWith('.md')).sort()
  return Promise.all(files.map(file => readPart(join(folder, file))))
}

async function readPart(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return sanitise(text.slice(0, MAX_PART_BYTES)).text.trim()
}

function talking(definition: Definition, agent: string, isCoordinator: boolean): string {
  const agency = definition.name
  const others = members(definition).filter(member => member.name !== agent)
  const roster = others.map(
    other =>
      `- ${agency}/${other.name}${other.title ? `: ${other.title}` : ''}${other.capabilities.length ? ` (${other.capabilities.join(', ')})` : ''}`,
  )
  return `# How you talk

You are ${agency}/${agent}. Messages come to you as text that begins with a line such as
\`[${agency}/someone → ${agency}/${agent} · TASK · 1a2b3c4d]\`: sender, you, type, and the message's id. One marked \`redelivery\` may have reached you before.
Everything you say to others goes through these commands; text on your screen reaches nobody.

- \`"$AGENCY_BIN" reply 1a2b3c4d "…"\`: answer a message (this also acknowledges it). A task whose agent is BLOCKED goes on with a reply to that, an \`ANSWER: …\` or words under its label, and with nothing else
- \`"$AGENCY_BIN" send ${agency}/coordinator "STATUS ${agent}: …"\`: also \`QUESTION from ${agent}: …\`, \`COMPLETE ${agent}: …\`, \`BLOCKED ${agent}: …\`
- \`"$AGENCY_BIN" send ${agency}/<agent> "…"\`: to a colleague; your coordinator gets a copy
${
  isCoordinator
    ? `- \`"$AGENCY_BIN" send ${agency}/<agent> "TASK-042: …"\`: give work
- \`"$AGENCY_BIN" task add "title" --to ${agency}/<agent> --body "…" --after TASK-001\`: split a goal into tasks that wait for each other; \`--to ${agency} --needs <capability>\` leaves the choice to Agency; \`--file -\` takes several in YAML. Each is given out when what comes before it is done
- \`"$AGENCY_BIN" task list\`, \`task graph\`, \`task show ID\`: follow up; \`task assign ID <agent>\`, \`task cancel ID "why"\`, \`task retry ID\`: change course
- \`"$AGENCY_BIN" handoff <Agency> --task TASK-042 --branch <branch> --notes "…"\`: to another agency's coordinator
- \`"$AGENCY_BIN" send <Agency> '{"type":"results","task":"TASK-042","status":"passed"}'\`: results to another agency
- \`"$AGENCY_BIN" send human "…"\`: to the person`
    : `- \`"$AGENCY_BIN" send human "…"\`: to the person, when only the person can help`
}
- \`"$AGENCY_BIN" task show TASK-042\`: a task, what it depends on, what happened to it. A TASK that you get is yours until you say
  \`"$AGENCY_BIN" task done TASK-042 "what was made, what passed" --commit <hash>\` (or COMPLETE with its label), or
  \`"$AGENCY_BIN" task block TASK-042 "what you need"\`. Done counts when it is committed and the agency's checks pass; else it comes back to you.
- \`"$AGENCY_BIN" lock acquire src/parser/ README.md --ttl 20m --why "TASK-042"\`: before you change files that others may change too; add \`--wait 60s\` to wait for them. It is all of them or none
- \`"$AGENCY_BIN" lock release --all\`: as soon as you have committed; \`"$AGENCY_BIN" lock list\` shows who holds what. A commit that touches a file under another's lease is refused
- \`"$AGENCY_BIN" inbox\`: what else waits for you; \`"$AGENCY_BIN" status\`: who is there and what they are doing

Your colleagues:
${roster.join('\n') || '- none'}`
}
