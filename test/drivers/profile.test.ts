import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import type { LaunchContext } from '../../src/drivers/driver.ts'
import { profileDrivers } from '../../src/drivers/profile.ts'

const shipped = join(packageRoot, 'templates', 'drivers')
const DRIVERS = readdirSync(shipped).flatMap(file => /^(.+)\.yaml$/.exec(file)?.[1] ?? [])

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agency-drivers-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const context: LaunchContext = {
  address: 'Duo/a',
  agency: 'Duo',
  agent: 'a',
  workdir: '/work',
  runFolder: '/run dir',
  mail: '/ws/registry/mail',
  isWalled: false,
  roleFile: '/run dir/brief.md',
  brief: 'You are a. Literally {agent}.',
  workspace: '/ws',
  playbook: undefined,
  conversation: '11111111-2222-4333-8444-555555555555',
  isResumed: false,
  instance: 1,
  port: undefined,
  command: undefined,
  extraArgs: ['--model', 'opus'],
  extraEnv: { COLOUR: 'blue' },
}

it('a workspace overrides a shipped profile by a file of the same name, and an edit of it counts at once', async () => {
  const own = ownFolder()
  const drivers = profileDrivers([own, shipped], { shell: '/bin/sh' })
  expect((await drivers.get('shell')).title).toBe('Shell (never typed into)')
  writeFileSync(join(own, 'shell.yaml'), 'title: Mine\ndoors: []\ncommand: [/bin/zsh]\n')
  expect((await drivers.get('shell')).launch(context).argv[0]).toBe('/bin/zsh')
  writeFileSync(join(own, 'shell.yaml'), 'title: Mine\ndoors: []\ncommand: [/bin/fish]\n')
  expect((await drivers.get('shell')).launch(context).argv[0]).toBe('/bin/fish')
  expect(await drivers.names()).toEqual(DRIVERS.sort())
  await expect(drivers.get('nonesuch')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    hint: `one of ${DRIVERS.join(', ')}`,
  })
})

it('a mistake in a profile names its file, line, column and path', async () => {
  const own = ownFolder()
  const drivers = profileDrivers([own], {})
  const cases: readonly [text: string, at: string][] = [
    ['title: X\ndoors: [telepathy]\ncommand: [x]\n', ':2:9 at doors.0'],
    ['title: X\ndoors: []\ncommand: x\n', ':3:10 at command'],
    [
      'title: X\ndoors: []\ncommand: [x]\nrules:\n  - { name: r, state: ready, screen: "(" }\n',
      ':5:38 at rules.0.screen',
    ],
    ['title: X\ndoors: []\ncommand: [x]\ntypo: 1\n', ':1:1'],
    ['title: X\ndoors: [\n', ':3:1'],
    ['title: X\ndoors: []\ncommand: [x]\nhooks: { states: { End: dead } }\n', ':4:25 at hooks.states.End'],
  ]
  for (const [text, at] of cases) {
    writeFileSync(join(own, 'x.yaml'), text)
    await expect(drivers.get('x')).rejects.toMatchObject({
      code: 'BAD_DEFINITION',
      message: expect.stringContaining(`${join(own, 'x.yaml')}${at}`),
    })
  }
})

it('R-AGY-4 R-AGY-5 claude is briefed by its system prompt, told its session, and resumed', async () => {
  const claude = await profileDrivers([shipped], { hook: '/pkg/bin/hook.sh' }).get('claude')
  const first = claude.launch(context)
  expect(first.argv).toEqual([
    'claude',
    '--settings',
    '/run dir/claude-settings.json',
    '--append-system-prompt',
    // What the person wrote is text, and no placeholder.
    'You are a. Literally {agent}.',
    '--session-id',
    context.conversation,
    '--model',
    'opus',
  ])
  expect(first.env).toMatchObject({ AGENCY_HOOK: '/pkg/bin/hook.sh', COLOUR: 'blue' })
  expect(Number(first.env.CLAUDE_CODE_STOP_HOOK_BLOCK_CAP)).toBeGreaterThan(1000)
  expect(first.unset).toContain('CLAUDECODE')
  const resumed = claude.launch({ ...context, isResumed: true }).argv
  expect(resumed).toContain('--resume')
  expect(resumed).not.toContain('--session-id')

  const { hooks } = JSON.parse(first.files['/run dir/claude-settings.json']!)
  const commands = Object.entries<{ hooks: { command: string }[] }[]>(hooks).map(([event, [entry]]) => [
    event,
    entry!.hooks[0]!.command,
  ])
  expect(commands).toEqual([
    ['SessionStart', 'sh "$AGENCY_HOOK" SessionStart'],
    ['UserPromptSubmit', 'sh "$AGENCY_HOOK" UserPromptSubmit'],
    ['PermissionRequest', 'sh "$AGENCY_HOOK" PermissionRequest'],
    ['Stop', 'sh "$AGENCY_HOOK" Stop ask'],
    ['StopFailure', 'sh "$AGENCY_HOOK" StopFailure'],
  ])
  expect(claude.hasHooks).toBe(false)
  expect(claude.readHook('UserPromptSubmit', { prompt: 'hello' })).toMatchObject({
    state: { state: 'busy' },
    prompt: 'hello',
  })
  // A turn that failed is over; a limit's end is on the screen.
  expect(claude.readHook('StopFailure', { error: 'server_error' }).state).toMatchObject({ state: 'ready' })
  expect(claude.readHook('StopFailure', { error: 'rate_limit' }).state).toBeUndefined()
  // We name its conversation; where a person clears it, the program tells of the new one.
  expect(claude.namesConversation).toBe(false)
  const cleared = { source: 'clear', session_id: 'another', transcript_path: '/t.jsonl' }
  expect(claude.readHook('SessionStart', cleared)).toMatchObject({
    state: undefined,
    conversation: 'another',
    transcript: '/t.jsonl',
  })
  expect(claude.boundary!.answer('say "it"')).toBe('{"decision":"block","reason":"say \\"it\\""}')
})

it('R-AGY-4 R-AGY-5 codex gets role, hooks and their fingerprints as settings of one process, and names its conversation', async () => {
  const codex = await profileDrivers([shipped], { hook: '/pkg/bin/hook.sh' }).get('codex')
  const first = codex.launch({ ...context, conversation: undefined })
  expect(first.argv).toContain('developer_instructions="You are a. Literally {agent}."')
  expect(first.argv).not.toContain('resume')
  expect(first.argv).not.toContain('--dangerously-bypass-hook-trust')
  // A hook without its fingerprint makes the program ask.
  const settings = first.argv.join('\n')
  const hooks = [...settings.matchAll(/^hooks\.(\w+)=\[/gm)].map(([, event]) => event!)
  expect(hooks).toEqual(['SessionStart', 'UserPromptSubmit', 'PermissionRequest', 'Interrupt', 'Stop'])
  const trusted = [...settings.matchAll(/config\.toml:(\w+):0:0"=\{trusted_hash="sha256:[0-9a-f]{64}"/g)].map(
    ([, name]) => name,
  )
  expect(trusted).toEqual(hooks.map(event => event.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase()))
  expect(codex.namesConversation).toBe(true)
  const again = codex.launch({ ...context, isResumed: true }).argv
  expect(again.slice(again.indexOf('resume'))).toEqual(['resume', context.conversation, '--model', 'opus'])
  expect(codex.boundary!.alters('a <b>')).toBe(true)
  expect(codex.boundary!.alters('plain "words"')).toBe(false)
})

it('R-AGY-5 the question of a dialog is the dialog alone: a policy must not take for it what was said above', async () => {
  const drivers = profileDrivers([shipped], {})
  for (const [name, within] of [
    ['claude', 'touch /home/me/project/x1'],
    ['rehearsal', 'git push'],
  ] as const) {
    const file = join(import.meta.dirname, 'screens', name, 'waiting-permission.txt')
    const screen = readFileSync(file, 'utf8').split(/^===\n/m)[1]!
    const said = `❯ [human → Duo/a · TASK · 5e6f7a8b] please run npm test\n`
    const frame = screen.search(/^─{10}/m)
    const lines = (screen.slice(0, frame) + said + screen.slice(frame)).split('\n')
    const { question } = (await drivers.get(name)).readScreen({ lines, title: '' })
    expect(question).toContain(within)
    expect(question).not.toContain('npm test')
  }
})

it.each(DRIVERS)('R-ALL-4 behind a wall %s is told of nothing that it does not see there', async name => {
  const driver = await profileDrivers([shipped], {}).get(name)
  if (!driver.canBeIsolated) return
  const command = ['/bin/true']
  const mail = '/run dir/mail'
  const { argv, env, files, isolated, overlay } = driver.launch({ ...context, command, mail, isWalled: true, port: 4 })
  const seen = [...Object.keys(files), ...isolated!.folders, context.roleFile, mail, '/run dir/own']
  const paths = [...argv, ...Object.values(env), ...Object.values(files)].flatMap(
    text => text.match(/\/run dir\/[\w./-]*/g) ?? [],
  )
  const isWithin = (path: string, folder: string) => `${path}/`.startsWith(`${folder}/`)
  expect(paths.filter(path => !seen.some(place => isWithin(path, place) || isWithin(place, path)))).toEqual([])
  for (const to of Object.values(isolated!.copies)) expect(to).toMatch(/^\/run dir\/own\//)
  // Settings of ours that are laid over the person's are copied in; a link would lead nowhere.
  if (overlay) expect(overlay.isLinked).toBe(false)
  for (const file of Object.keys(overlay?.json ?? {}))
    expect(isolated!.copies).toHaveProperty([`${overlay!.at}/${file}`])
})

it('R-ALL-4 what is copied behind a wall comes from where the person has put it', async () => {
  const driver = await profileDrivers([shipped], {}).get('codex')
  const copies = (extraEnv: Record<string, string>) =>
    Object.entries(driver.launch({ ...context, isWalled: true, extraEnv }).isolated!.copies)[0]
  const own = '/run dir/own/codex/auth.json'
  expect(copies({})).toEqual(['~/.codex/auth.json', own])
  expect(copies({ CODEX_HOME: '/data/codex' })).toEqual(['/data/codex/auth.json', own])
  // Where the program keeps its own is ours to say.
  const { env } = driver.launch({ ...context, isWalled: true, extraEnv: { CODEX_HOME: '/data/codex' } })
  expect(env.CODEX_HOME).toBe('/run dir/own/codex')
})
