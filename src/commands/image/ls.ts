import { atMost, type Cli, defineCommand, StatusError } from '../../cli/command.ts';
import { checkFilter, parseFilters } from '../../docker/flags/filters.ts';
import { formatList, type ListDefinition } from '../../docker/format/list.ts';
import { shortId } from '../../docker/reference.ts';
import { humanDuration } from '../../docker/values/durations.ts';
import { formatCreatedAt } from '../../docker/values/time.ts';
import { humanSizeWithPrecision } from '../../docker/values/units.ts';
import { type ImageFilters, type ImageSummary, listImages, namespacesOf } from '../../engine/image/list.ts';
import { listFormatHelp } from '../format-help.ts';

interface Row {
  image: ImageSummary;
  namespace: string;
  name: string;
  repository: string;
  tag: string;
  digest: string;
}

const none = '<none>';

const list = (noTrunc: boolean, table: string, namespaces: boolean): ListDefinition<Row> => ({
  typeName: '*formatter.imageContext',
  columns: {
    Containers: { header: 'CONTAINERS', value: () => 'N/A' },
    CreatedAt: { header: 'CREATED AT', value: ({ image }) => formatCreatedAt(image.Created * 1000) },
    CreatedSince: {
      header: 'CREATED',
      value: ({ image }) => (image.Created === 0 ? 'N/A' : `${humanDuration(Date.now() - image.Created * 1000)} ago`),
    },
    Digest: { header: 'DIGEST', value: ({ digest }) => digest },
    ID: { header: 'IMAGE ID', value: ({ image }) => (noTrunc ? image.Id : shortId(image.Id)) },
    ...(namespaces && { Namespace: { header: 'NAMESPACE', value: ({ namespace }: Row) => namespace } }),
    Name: { header: 'NAME', value: ({ name }) => name },
    Repository: { header: 'REPOSITORY', value: ({ repository }) => repository },
    SharedSize: { header: 'SHARED SIZE', value: () => 'N/A' },
    Size: { header: 'SIZE', value: ({ image }) => humanSizeWithPrecision(image.Size, 3) },
    Tag: { header: 'TAG', value: ({ tag }) => tag },
    UniqueSize: { header: 'UNIQUE SIZE', value: () => 'N/A' },
    VirtualSize: { header: 'SIZE', value: ({ image }) => humanSizeWithPrecision(image.Size, 3) },
  },
  label: ({ image }, key) => image.Labels[key] ?? '',
  defaultTable: table,
  quiet: '{{.ID}}',
  raw: `repository: {{.Repository}}\ntag: {{.Tag}}\n${table.includes('.Digest') ? 'digest: {{.Digest}}\n' : ''}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`,
  rawQuiet: 'image_id: {{.ID}}',
});

export const command = defineCommand({
  use: 'images [OPTIONS] [REPOSITORY[:TAG]]',
  short: 'List images',
  args: atMost(1),
  complete: '<images>',
  flags: {
    all: { type: 'bool', short: 'a', help: 'Show all images (default hides intermediate images)' },
    'all-namespaces': { type: 'bool', short: 'A', help: 'Show the images of all containerd namespaces' },
    digests: { type: 'bool', help: 'Show digests' },
    filter: {
      type: 'array',
      check: checkFilter,
      short: 'f',
      value: 'filter',
      complete: 'before=<images>|dangling=<bool>|label=|reference=<images>|since=<images>|until=',
      help: 'Filter output based on conditions provided',
    },
    format: { type: 'string', complete: 'json|table', help: listFormatHelp },
    names: { type: 'bool', help: 'Show image names' },
    'no-trunc': { type: 'bool', help: "Don't truncate output" },
    quiet: { type: 'bool', short: 'q', help: 'Only show image IDs' },
    tree: { type: 'bool', help: 'List multi-platform images as a tree (EXPERIMENTAL)' },
  },
  run: async (cli, [reference], { filter, format, digests, names, tree, ...flags }) => {
    const filters = Object.fromEntries(parseFilters(filter));
    if (reference !== undefined) filters.reference = [...(filters.reference ?? []), reference];
    if (tree) {
      const { quiet, 'no-trunc': noTrunc, 'all-namespaces': all } = flags;
      refuseWithTree({ quiet, 'no-trunc': noTrunc, 'show-digest': digests, format, names });
      return showTree(cli, filters, all);
    }
    // Unlike that of ps, -q leaves a format of the user's alone.
    const quiet = flags.quiet && ['', 'table', 'raw'].includes(format);
    const details = digests || format.includes('.Digest') || format.includes('.Label');
    const showDigests = digests || format.includes('.Digest');
    const all = flags['all-namespaces'];
    const lists = (await namespacesOf(await cli.engine(), all)).map(async (engine) => {
      const images = await listImages(engine, { filters, details });
      return images.flatMap((image) => rowsOf(image, engine.containerd.namespace, showDigests));
    });
    const rows = (await Promise.all(lists)).flat();
    const unique = quiet ? rows.filter(({ image }, i) => image !== rows[i - 1]?.image) : rows;
    const columns = ['{{.ID}}', '{{.CreatedSince}}', '{{.Size}}'];
    const start = [...(all ? ['{{.Namespace}}'] : []), ...(names ? ['{{.Name}}'] : ['{{.Repository}}', '{{.Tag}}'])];
    const table = [...start, ...(digests ? ['{{.Digest}}'] : []), ...columns].join('\t');
    cli.stdout.write(await formatList(list(flags['no-trunc'], table, all), unique, { format, quiet }));
  },
});

/** docker's words, down to the name it gives to --digests. */
function refuseWithTree(flags: Record<string, unknown>): void {
  const given = Object.keys(flags).find((name) => Boolean(flags[name]));
  if (given !== undefined) throw new StatusError(1, `--${given} is not yet supported with --tree`);
}

async function showTree(cli: Cli, filters: ImageFilters, all: boolean): Promise<void> {
  const [{ listImageTree }, { treeText }] = await Promise.all([
    import('../../engine/image/tree.ts'),
    import('./tree.ts'),
  ]);
  const engines = await namespacesOf(await cli.engine(), all);
  const trees = engines.map(async (engine) => {
    const images = await listImageTree(engine, { filters });
    if (!all) return images;
    // As `image cp` takes them.
    const { namespace } = engine.containerd;
    const named = (names: string[]) => (names.length > 0 ? names : ['<untagged>']);
    return images.map((image) => ({ ...image, names: named(image.names).map((name) => `${namespace}/${name}`) }));
  });
  cli.stdout.write(treeText((await Promise.all(trees)).flat(), cli.stdout));
}

/** A row for each tag; digests that belong to no tag of their repository have their own. */
function rowsOf(image: ImageSummary, namespace: string, showDigests: boolean): Row[] {
  const digestOf = new Map<string, string>();
  for (const name of image.RepoDigests) {
    const at = name.indexOf('@');
    digestOf.set(name.slice(0, at), name.slice(at + 1));
  }
  const rows = image.RepoTags.map((name): Row => {
    const colon = name.lastIndexOf(':');
    const repository = name.slice(0, colon);
    const digest = showDigests ? (digestOf.get(repository) ?? none) : none;
    return { image, namespace, name, repository, tag: name.slice(colon + 1), digest };
  });
  const tagged = new Set(rows.map(({ repository }) => repository));
  for (const [repository, digest] of digestOf) {
    if (!tagged.has(repository))
      rows.push({ image, namespace, name: `${repository}@${digest}`, repository, tag: none, digest });
  }
  return rows.length > 0 ? rows : [{ image, namespace, name: none, repository: none, tag: none, digest: none }];
}
