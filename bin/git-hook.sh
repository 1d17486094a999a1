#!/bin/sh
# A git hook in the worktrees of agents, under whatever name it is called by: refuses a commit that touches a file under
# another's lease, and then runs the hook of this name that the repository itself has, if any.
# It starts nothing: where no daemon answers (or there is no curl), the view registry/locks.json is read; where that cannot be
# read either, it says so and lets the commit pass. The gate before the merge asks again.
here=$(cd "${0%/*}" && pwd -P) || exit 0
registry=${here%/hooks/*}
name=${0##*/}

# Common folder of the repository, NUL, then the names of the files, each ended by a NUL; in a merge also an empty name and what
# differs from the other side.
files_of_commit() {
  common=$(git rev-parse --git-common-dir) && common=$(cd "$common" && pwd -P) || return 1
  head=$(git rev-parse --quiet --verify HEAD) || head=$(git hash-object -t tree /dev/null)
  printf '%s\0' "$common"
  git diff-index --cached --name-only --no-renames -z "$head" -- || return 1
  # While git merges by itself, the other side stands in the environment alone.
  other=$(git rev-parse --quiet --verify MERGE_HEAD) || other=$(env | sed -n 's/^GITHEAD_\([0-9a-f]\{40,\}\)=.*/\1/p' | head -n 1)
  if [ -z "$other" ]; then [ "$name" != pre-merge-commit ]; return; fi
  printf '\0'
  git diff-index --cached --name-only --no-renames -z "$other" --
}

ask_daemon() {
  token=${AGENCY_TOKEN_FILE:-$registry/tokens/human}
  # By its standard input: a token never stands in an argument list.
  printf 'header = "authorization: Bearer %s"\n' "$(cat "$token")" |
    curl --config "$here/ask.curl" --config - --data-binary "@$list" 2>/dev/null
}

gate() {
  list=$(mktemp "${TMPDIR:-/tmp}/agency-commit.XXXXXX") || return 0
  trap 'rm -f "$list"' EXIT
  files_of_commit >"$list" || return 0
  if ! answer=$(ask_daemon); then
    answer=$(AGENCY_WORKSPACE= "$here/node" "$here/agency.js" gate "$registry" "${AGENCY_AGENT:-human}" <"$list" 2>&1) || {
      [ $? -eq 4 ] && { printf '%s\n' "$answer" >&2; return 1; }
      echo 'agency: no daemon answers and registry/locks.json cannot be read: this commit was not held against the leases' >&2
      return 0
    }
    [ -z "$answer" ] || printf '%s\n' "$answer" >&2
    return 0
  fi
  [ -z "$answer" ] && return 0
  printf '%s\n' "$answer" >&2
  return 1
}

case $name in
pre-commit | pre-merge-commit)
  gate || exit 1
  rm -f "$list"
  trap - EXIT
  ;;
esac

# What git would have run: the hooks path as it is set anywhere but for this worktree, else the repository's own folder.
tab=$(printf '\t')
own=$(git config --show-scope --type=path --get-all core.hooksPath | sed -n -e "/^worktree$tab/d" -e "s/^[a-z]*$tab//p" | tail -n 1)
[ -n "$own" ] || own=$(git rev-parse --git-common-dir)/hooks
[ "$(cd "$own" 2>/dev/null && pwd -P)" != "$here" ] || exit 0
[ -x "$own/$name" ] || exit 0
exec "$own/$name" "$@"
