# shellcheck shell=sh disable=SC2154 # the variables of set_places
# Sourced: containers with a restart policy come back with the engine, and end in order before it.

find_nerdctl() {
  for nerdctl in "$here/../bin/nerdctl" "$here/../../../bin/nerdctl" "$(command -v nerdctl)"; do
    [ -x "$nerdctl" ] && return 0
  done
  return 1
}

has_containers() {
  for dir in "$data_home"/nerdctl/*/containers/*/*/; do
    [ -d "$dir" ] && return 0
  done
  return 1
}

call_nerdctl() { # ARGUMENT…, inside and without our lock, which something might keep
  has_containers && find_nerdctl || return 0
  (run_inside "$nerdctl" internal "$@") >/dev/null 9>&-
}

restore_containers() { call_nerdctl restore --all-namespaces; }

stop_containers() { call_nerdctl shutdown; }
