# shellcheck shell=sh disable=SC2154 # the variables of set_places
# Sourced: what is missing for a containerd without root, each with the command that mends it.

# What has to be mended is counted; a note is something that works less well.
missing() { # WHAT COMMAND
  found_missing=$((found_missing + 1))
  say "missing: $1" "    $2"
}
note() { # WHAT COMMAND
  [ -n "$brief" ] || say "note: $1" "    $2"
}

install_command() { # PACKAGE, in Debian's words
  if have apt-get; then
    say "sudo apt-get install -y $1"
  elif have dnf; then
    case $1 in uidmap) set -- shadow-utils ;; iproute2) set -- iproute ;; iptables) set -- iptables-nft ;; esac
    say "sudo dnf install -y $1"
  elif have pacman; then
    case $1 in uidmap) set -- shadow ;; containernetworking-plugins) set -- cni-plugins ;; esac
    say "sudo pacman -S --noconfirm $1"
  elif have apk; then
    case $1 in uidmap) set -- shadow-uidmap ;; containernetworking-plugins) set -- cni-plugins ;; esac
    say "sudo apk add $1"
  else
    say "install the package $1 of your distribution"
  fi
}

want_program() { # PROGRAM PACKAGE
  have "$1" || missing "$1 is not installed" "$(install_command "$2")"
}

check_programs() {
  want_program rootlesskit rootlesskit
  want_program newuidmap uidmap
  want_program containerd containerd
  have runc || have crun || want_program runc runc
  if ! have pasta && ! have vpnkit; then want_program slirp4netns slirp4netns; fi
  for program in nsenter flock setsid; do want_program $program util-linux; done
  # Busybox has one that cannot keep a user's rights.
  ! have nsenter || nsenter --help 2>&1 | grep -q -e --preserve-credentials || missing "nsenter is not that of util-linux" "$(install_command util-linux)"
  want_program ip iproute2
  want_program iptables iptables
  for dir in "${CNI_PATH:-}" /opt/cni/bin /usr/local/libexec/cni /usr/local/lib/cni /usr/libexec/cni /usr/lib/cni "$HOME/opt/cni/bin"; do
    [ ! -x "$dir/bridge" ] || return 0
  done
  missing "the CNI plugins are not installed" "$(install_command containernetworking-plugins)"
}

# The first number behind all ranges that are given away.
free_subid() {
  cat /etc/subuid /etc/subgid 2>/dev/null | awk -F: '{ end = $2 + $3; if (end > free) free = end } END { print (free > 100000 ? free : 100000) }'
}

# A name from a directory service may hold a backslash, which -v of awk would read as an escape.
users_lines() { NAME=$user awk -F: -v "uid=$(id -u)" '$1 == ENVIRON["NAME"] || $1 == uid' "$1" 2>/dev/null; }

has_subids() { # FILE [FLAG OF getsubids], which also knows ranges from elsewhere, as of sssd
  users_lines "$1" | awk -F: '{ count += $3 } END { exit count < 65536 }' && return 0
  have getsubids && getsubids ${2:+"$2"} "$user" 2>/dev/null | awk '{ count += $NF } END { exit count < 65536 }'
}

check_subids() {
  user=$(id -un)
  has_subids /etc/subuid && has_subids /etc/subgid -g && return 0
  first=$(free_subid)
  range=$first-$((first + 65535))
  if [ -n "$(users_lines /etc/passwd)" ]; then
    command="sudo usermod --add-subuids $range --add-subgids $range $(me)"
  else
    command="echo $(id -u):$first:65536 | sudo tee -a /etc/subuid /etc/subgid"
  fi
  missing "$user has no 65536 subordinate user and group ids (/etc/subuid, /etc/subgid)" "$command"
}

sysctl_is() { # NAME VALUE
  [ "$(cat "/proc/sys/$(printf '%s' "$1" | tr . /)" 2>/dev/null)" = "$2" ]
}

check_kernel() {
  if sysctl_is user.max_user_namespaces 0; then
    missing "the kernel allows no user namespaces" "sudo sh -c 'echo user.max_user_namespaces=28633 >/etc/sysctl.d/90-rootless.conf && sysctl --system'"
  fi
  if sysctl_is kernel.unprivileged_userns_clone 0; then
    missing "the kernel allows user namespaces to root only" "sudo sh -c 'echo kernel.unprivileged_userns_clone=1 >/etc/sysctl.d/90-rootless.conf && sysctl --system'"
  fi
  if [ ! -e /dev/net/tun ]; then
    missing "/dev/net/tun is not there" "sudo modprobe tun"
  elif [ ! -r /dev/net/tun ] || [ ! -w /dev/net/tun ]; then
    missing "/dev/net/tun may not be opened by you" "sudo chmod 666 /dev/net/tun"
  fi
}

# AppArmor takes the rights inside a user namespace from every program without a profile that grants them.
apparmor_command() {
  path=$(readlink -f "$(command -v rootlesskit)")
  file=/etc/apparmor.d/$(printf '%s' "${path#/}" | tr / .)
  say "printf 'abi <abi/4.0>,\\nprofile \"%s\" flags=(unconfined) { userns, }\\n' '$path' | sudo tee $file && sudo apparmor_parser -r $file"
}

# What the user may do inside: a line for each thing that does not work.
probe_inside() {
  dir=$(mktemp -d "${TMPDIR:-/tmp}/containerd-rootless-check.XXXXXX")
  mkdir "$dir/lower" "$dir/upper" "$dir/work" "$dir/merged"
  # shellcheck disable=SC2016
  rootlesskit --state-dir="$dir/state" unshare --net sh -c '
    mount -t overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" overlay "$1/merged" 2>/dev/null || echo no-overlay
    ip link add probe0 type bridge 2>/dev/null || echo no-bridge
    XTABLES_LOCKFILE=$1/lock iptables -w -t nat -S >/dev/null 2>&1 || echo no-iptables
    echo done' sh "$dir" 2>&1 || :
  # Overlay leaves a directory that only the root inside may remove.
  rm -rf "$dir" 2>/dev/null || rootlesskit rm -rf "$dir" >/dev/null 2>&1 || :
}

check_inside() {
  answer=$(probe_inside)
  case $answer in
  *done*) ;;
  *)
    if sysctl_is kernel.apparmor_restrict_unprivileged_userns 1; then
      missing "AppArmor keeps rootlesskit from making a user namespace" "$(apparmor_command)"
    else
      missing "rootlesskit does not work: $(printf '%s\n' "$answer" | tail -n 1)" "see what \`rootlesskit true\` says"
    fi
    return 0
    ;;
  esac
  case $answer in *no-overlay*) missing "overlay cannot be mounted without root (it can since Linux 5.11)" "sudo modprobe overlay" ;; esac
  case $answer in *no-bridge*) missing "no bridge can be made without root" "sudo modprobe -a bridge veth br_netfilter" ;; esac
  case $answer in *no-iptables*) missing "iptables does not work inside a user namespace" "sudo modprobe -a nf_tables nft_compat ip_tables iptable_nat" ;; esac
}

# A socket's path has room for 107 bytes.
check_paths() {
  for path in "$state_dir/api.sock" "$socket.ttrpc"; do
    [ "$(printf '%s' "$path" | wc -c)" -gt 107 ] || continue
    missing "the path of a socket would be too long: $path" "export XDG_RUNTIME_DIR=/run/user/$(id -u)"
    return 0
  done
}

check_cgroups() {
  if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
    note "cgroups of version 1: no limits of memory, CPU and processes, no pause, no stats" \
      "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&systemd.unified_cgroup_hierarchy=1 /' /etc/default/grub && sudo update-grub && sudo reboot"
    return 0
  fi
  if ! user_has_systemd; then
    note "no systemd of yours: no limits of memory, CPU and processes, no pause, no stats" "sudo loginctl enable-linger $(me)"
    return 0
  fi
  if [ ! -S "$XDG_RUNTIME_DIR/bus" ] && ! systemctl --user cat dbus.socket >/dev/null 2>&1; then
    note "your systemd has no message bus: no limits of memory, CPU and processes, no pause, no stats" "$(install_command dbus-user-session)"
    return 0
  fi
  slice=/sys/fs/cgroup/user.slice/user-$(id -u).slice/user@$(id -u).service/cgroup.controllers
  lacking='' absent=''
  for controller in cpu memory pids; do
    if ! grep -qw $controller /sys/fs/cgroup/cgroup.controllers; then
      absent="$absent $controller"
    elif ! grep -qsw $controller "$slice"; then
      lacking="$lacking $controller"
    fi
  done
  # Boards whose kernels have that of memory switched off are common.
  [ -z "$absent" ] || note "this kernel has no such cgroup controllers, so they set no limits:$absent" \
    "cat /proc/cgroups # one that is not enabled is, after a reboot, with cgroup_enable=NAME on the kernel's command line"
  [ -z "$lacking" ] || note "cgroup controllers are not delegated to you, so they set no limits:$lacking" \
    "sudo sh -c 'mkdir -p /etc/systemd/system/user@.service.d && printf \"[Service]\\nDelegate=cpu cpuset io memory pids\\n\" >/etc/systemd/system/user@.service.d/delegate.conf && systemctl daemon-reload' # then reboot"
}

check_surroundings() {
  if machine_has_systemd && ! user_has_systemd; then
    note "your systemd does not answer here, as in a shell of su or sudo" "sudo loginctl enable-linger $(me) && export XDG_RUNTIME_DIR=/run/user/$(id -u)"
  fi
  [ -z "${runtime_dir_is_ours:-}" ] || note "XDG_RUNTIME_DIR is not set" "export XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR"
  first_port=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024)
  [ "$first_port" -le 80 ] || note "ports below $first_port cannot be published" \
    "sudo sh -c 'echo net.ipv4.ip_unprivileged_port_start=80 >/etc/sysctl.d/90-rootless-ports.conf && sysctl --system'"
}

run_check() { # [brief]: without the notes
  brief=${1:-} found_missing=0
  check_programs
  check_subids
  check_kernel
  check_paths
  # It can only fail, and say less, while something above is missing.
  [ "$found_missing" -gt 0 ] || check_inside
  check_cgroups
  check_surroundings
  if [ "$found_missing" -gt 0 ]; then
    [ -n "$brief" ] || say "" "$found_missing thing$([ "$found_missing" -eq 1 ] || echo s) to mend; then run this again."
    return 1
  fi
  [ -n "$brief" ] || say "Everything that is needed is here."
}
