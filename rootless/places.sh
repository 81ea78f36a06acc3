# shellcheck shell=sh disable=SC2034 # who sources it uses them
# Sourced: where the files of a user's containerd are. The command line looks in the same places in the same order.

say() { printf '%s\n' "$@"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
# As one word of a shell's.
quoted() {
  case $1 in *[!A-Za-z0-9_./@%+=:,-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;; *) printf '%s' "$1" ;; esac
}
# This user, in a command that is shown.
me() { quoted "$(id -un)"; }
have() { command -v "$1" >/dev/null 2>&1; }

# Daemons need iptables, ip and mount, which a user's PATH often lacks.
for place in /usr/local/sbin /usr/sbin /sbin; do
  case :$PATH: in *":$place:"*) ;; *) PATH=$PATH:$place ;; esac
done
export PATH

# shellcheck disable=SC2012 # one name, which is not looked at
is_own_dir() { # DIR: a directory, not a link to one, that belongs to this user
  [ -d "$1" ] && [ ! -L "$1" ] && [ "$(ls -ldn -- "$1" | awk '{ print $3 }')" = "$(id -u)" ]
}

# In /tmp somebody else may have made a directory of that name first.
make_private_dir() {
  (umask 077 && mkdir -- "$1") 2>/dev/null || :
  is_own_dir "$1" || fail "$1 is not a directory of your own: remove it, or set XDG_RUNTIME_DIR to a directory that is"
  chmod 700 "$1"
}

set_places() { # exports XDG_RUNTIME_DIR too: everything that is started relies on it
  : "${HOME:?HOME is not set}"
  data_home=${XDG_DATA_HOME:-$HOME/.local/share}
  config_home=${XDG_CONFIG_HOME:-$HOME/.config}
  state_home=${XDG_STATE_HOME:-$HOME/.local/state}
  if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR=/run/user/$(id -u)
    if ! is_own_dir "$XDG_RUNTIME_DIR" || [ ! -w "$XDG_RUNTIME_DIR" ]; then
      XDG_RUNTIME_DIR=${TMPDIR:-/tmp}/containerd-rootless-$(id -u)
      make_private_dir "$XDG_RUNTIME_DIR"
      runtime_dir_is_ours=yes
    fi
  elif [ ! -d "$XDG_RUNTIME_DIR" ] || [ ! -w "$XDG_RUNTIME_DIR" ]; then
    fail "XDG_RUNTIME_DIR is $XDG_RUNTIME_DIR, where you cannot write: unset it, or log in as yourself (su keeps the directory of who called it)"
  fi
  export XDG_RUNTIME_DIR
  state_dir=${CONTAINERD_ROOTLESS_ROOTLESSKIT_STATE_DIR:-$XDG_RUNTIME_DIR/containerd-rootless}
  socket=$XDG_RUNTIME_DIR/containerd/containerd.sock
  settings=$config_home/containerd-rootless/environment
}

# What `install` kept of the environment; what is in the environment now wins.
read_settings() {
  [ -r "$settings" ] || return 0
  while IFS= read -r line; do
    case $line in
    CONTAINERD_ROOTLESS_ROOTLESSKIT_*=*)
      name=${line%%=*}
      case $name in *[!A-Z0-9_]*) continue ;; esac
      eval "[ -n \"\${$name+set}\" ] || export $name=\${line#*=}"
      ;;
    esac
  done <"$settings"
}
