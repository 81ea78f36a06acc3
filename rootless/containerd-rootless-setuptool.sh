#!/bin/sh
# shellcheck disable=SC2034,SC2154 # the parts that are sourced set variables, and use those of here
# Sets containerd up for a user without root, and starts and stops it: with systemd or without.
set -eu
here=$(readlink -f -- "$0")
here=${here%/*}
for part in places namespaces containers process systemd buildkit check install; do
  # shellcheck source=/dev/null
  . "$here/$part.sh"
done

usage() {
  cat <<END
Usage: ${0##*/} [OPTIONS] COMMAND

Sets containerd up for a user without root, and starts and stops it.

Commands:
  check                 Say what is missing on this machine, and the command that mends it
  install               Check, set it up as a unit of your systemd, start it; without systemd, only start it
  uninstall             Stop it and undo the set-up; images, containers, volumes and networks stay
  start                 Start it in the background, and the containers with a restart policy
  stop                  End it and all containers
  restart               Stop, then start
  status                Say whether it runs and where its files are (exit code 3: it does not run)
  logs                  Show its log
  nsenter -- COMMAND    Run a command inside its namespaces

  install-buildkit                Set up a BuildKit with a store of its own
  uninstall-buildkit              Stop it and undo its set-up; what it has built into its store stays
  install-buildkit-containerd     Set up a BuildKit on containerd's store, in the namespace of CONTAINERD_NAMESPACE (default)
  uninstall-buildkit-containerd   The same for that one

Options:
      --autostart    install: without systemd, start it from ~/.profile
  -f, --follow       logs: follow
  -n, --lines N      logs: only the last N lines
      --no-systemd   A process of its own, also where there is a systemd
  -q, --quiet        Only say what went wrong
  -t, --time N       stop, restart: seconds that containers have to end (default 5)
END
}

number() { # OPTION VALUE
  case ${2:-} in '' | *[!0-9]*) fail "$1 wants a number" ;; *) printf '%s' "$2" ;; esac
}

quiet='' seconds=5 follow='' lines='' no_systemd='' autostart='' command=''
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help) command=help ;;
  -q | --quiet) quiet=yes ;;
  -f | --follow) follow=yes ;;
  --no-systemd) no_systemd=yes ;;
  --autostart) autostart=yes ;;
  -t | --time)
    seconds=$(number "$1" "${2:-}")
    shift
    ;;
  -n | --lines)
    lines=$(number "$1" "${2:-}")
    shift
    ;;
  --)
    shift
    break
    ;;
  -*) fail "unknown option $1: \`${0##*/} --help\` lists them" ;;
  *)
    [ -z "$command" ] || break
    command=$1
    ;;
  esac
  shift
done

told() { [ -n "$quiet" ] || "$@"; }

case $command in
'' | help)
  usage
  exit 0
  ;;
esac
[ "$(id -u)" -ne 0 ] ||
  fail "this sets containerd up for a user without root: run it as that user and without sudo (for root there is \`nerdctl system start\`)"
set_places
process_places
systemd_places
buildkit_places

case $command in
check) run_check ;;
install) install_engine ;;
uninstall) uninstall_engine ;;
start | stop | restart | status | logs)
  choose_backend
  "${backend}_$command" "$@"
  ;;
nsenter) run_inside "$@" ;;
install-buildkit) install_buildkit oci ;;
uninstall-buildkit) uninstall_buildkit oci ;;
install-buildkit-containerd) install_buildkit "${CONTAINERD_NAMESPACE:-default}" ;;
uninstall-buildkit-containerd) uninstall_buildkit "${CONTAINERD_NAMESPACE:-default}" ;;
# For the units.
end-unit) end_unit ;;
run-buildkit) run_buildkit "$@" ;;
restore-containers) restore_containers ;;
stop-containers) stop_containers ;;
*) fail "unknown command $command: \`${0##*/} --help\` lists them" ;;
esac
