import { StatusError } from '../../cli/command.ts';
import type { ListDefinition } from '../../docker/format/list.ts';
import { rowStruct } from '../../docker/format/template-list.ts';
import { compileTemplate } from '../../docker/template/template.ts';
import { asStruct } from '../../docker/template/values.ts';
import type { BuildCacheRow } from '../../docker/views/build-cache-list.ts';
import type { ContainerSummary } from '../../docker/views/container-list.ts';
import type { ImageUsageRow, VolumeUsageRow, verboseLists } from '../../docker/views/disk-usage.ts';

interface Verbose {
  lists: ReturnType<typeof verboseLists>;
  images: readonly ImageUsageRow[];
  containers: readonly ContainerSummary[];
  volumes: readonly VolumeUsageRow[];
  buildCache: readonly BuildCacheRow[];
}

/** One template for everything: `{{range .Images}}…`, `{{json .}}`; as in docker, no line end is added. */
export function verboseTemplate(format: string, { lists, images, containers, volumes, buildCache }: Verbose): string {
  const structs = <Row>(list: ListDefinition<Row>, rows: readonly Row[]) => rows.map((row) => rowStruct(list, row));
  const all = asStruct(
    { name: '*formatter.diskUsageContext' },
    {
      Images: structs(lists.images, images),
      Containers: structs(lists.containers, containers),
      Volumes: structs(lists.volumes, volumes),
      BuildCache: structs(lists.buildCache, buildCache),
    },
  );
  const text = format === 'json' ? '{{json .}}' : format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  try {
    return compileTemplate(text).execute(all);
  } catch (error) {
    throw new StatusError(1, `template parsing error: ${(error as Error).message}`, { cause: error });
  }
}
