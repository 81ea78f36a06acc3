import { fill } from './fill.ts';

/** What `volume inspect` shows (`GET /volumes/NAME`). */
export interface VolumeInspect {
  /** RFC 3339, whole seconds. */
  CreatedAt: string;
  Driver: string;
  Labels: Record<string, string> | null;
  Mountpoint: string;
  Name: string;
  Options: Record<string, string> | null;
  Scope: string;
}

export function volumeInspect(given: Partial<VolumeInspect>): VolumeInspect {
  const zero: VolumeInspect = {
    CreatedAt: '',
    Driver: 'local',
    Labels: null,
    Mountpoint: '',
    Name: '',
    Options: null,
    Scope: 'local',
  };
  const nils = { Labels: 'map[string]string', Options: 'map[string]string' };
  return fill({ name: '*volume.Volume', nils }, zero, given);
}
