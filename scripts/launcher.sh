#!/bin/sh
# Starts nerdctl's bundle with Node, from the build tree or from an installation, through any symlink.
self=$0
# Called docker, through a link of that name, it says docker in help and errors.
export NERDCTL_NAME="${0##*/}"
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
case $self in
  */*) dir=${self%/*} ;;
  *) dir=. ;;
esac

if [ "$#" -eq 1 ]; then
  case $1 in
    --version | -v)
      echo 'nerdctl version @VERSION@'
      exit 0
      ;;
  esac
fi

# Node 20 parses this file at every start, at twice the time of everything else; the registry client reads the other name.
if [ -n "${NODE_EXTRA_CA_CERTS-}" ]; then
  export NERDCTL_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"
  unset NODE_EXTRA_CA_CERTS
fi

# A user's engine lives in namespaces that a process must enter before Node makes threads. The words of the commands that
# work outside of it may mean something else here: Node knows, and enters late where it has to.
enter=
# shellcheck disable=SC3067 # a question without a process of its own: is this user the owner of the machine's files?
if [ ! -O / ]; then
  enter=1
  last=
  for word; do
    case "$last $word" in *' login' | *' logout' | 'system start' | 'system stop' | 'system status') enter= ;; esac
    last=$word
  done
fi

# A machine whose own Node is too old has one of ours: scripts/setup.sh put it there, make install took it along.
node=${NERDCTL_NODE-}
for own in "$dir/../.tools/node/bin/node" "$dir/../lib/nerdctl/node" node; do
  if [ -z "$node" ] && command -v "$own" >/dev/null 2>&1; then node=$own; fi
done

for lib in "$dir/../build/lib" "$dir/../lib/nerdctl/lib"; do
  if [ -f "$lib/main.cjs" ]; then
    if command -v "$node" >/dev/null 2>&1; then
      # What Go nerdctl's containers have as their logger: the monitor takes over the pipes of containerd's shim.
      if [ "${1-}" = _NERDCTL_INTERNAL_LOGGING ]; then
        "$node" -- "$lib/main.cjs" internal logger "${2-}" || exit
        exec "$lib/../libexec/nerdctl-monitor" dir "$2/containers/$CONTAINER_NAMESPACE/$CONTAINER_ID"
      fi
      if [ -n "$enter" ] && [ -x "$lib/../libexec/nerdctl-monitor" ]; then
        exec "$lib/../libexec/nerdctl-monitor" enter "$node" -- "$lib/main.cjs" "$@"
      fi
      # `--`: Node 20 looks for an --env-file of its own among all arguments that come before
      exec "$node" -- "$lib/main.cjs" "$@"
    fi
    echo "nerdctl: Node.js 20.12 or newer is needed: ${node:-node} is not there" >&2
    exit 1
  fi
done
echo "nerdctl: the program is not built: run 'make' in its directory" >&2
exit 1
