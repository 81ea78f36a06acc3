'use strict';
// Becomes build/lib/main.cjs, which runs program.cjs. V8 takes a bundle's bytecode from the file beside it, which halves
// what our code adds to Node's start-up. The bytecode is of the Node that built it: V8 of another version refuses it,
// and compiles.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const modules = new Map();

function load(name) {
  let module = modules.get(name);
  if (module === undefined) {
    module = { exports: {} };
    modules.set(name, module);
    const filename = join(__dirname, name);
    const script = new Script(readFileSync(filename, 'utf8'), { filename, cachedData: bytecode(filename) });
    const bundle = script.runInThisContext();
    bundle(module.exports, requireBundle, module, filename, __dirname);
  }
  return module.exports;
}

function bytecode(filename) {
  try {
    return readFileSync(`${filename}.cache`);
  } catch {
    return undefined;
  }
}

function requireBundle(id) {
  return id.startsWith('./') ? load(id.slice(2)) : require(id);
}

load('program.cjs');
