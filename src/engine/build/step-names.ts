import type { StatusResponse } from '../../gen/moby/buildkit/v1/control.ts';
import { danglingName } from '../image/records.ts';
import type { PlannedExporter } from './exporters.ts';

type Rename = (status: StatusResponse) => StatusResponse;

/** An image that is exported in place has a name of ours at first: people see the ones it gets. */
export function renameSteps(exporters: readonly PlannedExporter[]): Rename {
  const places = exporters.map(({ result }) => result).filter((result) => result.kind === 'in-place');
  if (places.length === 0) return (status) => status;
  return (status) => ({
    ...status,
    statuses: status.statuses.flatMap((each) => {
      const [, verb = '', name = ''] = /^(naming|unpacking) to (nerdctl-build-.*)$/.exec(each.ID) ?? [];
      const place = places.find(({ prefix }) => name.startsWith(`${prefix}@`));
      if (!place) return [each];
      const names = place.names.length > 0 ? place.names : [danglingName(name.slice(place.prefix.length + 1))];
      return (verb === 'naming' ? names : names.slice(0, 1)).map((given) => ({ ...each, ID: `${verb} to ${given}` }));
    }),
  });
}
