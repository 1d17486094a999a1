# What the scripts beside this file share; sourced by them, never run.
# Exit codes everywhere: 0 clean, 1 findings, 2 wrong usage, 3 a tool is missing and something was not checked.
# shellcheck shell=sh

usage_error() {
  printf '%s: %s (see %s --help)\n' "${0##*/}" "$1" "${0##*/}" >&2
  exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }

# The project's language, by the file that its own tools look for.
language() {
  if [ -f package.json ]; then
    printf 'javascript\n'
  elif [ -f pyproject.toml ] || [ -f setup.py ] || [ -f requirements.txt ]; then
    printf 'python\n'
  elif [ -f go.mod ]; then
    printf 'go\n'
  elif [ -f Cargo.toml ]; then
    printf 'rust\n'
  else
    printf 'unknown\n'
  fi
}

# missing TOOL INSTALL-COMMAND WHAT-WAS-NOT-CHECKED: says so and ends the script.
missing() {
  printf '%s is not installed, so %s. Install it with:\n  %s\n' "$1" "$3" "$2" >&2
  printf '{"script":"%s","status":"incomplete","missing":%s}\n' "${0##*/}" "$(json_string "$1")"
  exit 3
}

no_project() {
  printf 'There is no package.json, pyproject.toml, go.mod or Cargo.toml here, so %s.\n' "$1" >&2
  printf '{"script":"%s","status":"incomplete","missing":"project"}\n' "${0##*/}"
  exit 3
}

system_install() {
  if [ "$(uname -s)" = Darwin ]; then printf 'brew install %s\n' "$1"; else printf 'sudo apt-get install --yes %s\n' "$2"; fi
}

json_string() {
  printf '"'
  printf '%s' "$1" | tr '\000-\037' ' ' | sed 's/[\\"]/\\&/g'
  printf '"'
}
