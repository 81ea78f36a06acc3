#!/bin/sh
# as-root.sh COMMAND [ARG...]: runs it as root. What it writes into this directory belongs to the user afterwards.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" -ne 0 ] || exec "$@"
if ! command -v sudo >/dev/null 2>&1; then
  echo "There is no sudo here: going on without root, and without what needs it."
  exec "$@"
fi
echo "Containers need root: going on with sudo."
code=0
sudo env "PATH=$PATH" "$@" || code=$?
for made in .cache bench/results; do
  if [ -e "$made" ]; then sudo chown -R "$(id -u):$(id -g)" "$made"; fi
done
exit "$code"
