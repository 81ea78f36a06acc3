# shellcheck shell=sh disable=SC2154 # the variables of set_places
# Sourced: containerd as a process of its own, where no systemd looks after it.
# $record holds "PID START-TIME" of RootlessKit; the lock is held while it is started or ended.

process_places() {
  record=$XDG_RUNTIME_DIR/containerd-rootless.pid
  lock=$XDG_RUNTIME_DIR/containerd-rootless.lock
  log=$state_home/containerd-rootless/containerd.log
}

with_lock() { # FUNCTION ARGUMENT…
  have flock || fail "flock is not installed: it comes with util-linux"
  (
    flock -w 60 9 || fail "another start or stop has been under way for a minute (lock: $lock)"
    "$@"
  ) 9>"$lock"
}

recorded_pid() { # the PID in the record, if that process is alive
  { read -r pid since <"$record"; } 2>/dev/null || return 1
  now=$(start_time "$pid") || return 1
  [ "$now" = "$since" ] && printf '%s\n' "$pid"
}

launch() { # OPTIONS OF containerd
  mkdir -p "${log%/*}"
  # What stayed of an earlier run would be a containerd that does not answer, and containers without a network.
  rm -f "$record" "$socket"
  # shellcheck disable=SC2046
  end_namespaces 0 $(own_namespaces)
  # More than 10 MB.
  [ -z "$(find "$log" -size +20480 2>/dev/null)" ] || mv -f "$log" "$log.1"
  (
    cd /
    unset NOTIFY_SOCKET LISTEN_FDS LISTEN_PID
    # The new process writes the record: only it knows its PID for sure, and it keeps it.
    # shellcheck disable=SC2016
    exec setsid sh -c '. "$1/namespaces.sh"; printf "%s %s\n" $$ "$(start_time $$)" >"$2.new"; mv "$2.new" "$2"; d=$1; shift 2; exec "$d/containerd-rootless.sh" "$@"' \
      sh "$here" "$record" "$@" </dev/null >>"$log" 2>&1 9>&-
  ) &
  launched=$!
}

is_ready() { child_pid >/dev/null && [ -S "$socket" ]; }

await_ready() {
  tries=600
  until is_ready; do
    recorded_pid >/dev/null || start_time "$launched" >/dev/null || return 1
    [ "$tries" -gt 0 ] || return 1
    tries=$((tries - 1))
    sleep 0.05
  done
}

process_start() {
  if recorded_pid >/dev/null; then
    launched=$$
    await_ready || fail "containerd runs (PID $(recorded_pid)) but does not listen; the log: $log"
    return 0
  fi
  launch "$@"
  await_ready && return 0
  say "containerd did not start. The end of $log:" >&2
  tail -n 15 "$log" | sed 's/^/  /' >&2
  process_stop 0
  return 1
}

process_stop() { # SECONDS that containers have
  namespaces=$(own_namespaces || :)
  if pid=$(recorded_pid); then
    send TERM "$pid"
    until_gone 10 recorded_pid || send KILL "$pid"
  fi
  # shellcheck disable=SC2086
  end_namespaces "$1" $namespaces
  rm -f "$record" "$socket"
}

process_status() {
  if pid=$(recorded_pid) && is_ready; then
    say "containerd is running, as a process of its own (PID $pid)"
  elif [ -n "$pid" ]; then
    say "containerd is starting, or does not answer (PID $pid)"
  elif [ -n "$(own_namespaces)" ]; then
    say "containerd was killed, and containers are left of it: \`${0##*/} stop\` ends them, \`start\` begins anew"
    return 3
  else
    say "containerd is not running: \`${0##*/} start\` starts it"
    return 3
  fi
  say "  socket  $socket"
  say "  state   $state_dir"
  say "  data    $data_home/containerd"
  say "  log     $log"
  is_ready || return 3
}
