# shellcheck shell=sh disable=SC2034,SC2154 # the parts share variables
# Sourced: containerd as a unit of the user's systemd.

systemd_places() {
  units=$config_home/systemd/user
  templates=$here/../lib/systemd/user
  [ -d "$templates" ] || templates=$here/../../systemd/user
}

machine_has_systemd() { [ -d /run/systemd/system ]; }
user_has_systemd() { have systemctl && systemctl --user show-environment >/dev/null 2>&1; }
unit_is_installed() { [ -e "$units/containerd.service" ] || [ -L "$units/default.target.wants/containerd.service" ]; }

explain_no_bus() {
  say "your systemd does not answer here, as in a shell of su or sudo: log in as $(id -un) (ssh, or machinectl shell $(me)@)"
  say "or, if that user is never logged in, \`sudo loginctl enable-linger $(me)\` and \`export XDG_RUNTIME_DIR=/run/user/$(id -u)\`;"
  say "with --no-systemd containerd is started as a process of its own."
}

# runc has cgroups made over it. A systemd that began before the package came does not know it yet.
start_bus() {
  [ ! -S "$XDG_RUNTIME_DIR/bus" ] || return 0
  systemctl --user daemon-reload
  systemctl --user start dbus.socket 2>/dev/null
}

# Sets $backend. What runs already decides, then what is installed; without both it is a process of its own.
choose_backend() {
  backend=process
  [ -z "$no_systemd" ] || return 0
  ! recorded_pid containerd >/dev/null || return 0
  unit_is_installed && machine_has_systemd || return 0
  user_has_systemd || fail "containerd.service is installed, but $(explain_no_bus)"
  backend=systemd
}

# As an argument in a unit, escaped once more as a replacement of sed.
unit_word() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/%/%%/g; s/ /\\x20/g; s/"/\\x22/g; s/'"'"'/\\x27/g' | sed 's/[\\&#]/\\&/g'; }

# The directories of the programs that are used, so that a PATH of many is not written down for years.
service_path() {
  for program in rootlesskit containerd containerd-shim-runc-v2 runc slirp4netns pasta newuidmap iptables nerdctl buildkitd; do
    found=$(command -v "$program") || continue
    printf '%s\n' "${found%/*}"
  done | awk '!/^(\/usr(\/local)?)?\/s?bin$/ && !seen[$0]++ { printf "%s:", $0 }'
  printf '%s' /usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
}

unit_environment() {
  printf 'Environment=PATH=%s' "$(unit_word "$(service_path)")"
  for name in XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME CONTAINERD_ROOTLESS_ROOTLESSKIT_STATE_DIR; do
    eval "value=\${$name:-}"
    [ -z "$value" ] || printf '\\nEnvironment=%s=%s' "$name" "$(unit_word "$value")"
  done
}

write_unit() { # TEMPLATE NAME [MORE OF sed]…: true where it is not as it was
  template=$templates/$1 unit=$units/$2
  shift 2
  [ -r "$template" ] || fail "the unit ${template##*/} is not where it belongs: $templates"
  mkdir -p "$units"
  sed -e "s#/usr/local/bin/#$(unit_word "$here/")#g" -e "s#^Environment=PATH=.*#$(unit_environment)#" "$@" "$template" >"$unit.new"
  if cmp -s "$unit.new" "$unit"; then
    rm "$unit.new"
    return 1
  fi
  mv "$unit.new" "$unit"
}

start_unit() { # VERB NAME
  systemctl --user reset-failed "$2" 2>/dev/null || :
  systemctl --user "$1" "$2" && return 0
  say "The end of its log:" >&2
  journalctl --user --no-pager -q -n 15 -u "$2" 2>/dev/null | sed 's/^/  /' >&2
  return 1
}

enable_unit() { # TEMPLATE NAME [MORE OF sed]…
  verb=start
  ! write_unit "$@" || verb=restart
  systemctl --user daemon-reload
  systemctl --user -q enable "$2"
  start_unit "$verb" "$2"
}

remove_unit() { # NAME
  if user_has_systemd; then systemctl --user -q disable --now "$1" 2>/dev/null || :; fi
  rm -f "$units/$1" "$units"/*.wants/"$1"
}

systemd_status() {
  state=$(systemctl --user show -p ActiveState --value containerd.service)
  if [ "$state" != inactive ] && [ "$state" != failed ]; then
    pid=$(systemctl --user show -p MainPID --value containerd.service)
    show_status "as containerd.service of your systemd (PID $pid)" "journalctl --user -u containerd"
  else
    say "containerd is not running: \`${0##*/} start\` starts it, \`journalctl --user -u containerd\` is its log"
    return 3
  fi
}

systemd_start() {
  start_unit start containerd.service
  told systemd_status
}

systemd_stop() { systemctl --user stop containerd.service; }

systemd_restart() {
  start_unit restart containerd.service
  told systemd_status
}

systemd_logs() { exec journalctl --user -u containerd.service ${follow:+-f} ${lines:+-n "$lines"}; }

# What the unit does to stop, also after a crash: systemd would end the shims, and leave the containers.
end_unit() {
  namespaces=$(own_namespaces || :)
  if [ -n "${MAINPID:-}" ]; then
    send TERM "$MAINPID"
    until_gone 10 start_time "$MAINPID" || :
  fi
  # shellcheck disable=SC2086
  end_namespaces "$seconds" $namespaces
}
