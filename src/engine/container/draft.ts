import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { CreateBody } from '../../docker/api.ts';
import { signalNumber } from '../../docker/values/signals.ts';
import type { HostConfig } from '../../runtime/spec/input.ts';
import { processArgs } from '../../runtime/spec/process.ts';
import { checkHostConfig } from '../../runtime/spec/validate.ts';
import type { Engine } from '../engine.ts';
import type { ImageView } from '../image/store.ts';
import { type NetworkPlan, resolveNetworks } from '../network/mode.ts';
import { readDockerRecord } from './docker-record.ts';
import { machineLimits } from './limits.ts';
import { type LogSettings, logSettings } from './log-config.ts';
import { type ContainerConfig, mergeConfig } from './merge-config.ts';
import { checkContainerName, defaultContainerName } from './names.ts';

export interface CreateRequest {
  /** Without it Go nerdctl's default: the image's last path element and the start of the ID. */
  name?: string;
  body: CreateBody;
  image: ImageView;
  /** `--cidfile`, `--pidfile`: what docker's create body has no field for. */
  idFile?: string;
  pidFile?: string;
}

/** A container that is decided on, with nothing done yet. */
export interface ContainerDraft {
  id: string;
  name: string;
  stateDir: string;
  created: Date;
  image: ImageView;
  config: ContainerConfig;
  hostConfig: HostConfig;
  network: NetworkPlan;
  log: LogSettings;
  pidFile?: string;
  /** What the machine cannot do and was left out. */
  warnings: string[];
}

/** Everything that can be refused before the first side effect. */
export async function draftContainer(engine: Engine, request: CreateRequest): Promise<ContainerDraft> {
  const { body, image } = request;
  const id = randomBytes(32).toString('hex');
  const name = request.name?.replace(/^\//, '') || defaultContainerName(body.Image ?? '', id);
  if (request.name) checkContainerName(name);
  const { hostConfig, warnings } = checkHostConfig(body, body.HostConfig, machineLimits(engine));
  const endpoints = body.NetworkingConfig?.EndpointsConfig ?? {};
  const network = await resolveNetworks(engine, hostConfig.NetworkMode, endpoints as never, body.MacAddress);
  const config = mergeConfig(body, image.config.config ?? {}, defaultHostname(engine, id, network, hostConfig));
  // Thrown away: they say now whether there is anything to run, and a way to stop it.
  processArgs({}, config);
  if (config.StopSignal) signalNumber(config.StopSignal);
  return {
    id,
    name,
    stateDir: join(engine.store.containers, id),
    created: new Date(),
    image,
    config,
    hostConfig,
    network,
    log: logSettings(hostConfig.LogConfig),
    pidFile: request.pidFile,
    warnings,
  };
}

/** Docker's: the short ID, or the name that the shared namespace has already. */
function defaultHostname(engine: Engine, id: string, network: NetworkPlan, hostConfig: HostConfig): string {
  if (network.kind === 'container') {
    const target = readDockerRecord(join(engine.store.containers, network.id));
    return target?.Config.Hostname ?? network.id.slice(0, 12);
  }
  return network.kind === 'host' || hostConfig.UTSMode === 'host' ? hostname() : id.slice(0, 12);
}
