import { type BuildCase, text } from './case.ts';

const small = 'FROM scratch\nADD tree.tar /\n';
/** No RUN: these builds are about what comes after it. */
const tree = text`
  mkdir -p r/sub/empty && cd r && echo file > file && ln -s file link && ln file hard && chmod 4750 file && chmod 1777 sub/empty
  mkfifo fifo && echo two > 'sub/a b' && cd .. && tar -c --owner=3 --group=4 --mtime=@1500000000 --sort=name -f tree.tar -C r . && rm -r r
`;

const fromTree = { dockerfile: small, setup: tree };

/** What becomes of the result: each kind of -o, caches, and the files that say what was built. */
export const outputs: BuildCase[] = [
  { name: '-o DIR', ...fromTree, line: '$B -o $OUT/tree .', shows: /a b/ },
  {
    name: '-o type=local into a directory with other things in it',
    ...fromTree,
    line: text`
      mkdir -p $OUT/tree/sub/mine && echo mine > $OUT/tree/mine && echo old > $OUT/tree/file && ln -s nowhere $OUT/tree/hard
      $B -o type=local,dest=$OUT/tree .
    `,
  },
  {
    name: '-o type=local of two platforms',
    dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY file-$TARGETARCH /\n',
    files: { 'file-amd64': 'a\n', 'file-arm64': 'b\n' },
    line: '$B --platform linux/amd64,linux/arm64 -o $OUT/tree .',
    shows: /linux_arm64/,
  },
  { name: '-o type=tar', ...fromTree, line: '$B -o type=tar,dest=$OUT/root.tar .', shows: /fifo/ },
  { name: '-o -, the archive on stdout', ...fromTree, line: '$B -o - . > $OUT/root.tar' },
  {
    name: '-o type=docker',
    ...fromTree,
    line: '$B -o type=docker,dest=$OUT/image.tar -t name/of:it -t second .',
  },
  {
    name: '-o type=oci with names, compression and annotations',
    ...fromTree,
    line: '$B -o type=oci,dest=$OUT/image.tar,compression=zstd,force-compression=true,annotation.a=b,name=x/y:z .',
    shows: /zstd/,
  },
  { name: '-o type=oci into a directory', ...fromTree, line: '$B -o type=oci,tar=false,dest=$OUT/layout .' },
  {
    name: 'an empty image to a directory',
    dockerfile: 'FROM scratch\nLABEL a=b\n',
    line: '$B -o $OUT/tree .',
  },
  { name: '-o type=cacheonly', ...fromTree, line: '$B -o type=cacheonly .' },
  {
    name: '--iidfile and --metadata-file',
    ...fromTree,
    line: '$B $OCI --iidfile $OUT/iid --metadata-file $OUT/metadata.json -t some:name .',
    shows: /containerimage\.digest/,
  },
  { name: '-q prints the id alone', ...fromTree, line: '$Q $OCI .' },
  {
    name: '-q of a failing build',
    dockerfile: 'FROM bb\nRUN echo said; exit 5\n',
    line: '$Q $OCI .',
    fails: /exit code: 5/,
  },
  {
    name: '--provenance=mode=max',
    ...fromTree,
    line: '$B --provenance=mode=max $OCI .',
    shows: /provenance/,
  },
  {
    name: 'a cache in a directory, out and in',
    dockerfile: 'FROM bb\nCOPY file /\nRUN echo costly > /costly\n',
    files: { file: 'f\n' },
    line: text`
      $B --cache-to type=local,dest=$OUT/cache,mode=max -o type=cacheonly . && $PRUNE > /dev/null 2>&1 && echo == >&2 &&
      $C --cache-from type=local,src=$OUT/cache $OCI .
    `,
    shows: /importing cache manifest[\s\S]*CACHED/,
  },
  {
    name: 'an inline cache',
    dockerfile: 'FROM scratch\nCOPY file /\n',
    files: { file: 'f\n' },
    line: '$B --cache-to type=inline $OCI .',
    shows: /inline/,
  },
  {
    name: '-o type=local without a place',
    ...fromTree,
    line: '$B -o type=local .',
    fails: /dest is required/,
    ours: /dest is required for local exporter/,
  },
  { name: '-o type=tar onto a directory', ...fromTree, line: '$B -o type=tar,dest=. .', fails: /is a directory/ },
  {
    name: 'a place that cannot be written',
    ...fromTree,
    line: '$B -o type=tar,dest=/proc/no/x.tar .',
    fails: /no such/,
    ours: /no such/,
  },
];
