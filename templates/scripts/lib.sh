# What the scripts beside this file share; sourced by them, never run.
# Exit codes everywhere: 0 clean, 1 findings, 2 wrong usage, 3 something was not checked, mostly since a tool is missing.
# Each script ends with one line of JSON: {"script","tool","status","findings", fields of its own, "notChecked":[…]}
# shellcheck shell=sh

tools='' findings=0 not_checked='' fields=''

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

# check NAME COMMAND…: runs a tool, shows what it says, and takes an exit code other than 0 for a finding.
check() {
  name=$1
  shift
  used "${1##*/}"
  printf '== %s: %s\n' "$name" "$*"
  "$@" || findings=$((findings + 1))
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
