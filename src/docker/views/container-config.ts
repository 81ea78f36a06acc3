import { fill } from './fill.ts';

/** `Config` of a container or image. */
export interface ConfigView {
  Hostname: string;
  Domainname: string;
  User: string;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  ExposedPorts?: Record<string, object>;
  Tty: boolean;
  OpenStdin: boolean;
  StdinOnce: boolean;
  Env: string[] | null;
  Cmd: string[] | null;
  /** Times in nanoseconds. */
  Healthcheck?: object;
  ArgsEscaped?: boolean;
  Image: string;
  Volumes: Record<string, object> | null;
  WorkingDir: string;
  Entrypoint: string[] | null;
  NetworkDisabled?: boolean;
  MacAddress?: string;
  OnBuild: string[] | null;
  Labels: Record<string, string> | null;
  StopSignal?: string;
  /** Seconds. */
  StopTimeout?: number;
  Shell?: string[];
}

const nils = {
  ExposedPorts: 'map[string]struct {}',
  Env: '[]string',
  Cmd: '[]string',
  Volumes: 'map[string]struct {}',
  Entrypoint: '[]string',
  MacAddress: 'string',
  OnBuild: '[]string',
  Labels: 'map[string]string',
  StopSignal: 'string',
  Shell: '[]string',
};

export function configView(given: Partial<ConfigView> = {}): ConfigView {
  const zero: ConfigView = {
    Hostname: '',
    Domainname: '',
    User: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    ExposedPorts: undefined,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: null,
    Cmd: null,
    Healthcheck: undefined,
    ArgsEscaped: undefined,
    Image: '',
    Volumes: null,
    WorkingDir: '',
    Entrypoint: null,
    NetworkDisabled: undefined,
    MacAddress: undefined,
    OnBuild: null,
    Labels: null,
    StopSignal: undefined,
    StopTimeout: undefined,
    Shell: undefined,
  };
  return fill({ name: '*container.Config', nils }, zero, given);
}
