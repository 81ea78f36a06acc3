#!/bin/sh
# shellcheck disable=SC2154 # the variables of set_places
# Runs containerd without root, in the foreground: RootlessKit makes a user, a mount and a network namespace, and this
# script again, inside, puts the user's own directories where containerd expects its.
#   containerd-rootless.sh [OPTIONS OF containerd]
# Settings, as variables CONTAINERD_ROOTLESS_ROOTLESSKIT_…:
#   NET                       slirp4netns, pasta, vpnkit, gvisor-tap-vsock, lxc-user-nic, host (default: the first of them that is there)
#   MTU                       of the network (default: 65520 for slirp4netns and pasta, else 1500)
#   PORT_DRIVER               builtin, slirp4netns, implicit, gvisor-tap-vsock, none (default: builtin, or what NET wants)
#   SLIRP4NETNS_SANDBOX, SLIRP4NETNS_SECCOMP   confine slirp4netns: auto, true, false (default: auto)
#   DETACH_NETNS              auto, true, false: containerd stays in the host's network (default: auto, where RootlessKit can)
#   DISABLE_HOST_LOOPBACK     true, false: containers cannot reach the host's 127.0.0.1 (default: true)
#   IPV6                      true, false (default: false)
#   STATE_DIR                 where RootlessKit keeps its state (default: $XDG_RUNTIME_DIR/containerd-rootless)
#   FLAGS                     more flags for rootlesskit
set -eu
self=$(readlink -f -- "$0")
# shellcheck source=/dev/null
. "${self%/*}/places.sh"

is_true() { # VALUE NAME
  case $1 in
  true | 1) return 0 ;;
  false | 0 | '') return 1 ;;
  *) fail "CONTAINERD_ROOTLESS_ROOTLESSKIT_$2 is $1: it must be true or false" ;;
  esac
}

rootlesskit_can() { # WORD of its help
  case $rootlesskit_help in *"$1"*) return 0 ;; *) return 1 ;; esac
}

choose_net() {
  if have slirp4netns && slirp4netns --help 2>&1 | grep -q -e --netns-type; then
    echo slirp4netns
  elif have pasta && rootlesskit_can 'pasta'; then
    echo pasta
  elif have vpnkit; then
    echo vpnkit
  elif rootlesskit_can gvisor-tap-vsock; then
    echo gvisor-tap-vsock
  fi
}

defaults_of_net() { # NET: "MTU PORT_DRIVER"
  case $1 in
  host) echo 0 none ;;
  slirp4netns) echo 65520 builtin ;;
  pasta) echo 65520 implicit ;;
  gvisor-tap-vsock) echo 1500 gvisor-tap-vsock ;;
  *) echo 1500 builtin ;;
  esac
}

run_parent() { # OPTIONS OF containerd
  [ "$(id -u)" -ne 0 ] || fail "this is for users without root; as root, run containerd itself (nerdctl system start)"
  for program in rootlesskit containerd; do
    have "$program" || fail "$program is not installed: \`containerd-rootless-setuptool.sh check\` says what is missing, and what mends it"
  done
  read_settings
  rootlesskit_help=$(rootlesskit --help 2>&1)
  net=${CONTAINERD_ROOTLESS_ROOTLESSKIT_NET:-$(choose_net)}
  [ -n "$net" ] || fail "there is no program for the network: install slirp4netns (0.4 or newer)"
  defaults=$(defaults_of_net "$net")

  # From here on the arguments are rootlesskit's, the last ones first.
  set -- "$self" "$@"
  # shellcheck disable=SC2086 # several flags in one variable
  set -- ${CONTAINERD_ROOTLESS_ROOTLESSKIT_FLAGS:-} "$@"
  set -- --copy-up=/etc --copy-up=/run --copy-up=/var/lib --propagation=rslave "$@"
  set -- "--state-dir=$state_dir" "--net=$net" "$@"
  set -- "--mtu=${CONTAINERD_ROOTLESS_ROOTLESSKIT_MTU:-${defaults% *}}" "$@"
  set -- "--port-driver=${CONTAINERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER:-${defaults#* }}" "$@"
  if [ "$net" = slirp4netns ]; then
    set -- "--slirp4netns-sandbox=${CONTAINERD_ROOTLESS_ROOTLESSKIT_SLIRP4NETNS_SANDBOX:-auto}" "$@"
    set -- "--slirp4netns-seccomp=${CONTAINERD_ROOTLESS_ROOTLESSKIT_SLIRP4NETNS_SECCOMP:-auto}" "$@"
  fi
  ! is_true "${CONTAINERD_ROOTLESS_ROOTLESSKIT_DISABLE_HOST_LOOPBACK:-true}" DISABLE_HOST_LOOPBACK || set -- --disable-host-loopback "$@"
  ! is_true "${CONTAINERD_ROOTLESS_ROOTLESSKIT_IPV6:-false}" IPV6 || set -- --ipv6 "$@"
  ! wants_detached_netns || set -- --detach-netns "$@"

  mkdir -p "$state_dir"
  export _CONTAINERD_ROOTLESS_CHILD="$state_dir"
  exec rootlesskit "$@"
}

wants_detached_netns() {
  case ${CONTAINERD_ROOTLESS_ROOTLESSKIT_DETACH_NETNS:-auto} in
  auto)
    case $net in slirp4netns | pasta) rootlesskit_can --detach-netns ;; *) return 1 ;; esac
    ;;
  *)
    is_true "$CONTAINERD_ROOTLESS_ROOTLESSKIT_DETACH_NETNS" DETACH_NETNS || return 1
    rootlesskit_can --detach-netns || fail "detached network namespaces need RootlessKit 2 or newer; this is $(rootlesskit --version)"
    ;;
  esac
}

put_in_place() { # OWN PLACE: the user's directory OWN is seen at PLACE
  mkdir -p "$1" "$2"
  mount --bind "$1" "$2"
}

# RootlessKit has made /etc, /run and /var/lib writable: directories of links to what the host has there.
run_child() { # OPTIONS OF containerd
  rm -f /run/containerd /run/nri /run/runc /run/netns /run/xtables.lock /var/lib/containerd /var/lib/cni /etc/containerd
  if [ -L /etc/ssl ]; then
    # Certificates are often relative links, which a link to the directory would break.
    ssl=$(readlink -f /etc/ssl)
    rm -f /etc/ssl
    mkdir /etc/ssl
    mount --rbind "$ssl" /etc/ssl
  fi
  put_in_place "$XDG_RUNTIME_DIR/containerd" /run/containerd
  put_in_place "$data_home/containerd" /var/lib/containerd
  put_in_place "$data_home/cni" /var/lib/cni
  put_in_place "$config_home/containerd" /etc/containerd
  case " $* " in
  *' -c'* | *' --config'*) ;;
  *) [ -e /etc/containerd/config.toml ] || { write_config && set -- --config /run/containerd-rootless.toml "$@"; } ;;
  esac
  exec containerd "$@"
}

# What only Kubernetes asks for, and what root alone may make below /opt, is left out.
write_config() {
  cat >/run/containerd-rootless.toml <<'END'
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.podsandbox.controller.v1.podsandbox", "io.containerd.nri.v1.nri"]
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
END
}

set_places
if [ -z "${_CONTAINERD_ROOTLESS_CHILD:-}" ]; then run_parent "$@"; else run_child "$@"; fi
