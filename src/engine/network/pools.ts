import { type Cidr, contains, overlaps, parseCidr, parseIp } from '../../cni/cidr.ts';
import { invalid } from '../../docker/errors.ts';
import type { IpamConfig } from './create.ts';

/** The flags of `network create` that say which addresses; auxiliary ones by name. */
export interface PoolFlags {
  subnets: readonly string[];
  gateways: readonly string[];
  ranges: readonly string[];
  auxAddresses: Readonly<Record<string, string>>;
}

/**
 * `IPAM.Config` of the create body: each gateway, range and auxiliary address goes to the subnet it lies in.
 * @throws DockerError `invalid`, in the words of docker's command line
 */
export function poolConfigs({ subnets, gateways, ranges, auxAddresses }: PoolFlags): IpamConfig[] {
  if (subnets.length === 0 && (gateways.length > 0 || ranges.length > 0)) {
    throw invalid('every ip-range or gateway must have a corresponding subnet');
  }
  const pools = subnets.map((Subnet) => ({ block: block(Subnet), config: { Subnet } as IpamConfig }));
  for (const [i, pool] of pools.entries()) {
    if (pools.slice(0, i).some((other) => overlaps(other.block, pool.block))) {
      throw invalid('multiple overlapping subnet configuration is not supported');
    }
  }
  const poolOf = (address: string, complaint: string): IpamConfig => {
    const ip = parseIp(address.split('/')[0] ?? '');
    const pool = ip && pools.find((candidate) => contains(candidate.block, ip));
    if (!pool) throw invalid(complaint);
    return pool.config;
  };
  for (const range of ranges) {
    const config = poolOf(range, `no matching subnet for range ${range}`);
    if (config.IPRange) {
      throw invalid(
        `cannot configure multiple ranges (${range}, ${config.IPRange}) on the same subnet (${config.Subnet})`,
      );
    }
    config.IPRange = range;
  }
  for (const gateway of gateways) {
    const config = poolOf(gateway, `no matching subnet for gateway ${gateway}`);
    if (config.Gateway) {
      throw invalid(
        `cannot configure multiple gateways (${gateway}, ${config.Gateway}) for the same subnet (${config.Subnet})`,
      );
    }
    config.Gateway = gateway;
  }
  for (const [name, address] of Object.entries(auxAddresses)) {
    const config = poolOf(address, `no matching subnet for aux-address ${address}`);
    config.AuxiliaryAddresses = { ...config.AuxiliaryAddresses, [name]: address };
  }
  return pools.map(({ config }) => config);
}

function block(subnet: string): Cidr {
  const parsed = parseCidr(subnet);
  if (!parsed) throw invalid(`invalid CIDR address: ${subnet}`);
  return parsed;
}
