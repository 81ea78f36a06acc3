'use strict';
// bytecode.cjs DIR: writes the bytecode of all functions of each bundle in DIR where loader.cjs looks for it. In a process
// of its own, by the alphabet and with a --hash-seed, so that every build of a source writes the same bytes.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const dir = process.argv[2];
const names = readdirSync(dir).filter((name) => name.endsWith('.cjs'));
for (const name of names.sort()) {
  setFlagsFromString('--no-lazy');
  const script = new Script(readFileSync(join(dir, name), 'utf8'), { filename: name });
  // Bytecode names the flags of its V8, and the one that reads it has none.
  setFlagsFromString('--lazy');
  setFlagsFromString('--hash-seed=0');
  writeFileSync(join(dir, `${name}.cache`), script.createCachedData());
}
