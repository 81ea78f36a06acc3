import { runCommandLine } from './cli/session.ts';
import { commandTable } from './commands/index.ts';

// The launchers hide these from the runtime, which would load a file at each start, or somebody's code; containers and
// the programs that we start may ask for them.
const { NERDCTL_EXTRA_CA_CERTS: certificates } = process.env;
if (certificates !== undefined) process.env.NODE_EXTRA_CA_CERTS ??= certificates;
const hidden = 'NERDCTL_HIDDEN_';
for (const name in process.env) {
  if (!name.startsWith(hidden)) continue;
  const value = process.env[name];
  delete process.env[name];
  if (value) process.env[name.slice(hidden.length)] = value;
  else delete process.env[name.slice(hidden.length)];
}

// For a command that ends without an answer because nothing is left to wait for.
process.exitCode = 1;

// All output has been written by now: a forgotten handle must not keep the shell waiting.
runCommandLine(process.argv.slice(2), commandTable).then((exitCode) => process.exit(exitCode));
