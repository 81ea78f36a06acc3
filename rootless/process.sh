# shellcheck shell=sh disable=SC2154 # the variables of set_places
# Sourced: processes of their own, where no systemd looks after them.
# $records/NAME holds "PID START-TIME"; the lock is held while something is started or ended.

process_places() {
  records=$XDG_RUNTIME_DIR/containerd-rootless.d
  logs=$state_home/containerd-rootless
}

with_lock() { # FUNCTION ARGUMENT…
  have flock || fail "flock is not installed: it comes with util-linux"
  mkdir -p "$records"
  (
    flock -w 60 9 || fail "another start or stop has been under way for a minute (lock: $records/lock)"
    "$@"
  ) 9>"$records/lock"
}

recorded_pid() { # NAME: the PID in the record, if that process is alive
  { read -r pid since <"$records/$1"; } 2>/dev/null || return 1
  now=$(start_time "$pid") || return 1
  [ "$now" = "$since" ] && printf '%s\n' "$pid"
}

launch() { # NAME COMMAND…: in the background, with a log
  name=$1
  shift
  mkdir -p "$logs"
  log=$logs/$name.log
  # More than 10 MB.
  [ -z "$(find "$log" -size +20480 2>/dev/null)" ] || mv -f "$log" "$log.1"
  # What an earlier run has written is not shown when this one fails.
  log_size=$(wc -c 2>/dev/null <"$log") || log_size=0
  (
    cd /
    unset NOTIFY_SOCKET LISTEN_FDS LISTEN_PID
    # The new process writes the record: only it knows its PID for sure, and it keeps it.
    # shellcheck disable=SC2016
    exec setsid sh -c '. "$1/namespaces.sh"; printf "%s %s\n" $$ "$(start_time $$)" >"$2.new"; mv "$2.new" "$2"; shift 2; exec "$@"' \
      sh "$here" "$records/$name" "$@" </dev/null >>"$log" 2>&1 9>&-
  ) &
  launched=$!
}

await() { # NAME CONDITION…: until the condition holds; fails when the process ends before, or after 30 s
  name=$1
  shift
  tries=600
  until "$@"; do
    recorded_pid "$name" >/dev/null || start_time "$launched" >/dev/null || return 1
    [ "$tries" -gt 0 ] || return 1
    tries=$((tries - 1))
    sleep 0.05
  done
}

end_process() { # NAME
  if pid=$(recorded_pid "$1"); then
    send TERM "$pid"
    until_gone 10 recorded_pid "$1" || send KILL "$pid"
  fi
  rm -f "$records/$1"
}

show_log_end() { # NAME
  say "$1 did not start. The end of $logs/$1.log:" >&2
  tail -c "+$((log_size + 1))" "$logs/$1.log" | tail -n 15 | sed 's/^/  /' >&2
}

# RootlessKit's PID, whoever has started it: a supervisor, or a terminal.
engine_parent() {
  child=$(child_pid) || return 1
  parent=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$child/status" 2>/dev/null)
  { read -r name <"/proc/$parent/comm"; } 2>/dev/null && [ "$name" = rootlesskit ] && printf '%s\n' "$parent"
}

# The program that is the network, if it has ended: RootlessKit goes on without it.
ended_network() {
  cat "/proc/$(engine_parent)/task/"*/children 2>/dev/null | tr ' ' '\n' | while read -r child; do
    ! start_time "$child" >/dev/null || continue
    { read -r name <"/proc/$child/comm"; } 2>/dev/null || continue
    case $name in slirp4netns | pasta* | vpnkit) printf '%s\n' "$name" ;; esac
  done
}

engine_answers() { child_pid >/dev/null && [ -S "$socket" ]; }

start_processes() { # OPTIONS OF containerd
  launched=$$
  if recorded_pid containerd >/dev/null; then
    await containerd engine_answers ||
      fail "containerd runs (PID $(recorded_pid containerd)) but does not answer; its log: $logs/containerd.log"
  elif ! engine_parent >/dev/null; then
    # What stayed of an earlier run would be a containerd that does not answer, and containers without a network.
    rm -f "$socket"
    # shellcheck disable=SC2046
    end_namespaces 0 $(own_namespaces)
    launch containerd "$here/containerd-rootless.sh" "$@"
    if ! await containerd engine_answers; then
      show_log_end containerd
      end_processes 0
      return 1
    fi
    restore_containers || :
  fi
  start_buildkits
}

end_processes() { # SECONDS that containers have
  if ! recorded_pid containerd >/dev/null && pid=$(engine_parent); then
    fail "containerd was started by something else (PID $pid), which has to end it"
  fi
  namespaces=$(own_namespaces || :)
  # shellcheck disable=SC2086
  [ "$1" -eq 0 ] || [ -z "$(payload_in $namespaces)" ] || stop_containers || :
  end_process containerd
  # shellcheck disable=SC2086
  end_namespaces "$1" $namespaces
  rm -f "$socket" "$socket.ttrpc" "$records"/*buildkit
}

# The commands start, stop, restart, status and logs.

process_start() {
  with_lock start_processes "$@"
  told process_status
}

process_stop() { with_lock end_processes "$seconds"; }

process_restart() {
  process_stop
  process_start "$@"
}

process_logs() { exec tail -n "${lines:-+1}" ${follow:+-f} "$logs/containerd.log"; }

process_status() {
  if pid=$(recorded_pid containerd); then
    show_status "as a process of its own (PID $pid)" "$logs/containerd.log"
  elif pid=$(engine_parent); then
    show_status "started by something else (PID $pid)" "that of what has started it"
  elif [ -n "$(own_namespaces)" ]; then
    say "containerd was killed, and containers are left of it: \`${0##*/} stop\` ends them, \`start\` begins anew"
    return 3
  else
    say "containerd is not running: \`${0##*/} start\` starts it"
    return 3
  fi
}

show_status() { # HOW LOG
  if engine_answers; then say "containerd is running, $1"; else say "containerd is starting, or does not answer, $1"; fi
  say "  socket  $socket"
  say "  state   $state_dir"
  say "  data    $data_home/containerd"
  say "  log     $2"
  engine_answers || return 3
  network=$(ended_network)
  [ -z "$network" ] || { say "Containers do not reach the outside: $network was killed. \`${0##*/} restart\` mends it."; return 3; }
}
