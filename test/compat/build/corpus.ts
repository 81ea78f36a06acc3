import { add } from './add.ts';
import { args } from './arguments.ts';
import type { BuildCase } from './case.ts';
import { config } from './config.ts';
import { contexts } from './contexts.ts';
import { copy } from './copy.ts';
import { failures } from './failures.ts';
import { mounts } from './mounts.ts';
import { names } from './names.ts';
import { options } from './options.ts';
import { outputs } from './outputs.ts';
import { run } from './run.ts';
import { stages } from './stages.ts';
import { wrongFlags } from './wrong-flags.ts';

export const corpus: Record<string, BuildCase[]> = {
  stages,
  run,
  mounts,
  copy,
  add,
  config,
  arguments: args,
  contexts,
  names,
  options,
  outputs,
  failures,
  'wrong flags': wrongFlags,
};
