#!/bin/sh
# Sets containerd up for a user without root, and starts and stops it: with systemd or without.
set -eu
here=$(readlink -f -- "$0")
here=${here%/*}
for part in places namespaces process; do
  # shellcheck source=/dev/null
  . "$here/$part.sh"
done

usage() {
  cat <<END
Usage: ${0##*/} COMMAND [OPTIONS]

  start            start containerd in the background
  stop             end it and all its containers
  restart          stop, then start
  status           say whether it runs and where its files are (exit code 3: it does not run)
  logs             its log (-f follows, -n LINES)
  nsenter -- CMD   run a command inside its namespaces

Options:
  -q, --quiet      only say what went wrong
  -t, --time N     seconds that containers have to end by themselves (default 5)
END
}

quiet='' seconds=5 follow='' lines=''
[ $# -gt 0 ] || { usage; exit 0; }
command=$1
shift
while [ $# -gt 0 ]; do
  case $1 in
  -q | --quiet) quiet=yes ;;
  -t | --time) seconds=${2:?--time wants a number}; shift ;;
  -f | --follow) follow=-f ;;
  -n) lines=${2:?-n wants a number}; shift ;;
  --) shift; break ;;
  -*) fail "unknown option $1 (${0##*/} help lists them)" ;;
  *) break ;;
  esac
  shift
done

case $command in
help | -h | --help) usage; exit 0 ;;
esac
[ "$(id -u)" -ne 0 ] || fail "this sets containerd up for a user without root; run it as that user, without sudo (root has nerdctl system start)"
set_places
process_places

told() { [ -n "$quiet" ] || "$@"; }

# shellcheck disable=SC2154 # the log is one of process_places
case $command in
start)
  with_lock process_start "$@"
  told process_status
  ;;
stop) with_lock process_stop "$seconds" ;;
restart)
  with_lock process_stop "$seconds"
  with_lock process_start "$@"
  told process_status
  ;;
status) process_status ;;
logs) exec tail -n "${lines:-+1}" $follow "$log" ;;
nsenter) run_inside "$@" ;;
*) fail "unknown command $command (${0##*/} help lists them)" ;;
esac
