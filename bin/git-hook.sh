#!/bin/sh
# A git hook in the worktrees of agents, under whatever name it is called by: refuses a commit that touches a file under
# another's lease, and then runs the hook of this name that the repository itself has, if any.
# It starts nothing: where no daemon answers (or there is no curl), the view registry/locks.json is read; where that cannot be
# read either, it says so and lets the commit pass. The gate before the merge asks again.
# Four of these run for one commit, so whatever the shell can do itself it does.
here=${0%/*}
name=${0##*/}
registry=${here%/hooks/*}
[ -n "${GIT_DIR:-}" ] || GIT_DIR=$(git rev-parse --absolute-git-dir) || exit 0
read -r common 2>/dev/null <"$GIT_DIR/commondir" || common=.
case $common in /*) ;; *) common=$GIT_DIR/$common ;; esac

changed_from() {
  git diff-index --cached --name-only --no-renames -z "$1" -- 2>/dev/null
}

# Common folder of the repository, NUL, then the names of the files, each ended by a NUL; in a merge also an empty name and what
# differs from the other side.
files_of_commit() {
  printf '%s\0' "$(cd "$common" && pwd -P)"
  changed_from HEAD || changed_from "$(git hash-object -t tree /dev/null)" || return 1
  if [ -f "$GIT_DIR/MERGE_HEAD" ]; then
    read -r other <"$GIT_DIR/MERGE_HEAD"
  elif [ "$name" = pre-merge-commit ]; then
    # While git merges by itself, the other side stands in the environment alone.
    other=$(env | sed -n 's/^GITHEAD_\([0-9a-f]\{40,\}\)=.*/\1/p' | head -n 1)
    [ -n "$other" ] || return 1
  else
    return 0
  fi
  printf '\0'
  changed_from "$other"
}

ask_daemon() {
  read -r token <"${AGENCY_TOKEN_FILE:-$registry/tokens/human}" || [ -n "$token" ] || return 1
  # By its standard input: a token never stands in an argument list.
  curl --config "$here/ask.curl" --config - --data-binary "@$list" 2>/dev/null <<CONFIG
header = "authorization: Bearer $token"
CONFIG
}

# 0 when the commit may be made.
judge() {
  answer=$(ask_daemon 2>/dev/null) && [ -z "$answer" ] && return 0
  [ -z "$answer" ] || { printf '%s\n' "$answer" >&2; return 1; }
  answer=$("$here/node" "$here/agency.js" gate "$registry" "${AGENCY_AGENT:-human}" <"$list" 2>&1)
  case $? in
  0) [ -z "$answer" ] || printf '%s\n' "$answer" >&2 ;;
  4) printf '%s\n' "$answer" >&2; return 1 ;;
  *) echo 'agency: no daemon answers and registry/locks.json cannot be read: this commit was not held against the leases' >&2 ;;
  esac
}

case $name in
pre-commit | pre-merge-commit)
  list=$GIT_DIR/agency-commit.$$
  trap 'rm -f "$list"' EXIT
  if (umask 077 && files_of_commit >"$list") 2>/dev/null; then judge || exit 1; fi
  rm -f "$list"
  trap - EXIT
  ;;
esac

# What git would have run: the hooks path as it is set anywhere but for this worktree, else the repository's own folder.
own=$common/hooks
while IFS='	' read -r scope path; do
  case $scope in '' | worktree | command) ;; *) own=$path ;; esac
done <<PATHS
$(git config --show-scope --type=path --get-all core.hooksPath)
PATHS
[ "$own" != "$here" ] && [ -x "$own/$name" ] || exit 0
exec "$own/$name" "$@"
