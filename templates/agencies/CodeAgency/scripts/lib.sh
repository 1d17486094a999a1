# What the scripts beside this file share; sourced by them, never run.
# Exit codes everywhere: 0 clean, 1 findings, 2 wrong usage, 3 a tool is missing and something was not checked.
# shellcheck shell=sh

checked='' failed='' not_checked=''

usage_error() {
  printf '%s: %s (see %s --help)\n' "${0##*/}" "$1" "${0##*/}" >&2
  exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }

# The project's languages, by the files that each one's own tools look for.
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

# check LANGUAGE COMMAND…: runs a tool and keeps its verdict.
check() {
  language=$1
  shift
  printf '== %s: %s\n' "$language" "$*"
  checked="$checked $language"
  "$@" || failed="$failed $language"
}

# missing LANGUAGE TOOL INSTALL-COMMAND
missing() {
  not_checked="$not_checked $1"
  printf '%s is not installed, so %s was not checked. Install it with:\n  %s\n' "$2" "$1" "$3" >&2
}

system_install() {
  if [ "$(uname -s)" = Darwin ]; then printf 'brew install %s\n' "$1"; else printf 'sudo apt-get install --yes %s\n' "$2"; fi
}

json_list() {
  separator=''
  printf '['
  for item in $1; do
    printf '%s"%s"' "$separator" "$item"
    separator=,
  done
  printf ']'
}

# The last line of output, for programs, and the exit code that goes with it.
finish() {
  if [ -z "$checked$not_checked" ]; then
    printf 'There is no package.json, pyproject.toml, go.mod or Cargo.toml here, so nothing was checked.\n' >&2
    not_checked=' project'
  fi
  code=0 status=clean
  if [ -n "$not_checked" ]; then code=3 status=incomplete; fi
  if [ -n "$failed" ]; then code=1 status=findings; fi
  printf '{"script":"%s","status":"%s","checked":%s,"failed":%s,"notChecked":%s}\n' \
    "${0##*/}" "$status" "$(json_list "$checked")" "$(json_list "$failed")" "$(json_list "$not_checked")"
  exit "$code"
}
