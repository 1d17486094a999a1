#!/bin/sh
# Waits for the end of a test process, and takes away what it could not: its tmux servers, daemons and folders.
#   usage: reap.sh PID NODE AGENCY   with a pipe as standard input that ends with that process
pid=$1 node=$2 agency=$3
cat >/dev/null
# Without a daemon of theirs, `down` must not look at anybody else's server.
export AGENCY_TMUX_SOCKET="agency-test-$pid-reaped" AGENCY_TMUX_CONFIG=/dev/null
for workspace in "${TMPDIR:-/tmp}/agency-test-$pid-"*; do
  [ -d "$workspace" ] || continue
  [ -f "$workspace/agency.yaml" ] && "$node" "$agency" --workspace "$workspace" down
  rm -rf "$workspace"
done
for socket in "${TMUX_TMPDIR:-/tmp}/tmux-$(id -u)/agency-test-$pid-"*; do
  [ -e "$socket" ] || continue
  tmux -S "$socket" kill-server
  rm -f "$socket"
done
# A server whose socket is gone hears nobody: it is known by the words that it was started with.
ps -A -o pid= -o args= | while read -r server words; do
  case $words in tmux*"agency-test-$pid-"*) kill "$server" ;; esac
done
