/** How each agent program is pointed at the model server: environment, files and arguments, as they were seen to work. */

export interface Setup {
  /** Its driver, and the name that people know. */
  readonly driver: string
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  /** Relative to the home folder. */
  readonly files: readonly { readonly path: string; readonly content: string }[]
  readonly command: string
  /** What an agent's `args` in agency.json say. */
  readonly args: readonly string[]
}

/** Nothing secret: the server takes any key. */
const KEY = 'rehearsal'
const MODEL = 'rehearsal'

const PROGRAMS = [claude, codex, gemini, qwen, opencode, pi, copilot, continueCli]

/** `home`: a folder in which the files lie, instead of the person's own home. */
export function setups(url: string, home?: string): readonly Setup[] {
  const setups = PROGRAMS.map(program => program(url))
  return home === undefined ? setups : setups.map(setup => at(home, setup))
}

function at(home: string, setup: Setup): Setup {
  const args = setup.args.map(word => word.replace(/^~(?=\/)/, home))
  return { ...setup, env: { ...setup.env, HOME: home }, args }
}

/** What to write and to type, and what an agent's entry in agency.json says. */
export function setupText({ driver, program, env, files, command, args }: Setup): string {
  const words = Object.entries(env).map(([name, value]) => `${name}=${value} `)
  const contents = env.HOME
    ? []
    : files.map(({ path, content }) => `  ~/${path}:\n${content.replace(/^(?=.)/gm, '    ')}`)
  const agent = JSON.stringify({ driver, env, ...(args.length > 0 ? { args } : {}) })
  return [program, ...contents, `  ${words.join('')}${[command, ...args].join(' ')}`, `  agency.json: ${agent}`].join(
    '\n',
  )
}

function claude(url: string): Setup {
  return {
    driver: 'claude',
    program: 'Claude Code',
    // A subscription's token: only with one does a usage limit look as it does to most people, with the time of its end.
    env: { ANTHROPIC_BASE_URL: url, CLAUDE_CODE_OAUTH_TOKEN: KEY, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    // Its first steps would ask Anthropic itself; and it offers its auto mode in a dialog, at a moment of its own choice.
    files: [json('.claude.json', { hasCompletedOnboarding: true, hasSeenAutoDefaultNudge: true })],
    command: 'claude',
    args: [],
  }
}

function codex(url: string): Setup {
  return {
    driver: 'codex',
    program: 'Codex',
    env: { REHEARSAL_MODEL_KEY: KEY },
    files: [
      {
        path: '.codex/config.toml',
        content: `model = "${MODEL}"
model_provider = "agency"
check_for_update_on_startup = false

[model_providers.agency]
name = "agency"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "REHEARSAL_MODEL_KEY"
`,
      },
    ],
    command: 'codex',
    // Without it its sandbox lets no command of the agent speak to the daemon.
    args: ['--disable', 'daemon_auto_start', '-c', 'sandbox_workspace_write.network_access=true'],
  }
}

function gemini(url: string): Setup {
  return {
    driver: 'gemini',
    program: 'Gemini CLI',
    env: { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: url },
    files: [
      json('.gemini/settings.json', {
        general: { enableAutoUpdate: false },
        security: { auth: { selectedType: 'gemini-api-key' } },
      }),
    ],
    command: 'gemini',
    args: ['-m', 'gemini-2.5-pro'],
  }
}

function qwen(url: string): Setup {
  return {
    driver: 'qwen',
    program: 'Qwen Code',
    env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: MODEL },
    files: [json('.qwen/settings.json', { general: { enableAutoUpdate: false } })],
    command: 'qwen',
    args: [],
  }
}

function opencode(url: string): Setup {
  const agency = {
    npm: '@ai-sdk/openai-compatible',
    name: 'agency',
    options: { baseURL: `${url}/v1`, apiKey: KEY },
    models: { [MODEL]: { name: MODEL } },
  }
  return {
    driver: 'opencode',
    program: 'opencode',
    env: {},
    files: [
      json('.config/opencode/opencode.json', { autoupdate: false, model: `agency/${MODEL}`, provider: { agency } }),
    ],
    command: 'opencode',
    args: [],
  }
}

function pi(url: string): Setup {
  const agency = { baseUrl: `${url}/v1`, api: 'openai-completions', apiKey: KEY, models: [{ id: MODEL }] }
  return {
    driver: 'pi',
    program: 'pi',
    env: { PI_OFFLINE: '1' },
    files: [json('.pi/agent/models.json', { providers: { agency } })],
    command: 'pi',
    args: ['--provider', 'agency', '--model', `${MODEL}`],
  }
}

function copilot(url: string): Setup {
  return {
    driver: 'copilot',
    program: 'Copilot',
    env: {
      COPILOT_OFFLINE: 'true',
      COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
      COPILOT_PROVIDER_API_KEY: KEY,
      COPILOT_MODEL: MODEL,
      COPILOT_AUTO_UPDATE: 'false',
    },
    files: [],
    command: 'copilot',
    args: [],
  }
}

function continueCli(url: string): Setup {
  return {
    driver: 'continue',
    program: 'Continue',
    env: {},
    files: [
      {
        path: '.continue/rehearsal.yaml',
        content: `name: rehearsal
version: 1.0.0
schema: v1
models:
  - name: ${MODEL}
    provider: openai
    model: ${MODEL}
    apiBase: ${url}/v1
    apiKey: ${KEY}
    roles: [chat]
    capabilities: [tool_use]
`,
      },
    ],
    command: 'cn',
    args: ['--config', '~/.continue/rehearsal.yaml'],
  }
}

function json(path: string, value: object): { path: string; content: string } {
  return { path, content: `${JSON.stringify(value, null, 2)}\n` }
}
