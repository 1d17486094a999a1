/** The shared part of a completion as each shell wants it. A word that is offered is never expanded: names come from others. */
export function bash(core: string): string {
  return `# bash completion for agency
${core}

_agency() {
  local current=\${COMP_WORDS[COMP_CWORD]} line
  COMPREPLY=()
  while IFS= read -r line; do
    line=\${line%%$'\\t'*}
    case $line in
      @file) compopt -o default 2>/dev/null ;;
      @folder) compopt -o dirnames 2>/dev/null ;;
      "$current"*) COMPREPLY+=("$line") ;;
    esac
  done < <(_agency_candidates "$current" "\${COMP_WORDS[@]:1:COMP_CWORD-1}")
}
complete -F _agency agency`
}

export function zsh(core: string): string {
  return `#compdef agency
${core}

_agency() {
  local -a offered before
  local line
  before=("\${(@)words[2,CURRENT-1]}")
  while IFS= read -r line; do
    case $line in
      @file*) _files; return ;;
      @folder*) _files -/; return ;;
      *$'\\t'?*) offered+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      *) offered+=("\${\${line%%$'\\t'*}//:/\\\\:}") ;;
    esac
  done < <(emulate -L sh; _agency_candidates "$PREFIX" "\${before[@]}")
  _describe -V agency offered
}

if [ "\${funcstack[1]}" = _agency ]; then _agency "$@"; else compdef _agency agency; fi`
}

export function fish(core: string): string {
  const script = `${core}\n_agency_candidates "$@"`.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  return `# fish completion for agency
set -g __agency_completion '${script}'

function __agency_candidates
    set -l before (commandline -opc)
    set -e before[1]
    set -l current (commandline -ct)
    for line in (sh -c $__agency_completion agency "$current" $before)
        switch $line
            case '@file*'
                __fish_complete_path "$current"
            case '@folder*'
                __fish_complete_directories "$current"
            case '*'
                printf '%s\\n' $line
        end
    end
end
complete -c agency -f -a '(__agency_candidates)'`
}
