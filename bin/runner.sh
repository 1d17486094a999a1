#!/bin/sh
# The process of an agent's pane. It starts the agent's program as its child on the same terminal, writes down how that ends,
# and stays until it is told to start it again or to close: a pane must never be dead, and nobody may be left without a trace.
#   usage: runner.sh RUN_FOLDER
# It writes `runner` (its own process id). In the folder: start.sh (what to run; its first line names the number of the start; writes
# `pid`, then execs the program) · control (orders, one a line: `start NUMBER`, `close`) · in (standard input of a script agent) · ran (number of the
# last start that was run: none is run twice) · exit (status and number of the last end; -1 when nobody saw it).
set -u
cd "$1" || exit 1
umask 077
trap : INT QUIT TSTP TTIN TTOU

# Each program that is run here delays the agent's own by a millisecond, and a whole agency starts at once: so a fresh folder
# costs no more than needed.
remove() {
  for file; do
    [ ! -e "$file" ] || rm -f "$file"
  done
}

fresh_pipes() {
  remove "$@"
  mkfifo -m 600 "$@"
}

tell_end() {
  printf '%s %s\n' "$1" "$2" >exit.tmp && mv -f exit.tmp exit
}

tell_ran() {
  ran=$1
  # A file that is not there yet is as good as an empty one, so nobody reads half of it.
  if [ -e ran ]; then
    echo "$ran" >ran.tmp && mv -f ran.tmp ran
  else
    echo "$ran" >ran
  fi
}

# Into `prepared`: the number of the start that start.sh holds just now.
look_prepared() {
  prepared=
  read -r prepared <start.sh
  prepared=${prepared##* }
}

# A wrapper may have been killed and the program that it had started not: that one would go on unseen, beside the next.
end_rest() {
  { read -r leader _ <pid; } 2>/dev/null && kill -s TERM -- "-$leader" 2>/dev/null || return 0
  tries=20
  while [ "$tries" -gt 0 ] && kill -s 0 -- "-$leader" 2>/dev/null; do
    sleep 0.1
    tries=$((tries - 1))
  done
  kill -s KILL -- "-$leader" 2>/dev/null
}

run_once() {
  look_prepared
  tell_ran "$prepared"
  remove exit pid
  # A new program must not read what was meant for the one before: its deliveries are marked and sent again.
  [ -n "$has_fresh_in" ] || fresh_pipes in
  has_fresh_in=
  exec 4<>in
  set -m
  sh ./start.sh
  status=$?
  # Ctrl-Z would leave the program stopped for ever: bring it back to the front (148 and 146: SIGTSTP on Linux and macOS).
  while [ "$status" -eq 148 ] || [ "$status" -eq 146 ]; do
    fg >/dev/null 2>&1
    status=$?
  done
  set +m
  end_rest
  exec 4<&-
  # start.sh may have been written anew just before it was read: what was run has said so itself.
  read -r _ number 2>/dev/null <pid && [ "$number" -gt "$ran" ] && tell_ran "$number"
  tell_end "$status" "$ran"
  # The program may have left the terminal raw, in a bracketed-paste mode, or without a cursor.
  stty sane 2>/dev/null
  printf '\033[?2004l\033[?25h\033[0m\r\n%s ended with status %s. It can be started again: agency restart %s\r\n' \
    "${AGENCY_AGENT:-the program}" "$status" "${AGENCY_AGENT:-}"
}

# What was typed while no program ran, or into one that was just ending, is not for the next one.
forget_typed() {
  stty -icanon -echo min 0 time 0 2>/dev/null && dd of=/dev/null bs=4096 2>/dev/null
  stty sane 2>/dev/null
}

# The screen of the program before goes into the history: its composer must not be taken for that of the next one.
scroll_away() {
  size=$(stty size 2>/dev/null) || size=
  rows=${size%% *}
  printf '\033[?1049l\033[999;1H'
  while [ "${rows:=0}" -gt 0 ]; do
    printf '\n'
    rows=$((rows - 1))
  done
  printf '\033[H'
}

ran=0
[ ! -s ran ] || read -r ran <ran
# The pane was begun anew (respawn-pane): a runner that is gone has run this start, and its end, if it came after that, was seen by nobody.
is_anew=
look_prepared
[ "$prepared" != "$ran" ] || is_anew=yes
[ -z "$is_anew" ] || [ -f exit ] || tell_end -1 "$ran"
echo "$$" >runner
has_fresh_in=
if [ -z "$is_anew" ]; then
  fresh_pipes control in
  has_fresh_in=yes
else
  fresh_pipes control
fi
# Held open for reading and writing, so that an order never waits for a reader.
exec 3<>control
if [ -z "$is_anew" ]; then
  run_once
else
  printf '%s: the runner of this pane was begun anew, and waits for the next start\r\n' "${AGENCY_AGENT:-the program}"
fi
while :; do
  read -r order number <&3 || continue
  case $order in
  start)
    # Ordered twice, or overtaken by the start after it.
    [ "${number:-0}" -gt "$ran" ] || continue
    forget_typed
    scroll_away
    run_once
    ;;
  close) exit 0 ;;
  esac
done
