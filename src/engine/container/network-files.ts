import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeInPlace } from '../../host/files.ts';
import type { Container } from '../../runtime/containers.ts';
import type { SpecInput } from '../../runtime/spec/input.ts';
import type { Engine } from '../engine.ts';
import { hostGateway } from '../network/gateway.ts';
import { createHosts, hostsPath } from '../network/hosts.ts';
import { extraHostsMap } from '../network/hosts-file.ts';
import { containerResolvConf, hostResolvConf } from '../network/resolv-conf.ts';
import { stateDirOf } from './container-dir.ts';
import type { ContainerDraft } from './draft.ts';
import { findContainer } from './find.ts';
import { specOf } from './spec-record.ts';

/**
 * Writes the files that are bound on /etc/hosts, /etc/hostname and /etc/resolv.conf. A container that shares another's
 * network shares its files.
 */
export async function writeNetworkFiles(engine: Engine, draft: ContainerDraft): Promise<SpecInput['files']> {
  const { id, network, config, hostConfig, stateDir } = draft;
  if (network.kind === 'container') {
    return filesOf(engine, await findContainer(engine, network.id));
  }
  const { dns, dnsOpts, dnsSearch } = engine.settings;
  const resolvConf = containerResolvConf(
    hostResolvConf(engine.rootless?.resolvConf),
    {
      servers: pick(hostConfig.Dns, dns),
      search: pick(hostConfig.DnsSearch, dnsSearch),
      options: pick(hostConfig.DnsOptions, dnsOpts),
    },
    { ownNamespace: network.kind !== 'host', ipv6: false },
  );
  const base = network.kind === 'host' ? readFileSync('/etc/hosts', 'utf8') : '';
  const meta = {
    ID: id,
    Networks: {},
    Hostname: config.Hostname,
    ExtraHosts: extraHostsMap(hostConfig.ExtraHosts ?? [], hostGateway(engine)),
    Name: draft.name,
    Domainname: config.Domainname,
  };
  const files = { resolvConf: join(stateDir, 'resolv.conf'), hostname: join(stateDir, 'hostname') };
  const [hosts] = await Promise.all([
    createHosts(engine, meta, base),
    writeInPlace(files.resolvConf, resolvConf),
    writeInPlace(files.hostname, `${config.Hostname}\n`),
  ]);
  return { ...files, hosts };
}

function pick(own: string[] | undefined, fallback: string[]): string[] {
  return own && own.length > 0 ? own : fallback;
}

/** The files that a container has, its own or, in turn, those of the container whose network it shares. */
export function filesOf(engine: Engine, container: Container): Required<SpecInput['files']> {
  const { mounts = [] } = specOf(container);
  const stateDir = stateDirOf(engine, container);
  const bound = (path: string) => mounts.find((mount) => mount.destination === path)?.source;
  return {
    hosts: bound('/etc/hosts') ?? hostsPath(engine, container.id),
    resolvConf: bound('/etc/resolv.conf') ?? join(stateDir, 'resolv.conf'),
    hostname: bound('/etc/hostname') ?? join(stateDir, 'hostname'),
  };
}
