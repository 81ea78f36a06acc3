# shellcheck shell=sh disable=SC2154 # the variables of set_places
# Sourced: install and uninstall.

profile_begin='# >>> containerd-rootless >>>' profile_end='# <<< containerd-rootless <<<'

keep_settings() {
  kept=$(env | grep '^CONTAINERD_ROOTLESS_ROOTLESSKIT_[A-Z0-9_]*=' | grep -v '_STATE_DIR=' || :)
  [ -n "$kept" ] || return 0
  mkdir -p "${settings%/*}"
  printf '%s\n' "$kept" >"$settings"
}

without_autostart() { # the profile without the lines of ours
  [ -f "$HOME/.profile" ] || return 0
  sed "/^$profile_begin\$/,/^$profile_end\$/d" "$HOME/.profile"
}

set_autostart() { # yes | no
  case $1 in
  no) grep -qsxF "$profile_begin" "$HOME/.profile" || return 0 ;;
  esac
  profile=$(without_autostart)
  {
    [ -z "$profile" ] || printf '%s\n' "$profile"
    [ "$1" = no ] || printf '%s\n' "$profile_begin" "$(quoted "$here/containerd-rootless-setuptool.sh") start --quiet --no-systemd" "$profile_end"
  } >"$HOME/.profile.new"
  cat "$HOME/.profile.new" >"$HOME/.profile"
  rm "$HOME/.profile.new"
}

install_engine() {
  run_check brief || fail "something is missing, see above"
  keep_settings
  if [ -z "$no_systemd" ] && machine_has_systemd; then
    user_has_systemd || fail "$(explain_no_bus)"
    ! recorded_pid containerd >/dev/null || process_stop
    start_bus || :
    write_unit nerdctl-restore.service nerdctl-restore.service || :
    enable_unit containerd.service containerd.service
    told systemd_status
    told say_next_systemd
  else
    remove_units
    process_start
    [ -z "$autostart" ] || set_autostart yes
    told say_next_process
  fi
}

say_next_systemd() {
  say ""
  if [ "$(loginctl show-user "$(id -u)" -p Linger --value 2>/dev/null)" = yes ]; then
    say "It starts with the machine (lingering is enabled for you)."
  else
    say "It starts when you log in, and ends when you log out. To have it start with the machine, and stay:" "  sudo loginctl enable-linger $(me)"
  fi
  say_use
}

say_next_process() {
  say "" "There is no systemd that looks after it: it runs until the machine ends, or \`${0##*/} stop\`."
  if [ -n "$autostart" ]; then
    say "It starts when you log in (the lines are in ~/.profile)."
  else
    say "To have it start when you log in: \`${0##*/} install --no-systemd --autostart\` adds a line to ~/.profile."
  fi
  say_use
}

say_use() {
  say "" "To use it:" "  nerdctl run --rm -it busybox"
  [ -z "${runtime_dir_is_ours:-}" ] || say "Other programs have to be told where its sockets are:" "  export XDG_RUNTIME_DIR=$(quoted "$XDG_RUNTIME_DIR")"
  say "To build images: \`${0##*/} install-buildkit-containerd\`." "To remove it again: \`${0##*/} uninstall\`."
}

remove_units() {
  for unit in "$units"/*buildkit.service nerdctl-restore.service containerd.service; do
    remove_unit "${unit##*/}"
  done
  ! user_has_systemd || systemctl --user daemon-reload
}

uninstall_engine() {
  for worker in $(installed_buildkits); do uninstall_buildkit "$worker"; done
  remove_units
  process_stop
  set_autostart no
  rm -rf "$records" "$logs" "$wanted_buildkits" "$state_dir"
  rm -rf "$XDG_RUNTIME_DIR/containerd"
  # Only where nothing else is in them.
  for dir in "$units/default.target.wants" "$units" "$config_home/systemd" "$config_home/containerd" "$data_home/cni"; do
    rmdir "$dir" 2>/dev/null || :
  done
  [ -z "${runtime_dir_is_ours:-}" ] || rmdir "$XDG_RUNTIME_DIR" 2>/dev/null || :
  told say_what_stays
}

say_what_stays() {
  say "containerd without root is uninstalled."
  left='' list=''
  for dir in "$data_home/containerd" "$data_home/nerdctl" "$data_home/cni" "$config_home/cni"; do
    [ -d "$dir" ] || continue
    left="$left $(quoted "$dir")"
    list="$list
  $dir"
  done
  [ -z "$left" ] || say "Images, containers, volumes and networks are still in$list" "and this removes them for good:" "  rootlesskit rm -rf$left"
}
