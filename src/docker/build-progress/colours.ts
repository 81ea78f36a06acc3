/** The escape sequences that start the colour of a line; empty for none. */
export interface BuildColours {
  done: string;
  cancelled: string;
  failed: string;
}

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

const keys: Record<string, keyof BuildColours> = { run: 'done', cancel: 'cancelled', error: 'failed' };

/**
 * BUILDKIT_COLORS, `run=green:error=255,0,0:cancel=light-red`, over buildx's own colours. What is none is left out.
 * @param noColour NO_COLOR is set: none at all
 */
export function buildColours(setting = '', noColour = false): BuildColours {
  if (noColour) return { done: '', cancelled: '', failed: '' };
  const colours = { done: named('blue')!, cancelled: named('yellow')!, failed: named('red')! };
  for (const field of setting.split(':')) {
    const [key = '', value = '', ...rest] = field.replaceAll('"', '').toLowerCase().split('=');
    const target = keys[key];
    const colour = named(value) ?? rgb(value);
    if (target !== undefined && colour !== undefined && rest.length === 0) colours[target] = colour;
  }
  return colours;
}

function named(name: string): string | undefined {
  if (name === 'default') return '\x1b[39m';
  const light = name.startsWith('light-');
  const index = names.indexOf(name.slice(light ? 'light-'.length : 0));
  return index < 0 ? undefined : `\x1b[${(light ? 90 : 30) + index}m`;
}

/** The nearest of the 256 colours. */
function rgb(value: string): string | undefined {
  if (!/^\d{1,3},\d{1,3},\d{1,3}$/.test(value)) return undefined;
  const parts = value.split(',').map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  const [red, green, blue] = parts.map((part) => Math.floor(part / 43)) as [number, number, number];
  return `\x1b[38;5;${16 + 36 * red + 6 * green + blue}m`;
}
