import { DockerError } from '../../docker/errors.ts';
import type { SpecInput } from './input.ts';
import type { DeviceRule } from './oci.ts';

const allow = (major: number, minor: number): DeviceRule => ({ allow: true, type: 'c', major, minor, access: 'rwm' });

/** docker's defaults: zero, null, urandom, random, tty, console; fuse has to be asked for. runc adds ptys and mknod. */
const defaultRules: readonly DeviceRule[] = [
  { allow: false, access: 'rwm' },
  allow(1, 5),
  allow(1, 3),
  allow(1, 9),
  allow(1, 8),
  allow(5, 0),
  allow(5, 1),
  { allow: false, type: 'c', major: 10, minor: 229, access: 'rwm' },
];

/** The device controller's rules, in order: the last match decides. */
export function deviceRules(input: SpecInput): DeviceRule[] {
  if (input.hostConfig.Privileged) return [{ allow: true, access: 'rwm' }];
  return [
    ...defaultRules.map((rule) => ({ ...rule })),
    ...input.devices.map((entry) => entry.rule),
    ...(input.hostConfig.DeviceCgroupRules ?? []).map(parseDeviceRule),
  ];
}

/** `c 42:* rmw`, the form of `--device-cgroup-rule`. */
export function parseDeviceRule(text: string): DeviceRule {
  const match = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(text);
  if (!match) throw new DockerError('invalid', `invalid device cgroup rule format: '${text}'`);
  const [, type, major, minor, access] = match;
  // runc reads -1 as every number; an absent field means the same but docker writes -1.
  const number = (value: string | undefined) => (value === '*' ? -1 : Number(value));
  return { allow: true, type, major: number(major), minor: number(minor), access };
}
