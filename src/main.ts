import { runCommandLine } from './cli/session.ts';
import { commandTable } from './commands/index.ts';

// The launcher hides it from Node, which would load the file at each start; containers and children may ask for it.
const { NERDCTL_EXTRA_CA_CERTS: certificates } = process.env;
if (certificates !== undefined) process.env.NODE_EXTRA_CA_CERTS ??= certificates;

// For a command that ends without an answer because nothing is left to wait for.
process.exitCode = 1;

// All output has been written by now: a forgotten handle must not keep the shell waiting.
runCommandLine(process.argv.slice(2), commandTable).then((exitCode) => process.exit(exitCode));
