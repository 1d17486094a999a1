import { AgencyError } from '../../kernel/errors.ts'
import type { Context, Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'completion',
  arguments: [{ form: '[shell]', about: 'bash (default), zsh or fish' }],
  options: [],
  examples: [
    'source <(agency completion bash)',
    'agency completion zsh > ~/.zfunc/_agency',
    'agency completion fish > ~/.config/fish/completions/agency.fish',
  ],
  async run(context, [shell = 'bash']) {
    const verbs = await describeVerbs(context)
    const script = SCRIPTS.get(String(shell))
    if (!script)
      throw new AgencyError('USAGE', `there is no completion for ${String(shell)}`, { hint: 'bash, zsh or fish' })
    const text = script(verbs)
    return { data: { shell, script: text }, text }
  },
}

const SCRIPTS = new Map(Object.entries({ bash, zsh, fish }))

interface Described {
  readonly name: string
  readonly summary: string
  readonly options: readonly string[]
}

async function describeVerbs(context: Context): Promise<readonly Described[]> {
  return (await context.verbs()).map(({ verb: { name, options }, summary }) => ({
    name,
    summary,
    options: [...options.flatMap(({ form }) => form.match(/--[a-z-]+/g) ?? []), '--json', '--workspace', '--help'],
  }))
}

/** Agencies and agents are read from the view, so that completing starts no process. */
const TARGETS = `command -v jq >/dev/null && f="\${AGENCY_WORKSPACE:-$PWD}/registry/active_agencies.json" && [ -r "$f" ] && jq -r '.items[] | .name, .agents[].address' "$f"`

function bash(verbs: readonly Described[]): string {
  const cases = verbs.map(({ name, options }) => `    ${name}) words='${options.join(' ')}' ;;`).join('\n')
  return `# bash completion for agency
_agency() {
  local current=\${COMP_WORDS[COMP_CWORD]} words targets
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${verbs.map(({ name }) => name).join(' ')}' -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases}
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) targets=$(${TARGETS}); COMPREPLY=($(compgen -W "$targets human" -- "$current")) ;;
  esac
}
complete -F _agency agency`
}

function zsh(verbs: readonly Described[]): string {
  const list = verbs.map(({ name, summary }) => `    '${name}:${summary.replaceAll("'", "'\\''")}'`).join('\n')
  const cases = verbs.map(({ name, options }) => `    ${name}) words=(${options.join(' ')}) ;;`).join('\n')
  return `#compdef agency
_agency() {
  local -a verbs words targets
  verbs=(
${list}
  )
  if (( CURRENT == 2 )); then _describe 'verb' verbs; return; fi
  case $words[2] in
${cases}
  esac
  targets=(\${(f)"$(${TARGETS})"} human)
  compadd -- $words $targets
}
_agency "$@"`
}

function fish(verbs: readonly Described[]): string {
  const lines = verbs.flatMap(({ name, summary, options }) => [
    `complete -c agency -n __fish_use_subcommand -f -a ${name} -d '${summary.replaceAll("'", "\\'")}'`,
    ...options.map(option => `complete -c agency -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`),
  ])
  return ['# fish completion for agency', ...lines].join('\n')
}
