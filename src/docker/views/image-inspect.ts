import { zeroTime } from '../values/time.ts';
import { type ConfigView, configView } from './container-config.ts';
import { fill } from './fill.ts';

/** What `image inspect` shows (`GET /images/NAME/json`). */
export interface ImageInspect {
  /** `sha256:…` */
  Id: string;
  RepoTags: string[];
  RepoDigests: string[];
  Parent: string;
  Comment: string;
  /** RFC 3339. */
  Created: string;
  Container: string;
  ContainerConfig: ConfigView;
  DockerVersion: string;
  Author: string;
  Config: ConfigView;
  Architecture: string;
  Variant?: string;
  Os: string;
  OsVersion?: string;
  /** Bytes, unpacked. */
  Size: number;
  VirtualSize: number;
  GraphDriver: { Data: Record<string, string> | null; Name: string };
  RootFS: { Type: string; Layers?: string[] };
  Metadata: { LastTagTime: string };
}

export type PartialImageInspect = Partial<Omit<ImageInspect, 'Config' | 'ContainerConfig'>> & {
  Config?: Partial<ConfigView>;
  ContainerConfig?: Partial<ConfigView>;
};

export function imageInspect(given: PartialImageInspect): ImageInspect {
  const ContainerConfig = configView(given.ContainerConfig);
  const Config = configView(given.Config);
  const zero: ImageInspect = {
    Id: '',
    RepoTags: [],
    RepoDigests: [],
    Parent: '',
    Comment: '',
    Created: '',
    Container: '',
    ContainerConfig,
    DockerVersion: '',
    Author: '',
    Config,
    Architecture: '',
    Variant: undefined,
    Os: '',
    OsVersion: undefined,
    Size: 0,
    VirtualSize: given.Size ?? 0,
    GraphDriver: { Data: null, Name: '' },
    RootFS: { Type: 'layers', Layers: [] },
    Metadata: { LastTagTime: zeroTime },
  };
  const nils = { Variant: 'string', OsVersion: 'string' };
  return fill({ name: '*image.InspectResponse', nils }, zero, { ...given, ContainerConfig, Config });
}
