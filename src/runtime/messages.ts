import type { Decoder } from './rpc.ts';

/** The message with every field that `init` leaves out at its protobuf default, as encoding demands. */
export function complete<T extends object>(message: Decoder<T>, init: Partial<T>): T {
  const whole = message.decode(new Uint8Array(0));
  for (const [field, value] of Object.entries(init)) {
    if (value !== undefined) Object.assign(whole, { [field]: value });
  }
  return whole;
}
