import type { CreateBody } from '../../docker/api.ts';
import type { OciImageConfig } from '../../docker/oci.ts';
import type { ConfigView } from '../../docker/views/container-config.ts';
import { mergeCommand, mergeEnv } from '../../runtime/spec/process.ts';

/** `Config` of docker's container inspect: the create body's, completed from the image's. */
export type ContainerConfig = ConfigView & { Env: string[]; Labels: Record<string, string> };

/**
 * Docker's merge: what the user gives wins; variables, labels, ports and volumes are united; a new entrypoint drops the
 * image's command.
 */
export function mergeConfig(body: CreateBody, image: OciImageConfig, hostname: string): ContainerConfig {
  const exposed = { ...image.ExposedPorts, ...body.ExposedPorts };
  const volumes = { ...image.Volumes, ...body.Volumes };
  return {
    Hostname: body.Hostname || hostname,
    Domainname: body.Domainname ?? '',
    User: body.User || image.User || '',
    AttachStdin: body.AttachStdin ?? false,
    AttachStdout: body.AttachStdout ?? false,
    AttachStderr: body.AttachStderr ?? false,
    ...(Object.keys(exposed).length > 0 ? { ExposedPorts: exposed } : {}),
    Tty: body.Tty ?? false,
    OpenStdin: body.OpenStdin ?? false,
    StdinOnce: body.StdinOnce ?? false,
    Env: mergeEnv(image.Env, body.Env),
    ...mergeCommand(image, body),
    Image: body.Image ?? '',
    Volumes: Object.keys(volumes).length > 0 ? volumes : null,
    WorkingDir: body.WorkingDir || image.WorkingDir || '',
    OnBuild: null,
    Labels: { ...image.Labels, ...body.Labels },
    ...(body.StopSignal || image.StopSignal ? { StopSignal: body.StopSignal || image.StopSignal } : {}),
    ...(body.StopTimeout === undefined ? {} : { StopTimeout: body.StopTimeout }),
  };
}
