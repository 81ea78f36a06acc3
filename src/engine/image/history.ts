import type { OciHistory } from '../../docker/oci.ts';
import type { Engine } from '../engine.ts';
import { type ResolveOptions, resolveImage } from './store.ts';
import { layerSizes } from './summary.ts';
import type { ImageView } from './view.ts';

/** One element of `GET /images/{name}/history` of the Docker Engine API. */
export interface HistoryItem {
  /** The image's for the newest step, else `<missing>`: builders keep no images of the steps between. */
  Id: string;
  /** Seconds since 1970; undefined where the image does not say. */
  Created: number | undefined;
  CreatedBy: string;
  Tags: string[] | null;
  /** Bytes that the step added. */
  Size: number;
  Comment: string;
}

/**
 * The steps by which an image was made, the newest first. Layers beyond what the config tells have a step each.
 * @throws DockerError not-found
 */
export async function imageHistory(engine: Engine, ref: string, options: ResolveOptions = {}): Promise<HistoryItem[]> {
  const view = await resolveImage(engine, ref, options);
  const sizes = await layerSizes(engine.containerd, engine.settings.snapshotter, view);
  return historyItems(view, sizes);
}

/** @param sizes of the layers, bottom first */
export function historyItems(view: Pick<ImageView, 'imageId' | 'config'>, sizes: readonly number[]): HistoryItem[] {
  const told: OciHistory[] = [...(view.config.history ?? [])];
  let layers = told.filter((step) => !step.empty_layer).length;
  for (; layers < sizes.length; layers++) told.push({});
  let layer = 0;
  const items = told.map((step): HistoryItem => {
    const seconds = Math.floor(Date.parse(step.created ?? '') / 1000);
    return {
      Id: '<missing>',
      Created: Number.isNaN(seconds) ? undefined : seconds,
      CreatedBy: step.created_by ?? '',
      Tags: null,
      Size: step.empty_layer ? 0 : (sizes[layer++] ?? 0),
      Comment: step.comment ?? '',
    };
  });
  items.reverse();
  if (items[0]) items[0].Id = view.imageId;
  return items;
}
