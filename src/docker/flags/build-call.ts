import { invalid } from '../errors.ts';
import { quote } from '../values/go-quote.ts';
import { parseGoBool } from './bool.ts';
import { parseCsvLine } from './csv.ts';

/** What --call asks the frontend for in place of a build. */
export interface BuildCall {
  /** `lint`, `outline`, `targets`, `subrequests.describe` or another that the frontend knows. */
  name: string;
  format: string;
  /** The result's status is not the exit code. */
  ignoreStatus: boolean;
}

/**
 * The value of --call, `METHOD[,format=…][,ignorestatus=…]`.
 * @returns undefined for a build
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseBuildCall(value: string): BuildCall | undefined {
  if (value === '') return undefined;
  const call: BuildCall = { name: '', format: '', ignoreStatus: false };
  for (const field of parseCsvLine(value)) {
    const equals = field.indexOf('=');
    const key = field.slice(0, Math.max(equals, 0));
    const text = field.slice(equals + 1);
    if (equals < 0) {
      if (call.name !== '') throw invalid(`invalid print value: ${value}`);
      call.name = field;
    } else if (key === 'format') call.format = text;
    else if (key === 'ignorestatus') call.ignoreStatus = ignoreStatus(text);
    else throw invalid(`invalid print field: ${field}`);
  }
  if (call.name === 'check') call.name = 'lint';
  return call.name === 'build' ? undefined : call;
}

function ignoreStatus(text: string): boolean {
  const parsed = parseGoBool(text);
  if (parsed !== undefined) return parsed;
  throw invalid(`invalid ignorestatus print value: ${text}: strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
}
