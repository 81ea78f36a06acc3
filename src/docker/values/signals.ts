import { DockerError } from '../errors.ts';

/** Linux signals of x86, ARM and RISC-V, without the `SIG` prefix. Aliases come after the usual name of their number. */
const names: Record<string, number> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  UNUSED: 31,
};
const realtimeMin = 34;
const realtimeMax = 64;

/**
 * `9`, `KILL`, `sigkill`, `RTMIN+3` as a number.
 * @throws DockerError `invalid` `invalid signal: …`
 */
export function signalNumber(text: string): number {
  const number = lookUp(text);
  if (number === undefined) throw new DockerError('invalid', `invalid signal: ${text}`);
  return number;
}

function lookUp(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number >= 1 && number <= realtimeMax ? number : undefined;
  }
  const name = text.toUpperCase().replace(/^SIG/, '');
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (!realtime) return Object.hasOwn(names, name) ? names[name] : undefined;
  const offset = Number(`${realtime[2] ?? ''}${realtime[3] ?? 0}`);
  const number = (realtime[1] === 'MIN' ? realtimeMin : realtimeMax) + offset;
  return number >= realtimeMin && number <= realtimeMax ? number : undefined;
}

/** `SIGKILL` for 9; undefined for a number without a name. */
export function signalName(number: number): string | undefined {
  const name = Object.keys(names).find((key) => names[key] === number);
  if (name !== undefined) return `SIG${name}`;
  if (number < realtimeMin || number > realtimeMax) return undefined;
  return number === realtimeMin ? 'SIGRTMIN' : `SIGRTMIN+${number - realtimeMin}`;
}

/** The names without prefix, for completion. */
export function signalNames(): string[] {
  return Object.keys(names);
}
