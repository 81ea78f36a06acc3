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

restore_containers() { has_containers && find_nerdctl && (run_inside "$nerdctl" internal restore --all-namespaces) >/dev/null; }

stop_containers() { has_containers && find_nerdctl && (run_inside "$nerdctl" internal shutdown) >/dev/null; }
