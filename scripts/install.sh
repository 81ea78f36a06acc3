#!/bin/sh
# install.sh install | docker | uninstall: below $DESTDIR$PREFIX, in the places where distributions look.
#   docker: the same, and the name `docker` with it
# What is put there stands in $PREFIX/lib/nerdctl/installed, which uninstall reads: a line for each file, and one that
# ends in / for each directory that was not there.
set -eu
cd "$(dirname "$0")/.."
umask 022

PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}
# A Node to take along: the machine's own is too old where scripts/setup.sh had to fetch this one.
NODE=${NODE:-.tools/node/bin/node}
list=$DESTDIR$PREFIX/lib/nerdctl/installed

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/root
top=$stage$PREFIX

die() { printf 'install: %s\n' "$*" >&2; exit 1; }

put() { # put MODE FROM TO
  if [ -f "$2" ]; then install -D -m "$1" "$2" "$top/$3"; fi
}

link() { # link TARGET NAME
  mkdir -p "$top/${2%/*}"
  ln -s "$1" "$top/$2"
}

stage_program() {
  mkdir -p "$top/lib/nerdctl"
  cp -R "${LIB:-build/lib}" build/libexec "$top/lib/nerdctl/"
  put 755 "$NODE" lib/nerdctl/node
  put 755 bin/nerdctl bin/nerdctl
  for file in rootless/*.sh; do
    case ${file##*/} in
      containerd-rootless*)
        put 755 "$file" "lib/nerdctl/$file"
        link "../lib/nerdctl/$file" "bin/${file##*/}"
        ;;
      *) put 644 "$file" "lib/nerdctl/$file" ;;
    esac
  done
}

# Whether a unit of BuildKit has come with another package: that one stays, and ours must not hide it.
is_shipped() {
  case $1 in */buildkit*) ;; *) return 1 ;; esac
  for dir in "$PREFIX" /usr/local /usr /; do
    path=${dir%/}/$1
    if [ -e "$DESTDIR$path" ] && ! installed | grep -qxF "$path"; then return 0; fi
  done
  return 1
}

# Units name the programs below /usr/local/bin; in a unit a blank is written as \x20.
stage_units() {
  there=$(printf '%s' "$PREFIX/bin/" | sed 's/ /\\x20/g; s/[\\&#]/\\&/g')
  for file in lib/systemd/system/* lib/systemd/user/*; do
    [ -f "$file" ] || continue
    if is_shipped "$file"; then continue; fi
    sed "s#/usr/local/bin/#$there#g" "$file" >"$work/unit"
    put 644 "$work/unit" "$file"
  done
}

stage_words() {
  put 644 completions/nerdctl.bash share/bash-completion/completions/nerdctl
  put 644 completions/_nerdctl share/zsh/site-functions/_nerdctl
  put 644 completions/nerdctl.fish share/fish/vendor_completions.d/nerdctl.fish
  for file in man/*.1; do put 644 "$file" "share/man/man1/${file##*/}"; done
  find README.md docs -name '*.md' | while IFS= read -r file; do put 644 "$file" "share/doc/nerdctl/$file"; done
}

# bash finds completions by the name of the program, and so does man its pages.
stage_docker() {
  link nerdctl bin/docker
  if [ -f completions/nerdctl.bash ]; then link nerdctl share/bash-completion/completions/docker; fi
  if [ -f man/nerdctl.1 ]; then link nerdctl.1 share/man/man1/docker.1; fi
}

installed() { if [ -f "$list" ]; then cat "$list"; fi; }

# Directories come after what is in them.
remove() {
  sort -r | while IFS= read -r path; do
    case $path in
      */) rmdir "$DESTDIR$path" 2>/dev/null || true ;;
      *) rm -f "$DESTDIR$path" ;;
    esac
  done
}

# What an older version had, and this one has not, goes.
copy() {
  mkdir -p "$DESTDIR/"
  : >"$top/lib/nerdctl/installed"
  installed >"$work/old"
  {
    grep '/$' "$work/old" || true
    (cd "$stage" && find . -mindepth 1 -type d) | while IFS= read -r path; do
      [ -d "$DESTDIR${path#.}" ] || printf '%s/\n' "${path#.}"
    done
    (cd "$stage" && find . ! -type d) | sed 's/^\.//'
  } | sort -u >"$work/new"
  cp -RP --remove-destination "$stage/." "$DESTDIR/"
  cp "$work/new" "$list"
  grep -vxF -f "$work/new" "$work/old" | remove
}

case ${1-} in
  install | docker)
    [ -f build/lib/main.cjs ] || die "there is nothing to install yet: run 'make'"
    had=no
    if installed | grep -qxF "$PREFIX/bin/docker"; then had=yes; fi
    docker=$DESTDIR$PREFIX/bin/docker
    if [ "$1" = docker ] && [ $had = no ] && [ -e "$docker" ]; then die "there is a $docker already, and it stays"; fi
    stage_program
    stage_units
    stage_words
    if [ "$1" = docker ] || [ $had = yes ]; then stage_docker; fi
    copy
    ;;
  uninstall) installed | remove ;;
  *) die "what to do? (there are: install, docker, uninstall)" ;;
esac
