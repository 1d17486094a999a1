/** agency.json: what a person says an agency should be. */
import { z } from 'zod'
import { limitsSchema } from './agentLimits.ts'
import { checkSchema } from './check.ts'
import { type Isolation, isolationSchema, readIsolation } from './isolation.ts'
import { nameProblem } from './names.ts'
import { sandboxSchema } from './sandboxPlan.ts'

const name = z.string().superRefine((value, context) => {
  const problem = nameProblem(value)
  if (problem)
    context.addIssue({ code: 'custom', message: `the name ${JSON.stringify(value.slice(0, 40))} ${problem}` })
})
const capability = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a capability is lower case with hyphens, such as code-review')
const driver = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'a driver is lower case, such as claude or rehearsal')
const regex = z.string().min(1).refine(isRegex, { error: 'is not a regular expression' })
const command = z.array(z.string().min(1)).min(1)

/** Of the repository's own folder, so that no link leads out of it or into git's. */
const inside = z
  .string()
  .min(1)
  .refine(
    path => !/^[/~]|(^|\/)\.\.?(\/|$)|\/\/|\/$|\\|[\u0000-\u001f]|^\.git(\/|$)/.test(path),
    'must be a path inside the repository, such as node_modules or packages/a/.venv',
  )

const agentSchema = z.strictObject({
  name,
  title: z.string().max(100).optional(),
  capabilities: z.array(capability).default([]),
  driver: driver.optional(),
  /** For `script`: the program to run; for others: extra arguments after those of the driver. */
  command: command.optional(),
  args: z.array(z.string()).default([]),
  /** Tasks that it is given at once; one, and eight for a coordinator, who waits for others most of the time. */
  maxTasks: z.number().int().min(1).max(100).optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).default({}),
  /** Each goes before the same one of the agency. */
  limits: limitsSchema.optional(),
  /** In place of that of the agency. */
  isolation: isolationSchema.optional(),
})

export const definitionSchema = z
  .strictObject({
    name,
    description: z.string().max(500).optional(),
    capabilities: z.array(capability).default([]),
    driver: driver.optional(),
    repo: z.string().min(1).optional(),
    coordinator: agentSchema,
    agents: z.array(agentSchema).max(98).default([]),
    policies: z
      .strictObject({
        /** copy: to the peer and a copy to the coordinator's inbox · coordinator: through the coordinator only · private: to the peer alone. */
        peerMessages: z.enum(['copy', 'coordinator', 'private']).default('copy'),
        /** required: what a task changes in the repository counts once the person has approved it. */
        approval: z.enum(['required', 'off']).default('off'),
        /** task: what is merged becomes a task to finalise and document, where the project has a changelog or documents. */
        finalise: z.enum(['task', 'off']).default('task'),
        /** Dialogs that are answered without a person: a rule of the driver's profile, words in what is asked, the choice. */
        answers: z
          .array(z.strictObject({ rule: z.string().min(1), question: regex, answer: z.string().min(1) }))
          .default([]),
      })
      .prefault({}),
    worktrees: z
      .strictObject({
        /** What is git-ignored in the repository's own folder and is to be seen in each worktree: a link to it. */
        share: z.array(inside).max(50).optional(),
        /** Shell command that is run once in each new worktree. */
        setup: z.string().min(1).max(4000).optional(),
        /** Seconds that it may take; 600 unless it says otherwise. */
        setupTimeout: z.number().positive().max(86_400).optional(),
        /** Whether submodules are checked out in each new worktree. */
        submodules: z.boolean().optional(),
      })
      .optional(),
    /** Shell commands, with a name or without, that have to pass in an agent's worktree before a task that changed it counts as done. */
    checks: z.array(checkSchema).max(20).default([]),
    /** How its work is tried before a person decides on it; what is not said is guessed from the project. */
    sandbox: sandboxSchema.optional(),
    /** What each of its agents may use. */
    limits: limitsSchema.prefault({}),
    /** bubblewrap: its agents run behind a wall, and are not started where there can be none. */
    isolation: isolationSchema.optional(),
  })
  .superRefine((definition, context) => {
    const seen = new Set<string>([definition.coordinator.name.toLowerCase()])
    for (const [index, agent] of definition.agents.entries()) {
      const key = agent.name.toLowerCase()
      if (seen.has(key))
        context.addIssue({
          code: 'custom',
          path: ['agents', index, 'name'],
          message: `two agents are called ${agent.name}`,
        })
      seen.add(key)
    }
  })

export type Definition = z.infer<typeof definitionSchema>
export type AgentDefinition = z.infer<typeof agentSchema>

function isRegex(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'mu'))
  } catch {
    return false
  }
}

/** What an agent can do: what it says itself, else what its agency says of all. A coordinator leads, and is asked for nothing else. */
export function capabilitiesOf(definition: Definition, agent: AgentDefinition): readonly string[] {
  const isCoordinator = agent.name === definition.coordinator.name
  return agent.capabilities.length > 0 || isCoordinator ? agent.capabilities : definition.capabilities
}

/** Coordinator first, then the specialists in their order: the order of the windows. */
export function members(definition: Definition): readonly AgentDefinition[] {
  return [definition.coordinator, ...definition.agents]
}

export function driverOf(definition: Definition, agent: AgentDefinition, fallback: string): string {
  return agent.driver ?? definition.driver ?? fallback
}

export function isWalled(definition: Definition, agent: AgentDefinition): boolean {
  return isolationOf(definition, agent).level !== 'none'
}

export function isolationOf(definition: Definition, agent: AgentDefinition): Isolation {
  return readIsolation(agent.isolation ?? definition.isolation)
}

/** Whether what its agents make is run behind a wall only: one that is isolated is enough, since they read each other's work. */
export function wantsWall(definition: Definition | undefined): boolean {
  return definition !== undefined && members(definition).some(agent => isWalled(definition, agent))
}

/** Everything of a definition that a running program was started with: when it differs, the program has to be started anew. */
export function launchOf(definition: Definition, agent: AgentDefinition, fallbackDriver: string): readonly unknown[] {
  const isolation = isolationOf(definition, agent)
  const told = isolation.level === 'none' ? [] : [isolation]
  return [driverOf(definition, agent, fallbackDriver), agent.command ?? null, agent.args, agent.env, ...told]
}
