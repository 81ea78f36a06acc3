import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { isDockerError } from '../../../src/docker/errors.ts';
import { parseCpus } from '../../../src/docker/flags/cpus.ts';
import {
  parseDevice,
  parseThrottleBps,
  parseThrottleIops,
  parseWeightDevice,
} from '../../../src/docker/flags/device.ts';
import { mergeEnv, parseEnv, parseLabels } from '../../../src/docker/flags/env.ts';
import { parseExtraHost } from '../../../src/docker/flags/extra-host.ts';
import { parseMountFlag } from '../../../src/docker/flags/mount.ts';
import { parseNetworkFlags } from '../../../src/docker/flags/network.ts';
import {
  parseAttachStream,
  parseDnsSearch,
  parseDnsServer,
  parseLogOpts,
  parseSecurityOpts,
  parseSysctl,
} from '../../../src/docker/flags/options.ts';
import { parseExpose, parsePublish } from '../../../src/docker/flags/ports.ts';
import { parseRestartPolicy } from '../../../src/docker/flags/restart-policy.ts';
import { parseUlimits } from '../../../src/docker/flags/ulimit.ts';
import { parseVolumeFlags } from '../../../src/docker/flags/volumes.ts';
import { parseMemory } from '../../../src/docker/values/units.ts';

/** What the docker CLI (28.2) sent to the daemon for `docker create --flag=value…`, or the sentence it refused it with. */
interface Case {
  values: string[];
  result?: unknown;
  error?: string;
}
const golden: Record<string, Case[]> = JSON.parse(
  readFileSync(new URL('../../golden/docker-create-flags.json', import.meta.url), 'utf8'),
);

const absolute = (path: string): string => resolve('/cwd', path);
const first = <T>(parse: (value: string) => T): ((values: string[]) => T) => {
  return (values) => parse(values[0] ?? '');
};
const each = <T>(parse: (value: string) => T): ((values: string[]) => T[]) => {
  return (values) => values.map(parse);
};

const parsers: Record<string, (values: string[]) => unknown> = {
  publish: parsePublish,
  expose: parseExpose,
  volume: (values) => parseVolumeFlags(values, absolute),
  mount: first((value) => parseMountFlag(value, absolute)),
  env: (values) => mergeEnv(values.map((value) => parseEnv(value, (name) => (name === 'KEEP' ? 'kept' : undefined)))),
  label: (values) => parseLabels([], values),
  'add-host': each(parseExtraHost),
  ulimit: parseUlimits,
  device: each(parseDevice),
  restart: first(parseRestartPolicy),
  'log-opt': (values) => parseLogOpts('json-file', values),
  'security-opt': (values) => parseSecurityOpts(values, () => '{}'),
  memory: first(parseMemory),
  cpus: first(parseCpus),
  'blkio-weight-device': each(parseWeightDevice),
  'device-read-bps': each(parseThrottleBps),
  'device-write-iops': each(parseThrottleIops),
  sysctl: (values) => Object.fromEntries(values.map(parseSysctl)),
  dns: each(parseDnsServer),
  'dns-search': each(parseDnsSearch),
  attach: (values) => {
    const streams = values.map(parseAttachStream);
    return (['stdin', 'stdout', 'stderr'] as const).map((stream) => streams.includes(stream));
  },
  network: (values) => parseNetworkFlags(values),
};

for (const [flag, parse] of Object.entries(parsers)) {
  test(`--${flag} as docker reads it`, () => {
    assert.ok((golden[flag]?.length ?? 0) > 0);
    for (const { values, result, error } of golden[flag] ?? []) {
      let actual: unknown;
      try {
        actual = { result: parse(values) };
      } catch (thrown) {
        assert.ok(isDockerError(thrown, 'invalid'), `${values}: ${thrown}`);
        actual = { error: thrown.message };
      }
      assert.deepEqual(actual, error === undefined ? { result } : { error }, `--${flag} ${JSON.stringify(values)}`);
    }
  });
}
