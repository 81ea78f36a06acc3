import { DockerError } from '../../docker/errors.ts';

/** What docker's `-o/--opt` of bridge, macvlan and ipvlan networks say. */
export interface DriverOptions {
  link?: string;
  mode?: string;
  mtu?: number;
  masquerade: boolean;
  icc: boolean;
}

/** Each option by docker's key, and by the short one that Go nerdctl also takes. */
const setters: Record<string, (options: DriverOptions, value: string, key: string) => void> = {
  'com.docker.network.bridge.name': setBridgeName,
  'com.docker.network.driver.mtu': setMtu,
  mtu: setMtu,
  'com.docker.network.bridge.enable_icc': setIcc,
  icc: setIcc,
  'com.docker.network.bridge.enable_ip_masquerade': setMasquerade,
  'ip-masq': setMasquerade,
  parent: (options, value) => {
    options.link = value;
  },
  mode: setMode,
  macvlan_mode: setMode,
  ipvlan_mode: setMode,
};

/** Options that change nothing here are kept for inspect, as docker keeps those of its drivers. */
export function driverOptions(values: Readonly<Record<string, string>>): DriverOptions {
  const options: DriverOptions = { masquerade: true, icc: true };
  for (const [key, value] of Object.entries(values)) setters[key]?.(options, value, key);
  return options;
}

function setBridgeName(options: DriverOptions, value: string): void {
  // IFNAMSIZ is 16 with the final NUL.
  if (!/^[^\s/:]{1,15}$/.test(value) || value === '.' || value === '..') {
    throw new DockerError('invalid', `invalid bridge name "${value}": an interface name has 1 to 15 characters`);
  }
  options.link = value;
}

function setMtu(options: DriverOptions, value: string, key: string): void {
  const mtu = Number(value);
  if (!/^\d+$/.test(value) || mtu > 65535) {
    throw new DockerError('invalid', `invalid value for option "${key}": "${value}" is not an MTU`);
  }
  options.mtu = mtu || undefined;
}

function setIcc(options: DriverOptions, value: string, key: string): void {
  options.icc = boolean(value, key);
}

function setMasquerade(options: DriverOptions, value: string, key: string): void {
  options.masquerade = boolean(value, key);
}

function setMode(options: DriverOptions, value: string): void {
  options.mode = value;
}

function boolean(value: string, key: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new DockerError('invalid', `invalid value for option "${key}": "${value}" is not true or false`);
}
