#!/bin/sh
# Readies `make test` after `setup.sh build run test` and the build: compiles the terminal driver of the tests.
# The engines, registries and dockers that tests need start privately and end with them; nothing is started here.
set -eu
cd "$(dirname "$0")/.."

PATH="$PWD/.tools/node/bin:$PATH"
driver=node_modules/node-pty/build/Release/pty.node
if [ ! -e "$driver" ]; then
  echo "Compiling the terminal driver of the tests (node-pty)"
  # A Node below .tools has brought its headers with it; any other gets them where npm finds or downloads them.
  if [ -d .tools/node/include/node ]; then
    npm_config_nodedir=$(cd -P .tools/node && pwd)
    export npm_config_nodedir
  fi
  log=$(mktemp)
  if ! npm rebuild node-pty --foreground-scripts >"$log" 2>&1 || [ ! -e "$driver" ]; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    echo "test-setup: node-pty does not compile here; the lines above say why" >&2
    exit 1
  fi
  rm -f "$log"
fi
