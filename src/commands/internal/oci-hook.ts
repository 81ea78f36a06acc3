import { text } from 'node:stream/consumers';
import { defineCommand, exactly, StatusError } from '../../cli/command.ts';
import { type HookState, joinByHook, leaveByHook } from '../../engine/container/go-hook.ts';
import { label } from '../../engine/container/labels.ts';
import { openEngine } from '../../engine/open.ts';

const events = new Map([
  ['createRuntime', joinByHook],
  ['postStop', leaveByHook],
]);

/** What the specs of Go nerdctl's containers name as their hook, with the runtime's state on standard input. */
export const command = defineCommand({
  use: 'oci-hook EVENT',
  short: 'Join or leave the networks of a container',
  args: exactly(1),
  flags: {},
  run: async (cli, [event]) => {
    const handle = events.get(event!);
    if (!handle) throw new StatusError(1, `unexpected event ${JSON.stringify(event)}`);
    const state = JSON.parse(await text(cli.stdin)) as HookState;
    // The hook's arguments leave out what was in the creator's environment.
    const namespace = state.annotations?.[label.namespace] ?? cli.settings.namespace;
    const { engine, close } = openEngine({ ...cli.settings, namespace }, cli.signal);
    try {
      await handle(engine, state);
    } finally {
      close();
    }
  },
});
