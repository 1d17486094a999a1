/** How each agent program is pointed at the model server: environment, files and arguments, as they were seen to work. */

export interface Setup {
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  /** Relative to the home folder. */
  readonly files: readonly { readonly path: string; readonly content: string }[]
  readonly command: string
}

/** Nothing secret: the server takes any key. */
const KEY = 'rehearsal'
const MODEL = 'rehearsal'

export function setups(url: string): readonly (Setup & { readonly text: string })[] {
  return [claude(url), codex(url), gemini(url), qwen(url), opencode(url), pi(url), copilot(url), continueCli(url)].map(
    setup => ({ ...setup, text: textOf(setup) }),
  )
}

function claude(url: string): Setup {
  return {
    program: 'Claude Code',
    env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: KEY, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    files: [],
    command: 'claude',
  }
}

function codex(url: string): Setup {
  return {
    program: 'Codex',
    env: { AGENCY_MODEL_KEY: KEY },
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
env_key = "AGENCY_MODEL_KEY"
`,
      },
    ],
    command: 'codex --disable daemon_auto_start',
  }
}

function gemini(url: string): Setup {
  return {
    program: 'Gemini CLI',
    env: { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: url },
    files: [json('.gemini/settings.json', { security: { auth: { selectedType: 'gemini-api-key' } } })],
    command: `gemini -m gemini-2.5-pro`,
  }
}

function qwen(url: string): Setup {
  return {
    program: 'Qwen Code',
    env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: MODEL },
    files: [],
    command: 'qwen',
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
    program: 'opencode',
    env: {},
    files: [
      json('.config/opencode/opencode.json', { autoupdate: false, model: `agency/${MODEL}`, provider: { agency } }),
    ],
    command: 'opencode',
  }
}

function pi(url: string): Setup {
  const agency = { baseUrl: `${url}/v1`, api: 'openai-completions', apiKey: KEY, models: [{ id: MODEL }] }
  return {
    program: 'pi',
    env: { PI_OFFLINE: '1' },
    files: [json('.pi/agent/models.json', { providers: { agency } })],
    command: `pi --provider agency --model ${MODEL}`,
  }
}

function copilot(url: string): Setup {
  return {
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
  }
}

function continueCli(url: string): Setup {
  return {
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
    command: 'cn --config ~/.continue/rehearsal.yaml',
  }
}

function json(path: string, value: object): { path: string; content: string } {
  return { path, content: `${JSON.stringify(value, null, 2)}\n` }
}

function textOf({ program, env, files, command }: Setup): string {
  const words = Object.entries(env).map(([name, value]) => `${name}=${value} `)
  const contents = files.map(({ path, content }) => `  ~/${path}:\n${content.replace(/^(?=.)/gm, '    ')}`)
  return [program, ...contents, `  ${words.join('')}${command}`].join('\n')
}
