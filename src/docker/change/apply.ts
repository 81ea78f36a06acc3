import { invalid } from '../errors.ts';
import { parsePublish } from '../flags/ports.ts';
import type { OciImageConfig } from '../oci.ts';
import { quote } from '../values/go-quote.ts';
import { signalNumber } from '../values/signals.ts';
import { expandWord, expandWords } from './expand.ts';
import { flagsOf, parseHealthcheck } from './health.ts';
import { type Instruction, jsonStrings, parseInstructions, parseLine, quotedWords } from './lines.ts';

interface Draft extends OciImageConfig {
  /** A new ENTRYPOINT takes an older CMD away, unless one of the instructions before it has set it. */
  cmdSet?: boolean;
}

type Apply = (draft: Draft, instruction: Instruction) => void;

/** What `commit --change` and `import --change` may change. */
const instructions: Readonly<Record<string, Apply>> = {
  cmd: (draft, instruction) => {
    draft.Cmd = commandOf(draft, instruction);
    draft.cmdSet = true;
  },
  entrypoint: (draft, instruction) => {
    const command = instruction.rest === '' ? [] : commandOf(draft, instruction);
    draft.Entrypoint = command.length === 0 ? null : command;
    if (!draft.cmdSet) draft.Cmd = null;
  },
  env: (draft, instruction) => {
    const names = pairsOf(draft, instruction);
    const env = [...(draft.Env ?? [])];
    for (const [name, value] of names) {
      const at = env.findIndex((each) => each.split('=', 1)[0] === name);
      env.splice(at < 0 ? env.length : at, 1, `${name}=${value}`);
    }
    draft.Env = env;
  },
  expose: (draft, instruction) => {
    const words = instruction.rest.split(/\s+/).filter(Boolean);
    if (words.length === 0) throw invalid('EXPOSE requires at least one argument');
    const ports = words.flatMap((word) => expandWords(word, draft.Env ?? []));
    draft.ExposedPorts = { ...draft.ExposedPorts, ...parsePublish(ports).ExposedPorts };
  },
  healthcheck: (draft, instruction) => {
    draft.Healthcheck = parseHealthcheck(instruction);
  },
  label: (draft, instruction) => {
    draft.Labels = { ...draft.Labels, ...Object.fromEntries(pairsOf(draft, instruction)) };
  },
  onbuild: (draft, { rest, line }) => {
    if (rest === '') throw invalid('ONBUILD requires at least one argument');
    const trigger = parseLine(rest).name.toUpperCase();
    if (trigger === 'ONBUILD') throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (trigger === 'FROM' || trigger === 'MAINTAINER') {
      throw invalid(`${trigger} isn't allowed as an ONBUILD trigger`);
    }
    draft.OnBuild = [...(draft.OnBuild ?? []), line.replace(/^\s*ONBUILD\s*/i, '').trimEnd()];
  },
  stopsignal: (draft, instruction) => {
    const signal = oneWord(draft, instruction);
    signalNumber(signal);
    draft.StopSignal = signal;
  },
  user: (draft, instruction) => {
    draft.User = oneWord(draft, instruction);
  },
  volume: (draft, { rest }) => {
    const words = jsonStrings(rest) ?? rest.split(/\s+/).filter(Boolean);
    if (words.length === 0) throw invalid('VOLUME requires at least one argument');
    const volumes = words.map((word) => expandWord(word, draft.Env ?? []).trim());
    if (volumes.includes('')) throw invalid('VOLUME specified can not be an empty string');
    draft.Volumes = { ...draft.Volumes, ...Object.fromEntries(volumes.map((path) => [path, {}])) };
  },
  workdir: (draft, instruction) => {
    const path = oneWord(draft, instruction);
    draft.WorkingDir = path.startsWith('/') ? path : joinPath(draft.WorkingDir ?? '', path);
  },
};

/**
 * An image's configuration after the instructions of --change, which are read like one Dockerfile.
 * @throws DockerError `invalid` in the words of docker's builder
 */
export function applyChanges(config: OciImageConfig, changes: readonly string[]): OciImageConfig {
  if (changes.length === 0) return config;
  const list = parseInstructions(changes.join('\n'));
  if (list.length === 0) throw invalid('file with no instructions');
  const unknown = list.find(({ name }) => !Object.hasOwn(instructions, name));
  if (unknown) throw invalid(`${unknown.name} is not a valid change command`);
  const draft: Draft = { ...config };
  for (const instruction of list) {
    if (instruction.name !== 'healthcheck') flagsOf(instruction, []);
    instructions[instruction.name]!(draft, instruction);
  }
  delete draft.cmdSet;
  return draft;
}

/** A list in JSON's form is the command; other text is what a shell runs. */
function commandOf(draft: Draft, { rest }: Instruction): string[] {
  const shell = draft.Shell && draft.Shell.length > 0 ? draft.Shell : ['/bin/sh', '-c'];
  return jsonStrings(rest) ?? [...shell, ...(rest === '' ? [] : [rest])];
}

function oneWord(draft: Draft, { name, rest }: Instruction): string {
  if (rest === '') throw invalid(`${name.toUpperCase()} requires exactly one argument`);
  return expandWord(rest, draft.Env ?? []);
}

/** `name=value …`, or the old `name value with blanks`. */
function pairsOf(draft: Draft, { name, rest }: Instruction): [name: string, value: string][] {
  const what = name.toUpperCase();
  const words = quotedWords(rest);
  if (words[0] === undefined) throw invalid(`${what} requires at least one argument`);
  const pairs = words[0].includes('=') ? words.map(splitPair) : [oldPair(what, rest)];
  const expanded = pairs.map(([key, value]): [string, string] => [
    expandWord(key, draft.Env ?? []),
    expandWord(value, draft.Env ?? []),
  ]);
  if (expanded.some(([key]) => key === '')) throw invalid(`${what} names can not be blank`);
  return expanded;
}

function splitPair(word: string): [string, string] {
  const equals = word.indexOf('=');
  if (equals < 0) throw invalid(`Syntax error - can't find = in ${quote(word)}. Must be of the form: name=value`);
  return [word.slice(0, equals), word.slice(equals + 1)];
}

function oldPair(what: string, rest: string): [string, string] {
  const [, key = '', value] = /^(\S+)\s+([\s\S]+)$/.exec(rest) ?? [];
  if (value === undefined) throw invalid(`${what} must have two arguments`);
  return [key, value];
}

/** Go's path.Join below the root. */
function joinPath(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
