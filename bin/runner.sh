#!/bin/sh
# The process of an agent's pane. It starts the agent's program as its child on the same terminal, writes down how that ends,
# and stays until it is told to start it again or to close: a pane must never be dead, and nobody may be left without a trace.
#   usage: runner.sh RUN_FOLDER
# It writes `runner` (its own process id) and `tty`. In the folder: start.sh (what to run; writes `pid`, then execs the program) · control (orders, one a line: start, close) ·
# in (standard input of a script agent) · exit (status of the last end).
set -u
cd "$1" || exit 1
umask 077
trap : INT QUIT TSTP TTIN TTOU

fresh_pipe() {
  rm -f "$1"
  mkfifo -m 600 "$1"
}

tell_end() {
  printf '%s %s\n' "$1" "$2" >exit.tmp && mv -f exit.tmp exit
}

run_once() {
  rm -f exit pid
  # A new program must not read what was meant for the one before: its deliveries are marked and sent again.
  fresh_pipe in
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
  # A program that starts itself again as a child leaves that on the terminal when it is killed: what is left of its group goes too.
  read -r group _ <pid && kill -KILL -- "-$group" 2>/dev/null
  exec 4<&-
  read -r number <instance || number=0
  tell_end "$status" "$number"
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

echo "$$" >runner
tty >tty
fresh_pipe control
# Held open for reading and writing, so that an order never waits for a reader.
exec 3<>control
run_once
while :; do
  read -r order <&3 || continue
  case $order in
  start)
    forget_typed
    scroll_away
    run_once
    ;;
  close) exit 0 ;;
  esac
done
