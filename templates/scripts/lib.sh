# What the scripts beside this file share; sourced by them, never run.
# Exit codes everywhere: 0 clean, 1 findings, 2 wrong usage, 3 something was not checked, mostly since a tool is missing.
# Each script ends with one line of JSON: {"script","tool","status","findings", fields of its own, "notChecked":[…]}
# shellcheck shell=sh

tools='' findings=0 not_checked='' fields='' scratch='' said='' ended=0

# What the tools say is read here too, and colors would hide it.
[ -n "${FORCE_COLOR-}" ] || export NO_COLOR=1
# A project's own Python tools win over those on the PATH, as its JavaScript ones do.
if [ -x .venv/bin/python ]; then PATH=$PWD/.venv/bin:$PATH; fi

usage_error() {
  printf '%s: %s (see %s --help)\n' "${0##*/}" "$1" "${0##*/}" >&2
  exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }

# The project's languages, by the files that each one's own tools look for; the first is its main one.
languages() {
  [ ! -f package.json ] || printf 'javascript\n'
  if [ -f pyproject.toml ] || [ -f setup.py ] || [ -f requirements.txt ]; then printf 'python\n'; fi
  [ ! -f go.mod ] || printf 'go\n'
  [ ! -f Cargo.toml ] || printf 'rust\n'
}

# The project's own copy of a JavaScript tool wins over one on the PATH, since its version belongs to the project.
npm_tool() {
  if [ -x "node_modules/.bin/$1" ]; then printf 'node_modules/.bin/%s\n' "$1"; else command -v "$1"; fi
}

# used TOOL: something was checked with it.
used() {
  case ", $tools," in *", $1,"*) ;; *) tools="$tools${tools:+, }$1" ;; esac
}

# found TEXT: one finding, told at once.
found() {
  findings=$((findings + 1))
  printf '  %s\n' "$1"
}

# count N: findings that another way of telling has told already.
count() { findings=$1; }

is_clean() { [ "$findings" -eq 0 ]; }

# found_all LINES: each line that is not empty is a finding.
found_all() {
  while IFS= read -r line; do [ -z "$line" ] || found "$line"; done <<LINES
$1
LINES
}

# A folder of the script's own, $scratch, gone when it ends.
make_scratch() {
  [ -z "$scratch" ] || return 0
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/${0##*/}.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM
}

# shown COMMAND…: shows what it says, keeps that without colors in the file $said, and in $ended its exit code, which a pipe would hide.
shown() {
  make_scratch
  said=$scratch/said
  { "$@" 2>&1 && printf 0 >"$scratch/ended" || printf %s $? >"$scratch/ended"; } | tee "$scratch/raw"
  ended=$(cat "$scratch/ended")
  escape=$(printf '\033')
  sed "s/$escape\\[[0-9;]*m//g; s/$escape(B//g" "$scratch/raw" >"$said"
}

# How many findings a tool told in $said: its own figure, else the places it names, else 1.
told() {
  awk '
    function before(what) { return match($0, "[0-9]+ " what) ? substr($0, RSTART, RLENGTH) + 0 : 0 }
    /^✖ [0-9]+ (problem|error)/ { total += before("error"); next }                # eslint, spectral, vale
    /^Found [0-9]+ (error|diagnostic)/ { total += $2; next }                       # biome, ruff
    /^[0-9]+ files? would (be reformatted|fail)/ { total += before("file"); next } # ruff format, black
    /^Summary: [0-9]+ error/ { total += $2; next }                                 # markdownlint-cli2
    /failed with [0-9]+ error/ { total += before("error"); next }                  # redocly
    /(^error: |by )[0-9]+ vulnerabilit/ { total += before("vulnerabilit"); next }  # cargo audit, govulncheck
    /^[0-9]+ ([a-z]+ severity )?vulnerabilities( |$)|^1 [a-z]+ severity vulnerability/ { total += $1; next } # npm audit
    /^error: could not compile / { errors = before("previous") + !before("previous"); if (errors > built) built = errors; next } # cargo, once a target
    /^Failures: [0-9]+ / { total += $2; next }                                     # trivy
    /^\[warn\] Code style issues/ { next }                                         # prettier
    /^(\[warn\]|\[error\] [^ ]+:|Diff in) / { places += 1; next }              # prettier, rustfmt
    /^[^:]+:[0-9]+(:[0-9]+)*:? [^ ]/ { places += 1 }                               # path:line: of most others
    END { total += built; print total ? total : places ? places : 1 }' "$said"
}

# check [--broken CODES] NAME COMMAND…: runs a tool, shows what it says, and counts what it found.
# CODES, such as "2 3", are exit codes by which it says that it could not work: then nothing was checked.
check() {
  broken=''
  if [ "$1" = --broken ]; then broken=$2; shift 2; fi
  name=$1
  shift
  command="$*"
  [ ${#command} -le 160 ] || command="$(printf %.160s "$command")…"
  printf '== %s: %s\n' "$name" "$command"
  shown "$@"
  case " $broken 126 127 " in *" $ended "*) unable "$name" "${1##*/}"; return 0 ;; esac
  used "${1##*/}"
  [ "$ended" -eq 0 ] || findings=$((findings + $(told)))
}

# check_files FILES ARGUMENTS-OF-CHECK…: as check, with the files, one a line, as the last arguments.
check_files() {
  listed=$1
  shift
  set -f
  IFS='
'
  # shellcheck disable=SC2086 # one word a line
  set -- "$@" $listed
  unset IFS
  set +f
  check "$@"
}

# unable WHAT TOOL: it is there, and could not work; why, it has said itself.
unable() {
  unchecked "$1: $2 could not run"
  printf '%s could not run (exit code %s): see above. Not checked: %s.\n' "$2" "$ended" "$1" >&2
}

# unchecked WHAT: goes into the summary, and keeps the script from saying clean.
unchecked() {
  not_checked="$not_checked$1
"
}

# missing WHAT TOOL INSTALL-COMMAND
missing() {
  unchecked "$1"
  printf '%s is not installed. Not checked: %s. Install it with:\n  %s\n' "$2" "$1" "$3" >&2
}

# unanswered WHAT TOOL: it is there, the service that it asks is not; a few rules of our own stand in.
unanswered() {
  used built-in
  unchecked "$1"
  printf '%s gets no answer from its service: REDUCED check by built-in rules. Not checked: %s.\n' "$2" "$1" >&2
}

# reduced WHAT TOOL INSTALL-COMMAND: a few rules of our own stand in for a tool; what they cannot see was not checked.
reduced() {
  used built-in
  unchecked "$1"
  printf '%s is not installed: REDUCED check by built-in rules. Not checked: %s. For a full check:\n  %s\n' "$2" "$1" "$3" >&2
}

system_install() {
  if [ "$(uname -s)" = Darwin ]; then printf 'brew install %s\n' "$1"; else printf 'sudo apt-get install --yes %s\n' "$2"; fi
}

json_string() {
  printf '"'
  printf '%s' "$1" | tr '\000-\037' ' ' | sed 's/[\\"]/\\&/g'
  printf '"'
}

# json_list LINES
json_list() {
  separator=''
  printf '['
  while IFS= read -r item; do
    [ -n "$item" ] || continue
    printf '%s%s' "$separator" "$(json_string "$item")"
    separator=,
  done <<ITEMS
$1
ITEMS
  printf ']'
}

# field NAME JSON: one more field of the summary.
field() { fields="$fields,\"$1\":$2"; }

# The last line of output, for programs, and the exit code that goes with it.
finish() {
  if [ -z "$tools$not_checked" ]; then
    printf 'There is nothing here that %s knows how to check.\n' "${0##*/}" >&2
    unchecked project
  fi
  code=0 status=clean
  if [ -n "$not_checked" ]; then code=3 status=incomplete; fi
  if [ "$findings" -gt 0 ]; then code=1 status=findings; fi
  printf '{"script":"%s","tool":%s,"status":"%s","findings":%d%s,"notChecked":%s}\n' \
    "${0##*/}" "$(json_string "$tools")" "$status" "$findings" "$fields" "$(json_list "$not_checked")"
  exit "$code"
}

# Files of the project that git knows or would take up, one a line, matching any of the patterns.
project_files() {
  if git rev-parse --git-dir >/dev/null 2>&1; then
    git -c core.quotePath=off ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
      [ ! -f "$file" ] || printf '%s\n' "$file"
    done
  else
    for pattern in "$@"; do find . -name node_modules -prune -o -type f -name "${pattern##*/}" -print | sed 's|^\./||'; done
  fi | sort -u
}
