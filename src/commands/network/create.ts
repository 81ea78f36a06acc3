import { defineCommand, exactly, StatusError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { parseKeyValues } from '../../docker/flags/options.ts';
import { createNetwork, type IpamConfig } from '../../engine/network/create.ts';
import { type PoolFlags, poolConfigs } from '../../engine/network/pools.ts';

export const command = defineCommand({
  use: 'create [OPTIONS] NETWORK',
  short: 'Create a network',
  args: exactly(1),
  flags: {
    attachable: { type: 'bool', help: 'Enable manual container attachment' },
    'aux-address': {
      type: 'array',
      value: 'map',
      defaultText: 'map[]',
      help: 'Auxiliary IPv4 or IPv6 addresses used by Network driver',
    },
    driver: {
      type: 'string',
      short: 'd',
      default: 'bridge',
      complete: 'bridge|ipvlan|macvlan',
      help: 'Driver to manage the Network',
    },
    gateway: { type: 'slice', value: 'strings', help: 'IPv4 or IPv6 Gateway for the master subnet' },
    internal: { type: 'bool', help: 'Restrict external access to the network' },
    'ip-range': { type: 'slice', value: 'strings', help: 'Allocate container ip from a sub-range' },
    'ipam-driver': {
      type: 'string',
      default: 'default',
      complete: 'default|dhcp',
      help: 'IP Address Management Driver',
    },
    'ipam-opt': { type: 'array', value: 'map', defaultText: 'map[]', help: 'Set IPAM driver specific options' },
    ipv4: { type: 'bool', default: true, help: 'Enable or disable IPv4 address assignment' },
    ipv6: { type: 'bool', help: 'Enable or disable IPv6 address assignment' },
    label: { type: 'array', value: 'list', help: 'Set metadata on a network' },
    opt: { type: 'array', short: 'o', value: 'map', defaultText: 'map[]', help: 'Set driver specific options' },
    scope: { type: 'string', hidden: true, help: "Control the network's scope" },
    subnet: { type: 'slice', value: 'strings', help: 'Subnet in CIDR format that represents a network segment' },
  },
  run: async (cli, [name = ''], flags) => {
    const Config = checkedPools({
      subnets: flags.subnet,
      gateways: flags.gateway,
      ranges: flags['ip-range'],
      auxAddresses: parseKeyValues(flags['aux-address']),
    });
    const id = await createNetwork(await cli.engine(), {
      Name: name,
      Driver: flags.driver,
      Internal: flags.internal,
      Attachable: flags.attachable,
      EnableIPv4: flags.ipv4,
      EnableIPv6: flags.ipv6,
      IPAM: { Driver: flags['ipam-driver'], Config, Options: parseKeyValues(flags['ipam-opt']) },
      Options: parseKeyValues(flags.opt),
      Labels: parseKeyValues(flags.label),
    });
    cli.stdout.write(`${id}\n`);
  },
});

/** docker's command line finds these mistakes itself, and says so without naming the daemon. */
function checkedPools(flags: PoolFlags): IpamConfig[] {
  try {
    return poolConfigs(flags);
  } catch (error) {
    throw isDockerError(error, 'invalid') ? new StatusError(1, error.message) : error;
  }
}
