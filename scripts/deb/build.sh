#!/bin/sh
# build.sh DIR: builds nerdctl_VERSION_ARCH.deb and nerdctl-docker_VERSION_all.deb into DIR, for Debian 12, 13 and
# Ubuntu 24.04. They carry a Node ($NODE, else that of .tools/package), because Debian 12 and Ubuntu 24.04 have too old a
# one. The same commit gives the same packages; SOURCE_DATE_EPOCH, COMPRESSION (xz), and the maintainer's DEBFULLNAME and
# DEBEMAIL are honoured: the project has no address of its own.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/../.."
umask 022
export LC_ALL=C

NODE=${NODE:-$PWD/.tools/package/bin/node}
from_git() { git log -1 --format="$1" --date=format-local:%Y%m%d%H%M 2>/dev/null || true; }
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(from_git %ct)}
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(stat -c %Y package.json)}"

# Between releases each commit is newer than the one before, and all are older than the release.
version=$(node -p 'require("./package.json").version')
commit=$(TZ=UTC from_git %cd.%h)
[ -z "$commit" ] || version=$version~git$commit
arch=$(dpkg --print-architecture)

maintainer="${DEBFULLNAME:-The nerdctl in TypeScript project} <${DEBEMAIL:-nerdctl@localhost}>"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Bytecode is of one version of Node.
program() {
  built=$PWD
  if [ "$("$NODE" --version)" != "$(node --version)" ]; then
    built=$work/built
    PATH="${NODE%/*}:$PATH" tsx scripts/build.ts --out "$built"
  fi
  printf '%s' "$built/build/lib"
}

# licence NAME FILE: the terms of the Apache License stand in Debian's base-files.
licence() {
  [ -f "$2" ] || return 0
  printf '\n--- %s\n' "$1"
  awk '/^ *Apache License$/ { print "Apache License, Version 2.0: its terms are where those above are"; skip = 1 }
    !skip { print }
    /END OF TERMS AND CONDITIONS/ { skip = 0 }' "$2"
}

licences() {
  printf '\nThe package carries Node.js and programs of others, which have these licences:\n'
  node -e 'for (const [path, { dev, optional }] of Object.entries(require("./package-lock.json").packages)) if (path && !dev && !optional) console.log(path)' |
    while IFS= read -r package; do
      for file in "$package"/LICENSE*; do licence "${package#node_modules/}" "$file"; done
    done
  licence Node.js "${NODE%/bin/node}/LICENSE"
}

# changelog NAME
changelog() {
  cat <<END
$1 ($version) unstable; urgency=medium

  * Built from the sources: see the history of the project.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
}

# pack NAME ARCH: makes the package of what is below $work/NAME, with the paragraph of the control file
pack() {
  root=$work/$1
  doc=$root/usr/share/doc/$1
  mkdir -p "$root/DEBIAN" "$doc"
  changelog "$1" | gzip -9n >"$doc/changelog.gz"
  cp scripts/deb/copyright "$doc/"
  [ "$2" = all ] || licences >>"$doc/copyright"
  (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
  size=$(find "$root/usr" -type f -printf '%s\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
  sed -n "/^Package: $1\$/,/^\$/p" scripts/deb/control | sed '/^$/d' |
    sed "s/@VERSION@/$version/; s/@ARCH@/$2/; s/@SIZE@/$size/; s/@MAINTAINER@/$maintainer/" >"$root/DEBIAN/control"
  find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group "-Z${COMPRESSION:-xz}" --build "$root" "$out/$1_${version}_$2.deb" >/dev/null
  printf '%s\n' "$out/$1_${version}_$2.deb"
}

lib=$(program)
root=$work/nerdctl
NODE=$NODE LIB=$lib PREFIX=/usr DESTDIR=$root sh scripts/install.sh install
rm "$root/usr/lib/nerdctl/installed"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/lib/nerdctl/node" "$root"/usr/lib/nerdctl/libexec/*
# Debian's zsh does not look into site-functions below /usr.
if [ -d "$root/usr/share/zsh" ]; then mv "$root/usr/share/zsh/site-functions" "$root/usr/share/zsh/vendor-completions"; fi
find "$root/usr/share/man" -type f -exec gzip -9n {} + 2>/dev/null || true
mkdir -p "$root/DEBIAN" "$root/usr/share/lintian/overrides"
cp scripts/deb/overrides "$root/usr/share/lintian/overrides/nerdctl"
# BuildKit's units are for those who have one.
units=$(grep -ls '^\[Install\]' lib/systemd/system/nerdctl* | sed 's,.*/,,' | tr '\n' ' ')
for script in postinst prerm postrm; do
  sed "s/@UNITS@/${units% }/" "scripts/deb/$script" >"$root/DEBIAN/$script"
  chmod 755 "$root/DEBIAN/$script"
done
pack nerdctl "$arch"

for dir in bin share/bash-completion/completions share/man/man1; do mkdir -p "$work/nerdctl-docker/usr/$dir"; done
ln -s nerdctl "$work/nerdctl-docker/usr/bin/docker"
ln -s nerdctl "$work/nerdctl-docker/usr/share/bash-completion/completions/docker"
ln -s nerdctl.1.gz "$work/nerdctl-docker/usr/share/man/man1/docker.1.gz"
pack nerdctl-docker all
