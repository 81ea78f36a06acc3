#!/bin/sh
# Readies `make test` after `setup.sh build run test` and the build: compiles the terminal driver of the tests.
# The engines, registries and dockers that tests need start privately and end with them; nothing is started here.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.tools/node/bin:$PATH"

driver=node_modules/node-pty/build/Release/pty.node
[ ! -e "$driver" ] || exit 0
echo "Compiling the terminal driver of the tests (node-pty)"
# Without node-gyp: Debian's links every add-on to Debian's libnode, and in another Node such an add-on crashes.
own=$(node -p 'require("path").resolve(process.execPath, "../../include/node")')
for headers in "$own" /usr/include/node; do
  [ ! -e "$headers/node_api.h" ] || break
done
mkdir -p "${driver%/*}"
${CXX:-g++} -shared -fPIC -O1 -std=c++17 -DNAPI_CPP_EXCEPTIONS -DNODE_GYP_MODULE_NAME=pty -I "$headers" \
  -I node_modules/node-addon-api node_modules/node-pty/src/unix/pty.cc -o "$driver.tmp" -lutil
mv "$driver.tmp" "$driver"
