import { readFile } from 'node:fs/promises'
import { AgencyError } from '../../kernel/errors.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'rehearse',
  arguments: [],
  options: [
    { form: '--model-server', about: 'a scripted model on loopback, for real agent programs: no account, no cost' },
    { form: '--port <n>', about: 'its port (default: a free one)' },
    { form: '--script <file>', about: 'what the model answers to which text, YAML (default: "ok" to everything)' },
    {
      form: '--home <dir>',
      about: 'write the settings of each program there, as their home folder (default: show them)',
    },
    { form: '--record <file>', about: 'keep what the model received there, JSON lines' },
    { form: '--control', about: 'let tests read GET /_received and replace the script by POST /_script' },
  ],
  examples: [
    'agency rehearse --model-server',
    'agency rehearse --model-server --port 4141 --script replies.yaml --record received.jsonl',
    'agency rehearse --model-server --home ./rehearsal-home   # your own settings stay as they are',
    'agency rehearse --model-server --json | jq .',
    `curl -s 127.0.0.1:4141/_health   # from another shell`,
    `cat replies.yaml
    rules:
      - match: '\\[(\\S+) → \\S+ · TASK · ([0-9a-f]{8})'   # a regular expression; the first rule that matches acts
        do:
          - say: "a task from {1}"                        # {0} the whole match, {1} a group, {name} a named one
          - run: '"$AGENCY_BIN" reply {2} "done"'         # in the program's own shell tool; its result is awaited
      - match: slow
        do: [{ wait: 20 }, { say: done }]                 # seconds of a slow turn
      - match: limit
        times: 1                                          # acts once; then the rules below
        do: [{ fail: { status: 429, resetIn: 60 } }]      # also 401, 500, 529; retryAfter, resetAt, message
      - match: cut
        do: [{ say: half }, { cut: true }, { say: whole }]   # after a cut or failure the next step answers the retry`,
  ],
  async run(context, _args, options) {
    if (!options.modelServer)
      throw new AgencyError('USAGE', 'say what to rehearse with', { hint: 'agency rehearse --model-server' })
    const port = readPort(options.port)
    const { runModelServer } = await import('../modelServer.ts')
    const script = options.script === undefined ? undefined : await readScriptFile(String(options.script))
    await runModelServer(context, {
      port,
      script,
      home: options.home as string | undefined,
      record: options.record as string | undefined,
      hasControl: options.control === true,
    })
    return {}
  },
}

function readPort(given: unknown): number | undefined {
  if (given === undefined) return undefined
  const port = Number(given)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new AgencyError('USAGE', `--port takes a number from 0 to 65535, not ${String(given)}`, {
    hint: 'agency rehearse --model-server --port 4141',
  })
}

async function readScriptFile(path: string): Promise<{ path: string; source: string }> {
  try {
    return { path, source: await readFile(path, 'utf8') }
  } catch (error) {
    throw new AgencyError('NOT_FOUND', `script ${path} cannot be read: ${(error as Error).message}`, {
      hint: 'agency rehearse --help   shows one',
    })
  }
}
