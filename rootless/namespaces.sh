# shellcheck shell=sh disable=SC2154 # the variables of set_places
# Sourced: the namespaces of the running containerd, and what lives in them.

start_time() { # PID: when it started, in clock ticks; fails for one that is gone or only waits for its parent
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  # shellcheck disable=SC2086 # the fields after the name, which may hold blanks
  set -- ${stat##*) }
  case $1 in Z | X) return 1 ;; esac
  shift 19
  printf '%s\n' "$1"
}

child_pid() { # RootlessKit's child, if it is alive
  { read -r child <"$state_dir/child_pid" || [ -n "${child:-}" ]; } 2>/dev/null || return 1
  start_time "$child" >/dev/null && printf '%s\n' "$child"
}

# Every process of the machine that may be looked at, as "PID NAMESPACE".
user_namespaces() {
  # shellcheck disable=SC2012 # one process for all links; their names hold nothing strange
  ls -l /proc/[0-9]*/ns/user 2>/dev/null | sed -n 's|.* /proc/\([0-9]*\)/ns/user -> \(user:[^ ]*\)$|\1 \2|p'
}

# The user namespaces of this containerd, that of a dead RootlessKit too: its shims go on in it. What containerd starts
# has the mark that containerd-rootless.sh gave it. This user's own namespace is never among them.
own_namespaces() {
  {
    ! pid=$(child_pid) || readlink "/proc/$pid/ns/user"
    grep -lszxF -e "_CONTAINERD_ROOTLESS_CHILD=$state_dir" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do
      readlink "/proc/$pid/ns/user" || :
    done
  } 2>/dev/null | sort -u | grep -vxF -e "$(readlink /proc/self/ns/user)"
}

processes_in() { # NAMESPACE…: their PIDs, a line each
  [ $# -gt 0 ] || return 0
  user_namespaces | while read -r pid of; do
    case " $* " in *" $of "*) ;; *) continue ;; esac
    ! start_time "$pid" >/dev/null || printf '%s\n' "$pid"
  done
}

is_of_engine() { # PID: a shim or a monitor; they have to outlive the containers to put them away
  { read -r name <"/proc/$1/comm"; } 2>/dev/null || return 1
  case $name in containerd-shim* | nerdctl-monitor* | rootlesskit | containerd) return 0 ;; *) return 1 ;; esac
}

send() { # SIGNAL PID…
  signal=$1
  shift
  for pid; do kill -s "$signal" "$pid" 2>/dev/null || :; done
}

until_gone() { # SECONDS COMMAND…: waits while the command prints something; fails if it still does
  tries=$(($1 * 20))
  shift
  while [ -n "$("$@")" ]; do
    [ "$tries" -gt 0 ] || return 1
    tries=$((tries - 1))
    sleep 0.05
  done
}

payload_in() { # NAMESPACE…: the containers' processes
  processes_in "$@" | while read -r pid; do is_of_engine "$pid" || printf '%s\n' "$pid"; done
}

# Those that catch SIGTERM. The first process of a container that does not would never hear of it.
ending_in() { # NAMESPACE…
  payload_in "$@" | while read -r pid; do
    ! grep -qs '^SigCgt:.*[4567cdef]...$' "/proc/$pid/status" || printf '%s\n' "$pid"
  done
}

end_namespaces() { # SECONDS NAMESPACE…: asks the containers to end, then ends everything
  seconds=$1
  shift
  [ $# -gt 0 ] || return 0
  # shellcheck disable=SC2046
  send TERM $(payload_in "$@")
  until_gone "$seconds" ending_in "$@" || :
  until_gone 5 kill_all_in "$@" || fail "some processes of the containers do not end: $(processes_in "$@" | tr '\n' ' ')"
}

kill_all_in() {
  left=$(processes_in "$@")
  # shellcheck disable=SC2086
  send KILL $left
  printf '%s' "$left"
}

run_inside() { # COMMAND…: replaces this process
  pid=$(child_pid) || fail "containerd is not running: \`$0 start\` starts it"
  mark=$(tr '\0' '\n' <"/proc/$pid/environ" | grep '^ROOTLESSKIT_[A-Z_]*=' || :)
  while IFS= read -r line; do
    # shellcheck disable=SC2163 # NAME=VALUE
    [ -z "$line" ] || export "$line"
  done <<END
$mark
END
  [ $# -gt 0 ] || set -- "${SHELL:-/bin/sh}"
  set -- -U -t "$pid" -- "$@"
  [ -e "$state_dir/netns" ] || set -- -n "$@"
  exec nsenter --no-fork "--wd=$PWD" --preserve-credentials -m "$@"
}
