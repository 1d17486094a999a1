#!/bin/sh
# Tells the daemon of an event inside an agent's program: one file, renamed into the spool, so that it is kept while no daemon runs.
#   usage: hook.sh EVENT [ask] <payload.json      It never fails: a hook must not break the program that calls it.
# With `ask`, at the end of a turn, it asks the daemon for the next message and prints what the program is to be answered; where
# nobody answers (no daemon, no curl), the event goes into the spool as any other.
events=${AGENCY_EVENTS:-}
[ -n "$events" ] && [ -d "$events" ] || exit 0
umask 077
case $1 in *[!A-Za-z]* | '') exit 0 ;; esac
file=$events/.$1.$$.tmp
{
  printf '{"event":"%s","payload":' "$1"
  cat
  printf '}\n'
} >"$file" 2>/dev/null || exit 0
if [ "${2:-}" = ask ] && [ -r "${AGENCY_ASK:-}" ] && answer=$(curl --config "$AGENCY_ASK" --data-binary "@$file" 2>/dev/null); then
  rm -f "$file"
  [ -z "$answer" ] || printf '%s\n' "$answer"
  exit 0
fi
mv -f "$file" "$events/$1.$$.json" 2>/dev/null
exit 0
