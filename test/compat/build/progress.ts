/** What a plain progress says, without what is different each time. */
export interface Progress {
  /** For each build, each step by its name: what it printed, how it went, and how it ended. */
  builds: Record<string, Step>[];
  /** What stands after or between the steps: the summary of an error, warnings. */
  rest: string[];
}

interface Step {
  times: number;
  /** The lines of the command that ran, in their order. */
  log: string[];
  /** What was transferred, exported, resolved …: in which order they end is chance. */
  status: string[];
  end: string[];
}

const header = /^#(\d+) (.*)$/s;
/** What Go's library says of a connection that buildx closes. */
const noise = /^\d{4}\/\d\d\/\d\d [\d:]+ http2: /;
/** Whether a source was there already is chance: the other program, or another case, may just have asked for it. */
const isSource = /^FROM |^\[(internal|context)|(ADD .*(http|URL)|WORKDIR )|^copy \/context/;
const noTime = (text: string) => text.replaceAll(/ \d+(\.\d+)?s\b/g, '');

/** Digests, sizes, the ids of what the daemon keeps, and the stage that a base was first asked for by: builds share it. */
function normalise(text: string): string {
  return text
    .replace(/^\[[^\]]*\] (?=FROM )/, '')
    .replaceAll(/\bref \w{20,}::\w{20,}/g, 'ref ID')
    .replaceAll(/\/buildkit\d+\b/g, '/buildkitN')
    .replaceAll(/\.tmp-(\D+)\d{6,}/g, '.tmp-$1N')
    .replaceAll(/\b(sha256:)?[0-9a-f]{64}\b/g, 'DIGEST')
    .replaceAll(/\blocal:\d+|local:\w{10,}/g, 'local:ID')
    .replaceAll(/\b[\d.]+ ?[kMG]?i?B\b( \/ [\d.]+ ?[kMG]?i?B\b)?/g, 'SIZE')
    .replaceAll(/127\.0\.0\.1:\d{4,}/g, 'SERVER');
}

/** @param text stderr of builds with --progress=plain, with `==` between them */
export function readProgress(text: string): Progress {
  const progress: Progress = { builds: [], rest: [] };
  let steps = new Map<string, string>();
  let build: Record<string, Step> = {};
  progress.builds.push(build);
  for (const line of text.split('\n')) {
    const [, number, words = ''] = header.exec(line) ?? [];
    if (line.startsWith('==')) {
      steps = new Map();
      build = {};
      progress.builds.push(build);
    }
    if (number === undefined) {
      if (line !== '' && !noise.test(line)) progress.rest.push(normalise(line.replace(/^\d+\.\d+ /, '')));
      continue;
    }
    // buildx says here which of its drivers it builds with.
    if (number === '0') continue;
    const name = steps.get(number);
    if (name === undefined) {
      const key = normalise(words);
      steps.set(number, key);
      const known = build[key];
      if (known) known.times++;
      else build[key] = { times: 1, log: [], status: [], end: [] };
      continue;
    }
    const step = build[name]!;
    const log = /^\d+\.\d{3} (.*)$/s.exec(words);
    if (words === '...' || normalise(words) === name) continue;
    if (log) step.log.push(log[1]!);
    else if (/^(DONE|CACHED|CANCELED|ERROR)/.test(words)) step.end.push(normalise(noTime(words)));
    else step.status.push(normalise(noTime(words)));
  }
  for (const each of progress.builds) settle(each);
  return progress;
}

function settle(build: Record<string, Step>): void {
  const fails = Object.values(build).some(({ end }) => end.some((word) => word.startsWith('ERROR')));
  for (const [key, step] of Object.entries(build)) {
    step.status = ended(step.status);
    // What git says of a fetch has the daemon's paths in it, and one of two builds fetches.
    if (/^\[internal\] load git source/.test(key)) step.log = [];
    // Where the others were when one failed is chance too.
    if (fails || isSource.test(key)) Object.assign(step, { times: 1, end: [...new Set(step.end.map(sourceEnd))] });
  }
}

/** How often something says that it is still going on depends on the time that it takes. */
function ended(status: readonly string[]): string[] {
  const all = new Set(status.filter((line) => !/^(extracting )?DIGEST/.test(line)));
  return [...all].filter((line) => ![...all].some((other) => other !== line && other.startsWith(line))).sort();
}

const sourceEnd = (end: string) => end.replace(/^(CACHED|CANCELED)$/, 'DONE');
