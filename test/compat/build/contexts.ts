import { type BuildCase, text } from './case.ts';

const all = 'FROM scratch\nCOPY . /\n';

/** Where the Dockerfile and the files come from, and what an ignore file leaves of them. */
export const contexts: BuildCase[] = [
  {
    name: 'an ignore file with negations',
    dockerfile: all,
    files: {
      '.dockerignore': text`
        # a remark
        *.log
        !keep.log
        tmp
        !tmp/keep
        **/node_modules
        dir/*
        !dir/sub
        dir/sub/x*
        /rooted
          spaced
        a[bc].txt
        deep/**/z
        !deep/2/**
        .dockerignore
        Dockerfile
      `,
      ...Object.fromEntries(
        `a.log keep.log sub/b.log tmp/a tmp/keep tmp/keep2 node_modules/x lib/node_modules/y lib/z dir/f dir/sub/g dir/sub/xg
         rooted sub/rooted spaced ab.txt ad.txt deep/z deep/1/z deep/1/2/z deep/2/z deep/2/y`
          .split(/\s+/)
          .map((path) => [path, `${path}\n`]),
      ),
    },
    shows: /tmp\/keep/,
  },
  {
    name: 'an ignore file that leaves only some',
    dockerfile: all,
    files: { '.dockerignore': '*\n!src\nsrc/*.o\n!**/keep.o\n', 'src/a.c': '', 'src/a.o': '', 'src/keep.o': '', x: '' },
  },
  {
    name: 'an ignore file of the Dockerfile comes before the one of the context',
    dockerfile: all,
    files: { '.dockerignore': 'a\n', 'Dockerfile.dockerignore': 'b\n', a: '', b: '', c: '' },
  },
  {
    name: 'an ignore file of another Dockerfile, below the context',
    files: {
      'docker/Other': all,
      'docker/Other.dockerignore': 'docker\nb\n',
      '.dockerignore': 'a\n',
      a: '',
      b: '',
    },
    line: '$B -f docker/Other $OCI .',
  },
  {
    name: 'an ignore file with a pattern that is none',
    dockerfile: all,
    files: { '.dockerignore': 'a[\n', a: '' },
    fails: /syntax error in pattern|pattern/,
  },
  {
    name: 'an ignore file that hides everything',
    dockerfile: all,
    files: { '.dockerignore': '**\n', a: '', 'b/c': '' },
  },
  {
    name: 'a Dockerfile elsewhere',
    files: { 'context/file': 'f\n', 'elsewhere/My.Dockerfile': 'FROM scratch\nCOPY file /\n' },
    line: 'cd context && $B -f ../elsewhere/My.Dockerfile $OCI .',
  },
  {
    name: 'a Dockerfile in small letters',
    files: { dockerfile: 'FROM scratch\nLABEL small=letters\n' },
  },
  {
    name: 'a Containerfile is found by its name',
    files: { Containerfile: 'FROM scratch\nLABEL a=b\n' },
    line: '$B -f Containerfile $OCI .',
  },
  {
    name: 'the Dockerfile on stdin, with a context',
    files: { file: 'f\n', Dockerfile: 'FROM nosuch\n' },
    line: "printf 'FROM scratch\\nCOPY file /\\n' | $B -f - $OCI .",
  },
  {
    name: 'the Dockerfile on stdin, with nothing else',
    line: "printf 'FROM bb\\nRUN echo alone\\n' | $B $OCI -",
    shows: /alone/,
  },
  {
    name: 'a tar archive on stdin, with its ignore file',
    dockerfile: all,
    files: { '.dockerignore': 'b\n', a: 'a\n', b: 'b\n' },
    line: 'tar -c --owner=0 --group=0 . | $B $OCI -',
  },
  {
    name: 'a gzipped archive on stdin, and a Dockerfile in it',
    files: { 'sub/Other': 'FROM scratch\nCOPY a /\n', a: 'a\n' },
    line: 'tar -cz --owner=0 --group=0 . | $B -f sub/Other $OCI -',
  },
  {
    name: 'stdin with nothing in it',
    line: '$B $OCI - < /dev/null',
    fails: /./,
    ours: /standard input is empty/,
  },
  {
    name: 'stdin for the Dockerfile and for the context',
    line: '$B -f - $OCI - < /dev/null',
    fails: /stdin/,
  },
  {
    name: 'an archive from a web server',
    line: '$B $OCI $URL/context.tar.gz',
    shows: /from-the-web/,
  },
  {
    name: 'a Dockerfile from a web server',
    line: '$B $OCI $URL/Dockerfile',
  },
  {
    name: 'a Dockerfile at an address, with a directory',
    files: { file: 'f\n', Dockerfile: 'FROM nosuch\n' },
    line: '$B -f $URL/COPY.Dockerfile $OCI .',
    shows: /of-a-fetched-file/,
  },
  {
    name: 'a Dockerfile at an address, with archives and a repository',
    line: text`
      $B -f $URL/COPY.Dockerfile $OCI $URL/context.tar.gz && echo == >&2 && $B -f $URL/COPY.Dockerfile -o $OUT $URL/repository.git
    `,
    shows: /second/,
  },
  {
    name: 'a Dockerfile at an address that is not there',
    line: '$B -f $URL/nosuch $OCI .',
    fails: /404/,
  },
  {
    name: 'a repository: a branch, a tag and a directory in it',
    line: text`
      $B $OCI $URL/repository.git && echo == >&2 && $B -o $OUT $URL/repository.git#v1:sub
    `,
    shows: /of-the-directory/,
  },
  {
    name: 'a repository with a Dockerfile on stdin, and as a named context',
    line: text`
      printf 'FROM scratch\nCOPY file /now\nCOPY --from=then file /then\n' |
        $B -f - --build-context then=$URL/repository.git#v1 -o $OUT $URL/repository.git
    `,
    shows: /first/,
  },
  {
    name: 'a repository without the branch that is asked for',
    line: '$B $OCI $URL/repository.git#nosuch',
    fails: /nosuch/,
  },
  {
    name: 'named contexts: a directory, an image, in place of a stage and of an image',
    dockerfile: text`
      FROM nosuch AS base
      COPY --from=lib /l /l
      RUN --mount=from=lib,target=/m ls /m
      FROM scratch
      COPY --from=replaced /www/index.html /
      COPY --from=base /l /
      COPY --from=another/name:v1 /etc/passwd /
    `,
    files: { 'lib/l': 'l\n', 'lib/.dockerignore': 'hidden\n', 'lib/hidden': '' },
    line: text`
      $B --build-context lib=lib --build-context nosuch=docker-image://bb --build-context replaced=docker-image://web:latest \
        --build-context another/name:v1=docker-image://full $OCI .
    `,
  },
  {
    name: 'a named context in an OCI layout',
    dockerfile: 'FROM base\nRUN cat /marker\nFROM scratch\nCOPY --from=base /marker /\n',
    files: { 'base/Dockerfile': 'FROM bb\nRUN echo from the layout > /marker\nENV A=1\n' },
    line: text`
      $B -o type=oci,tar=false,dest=layout,name=some/base:v1 --provenance=false base && echo == >&2 &&
      $B --build-context base=oci-layout://layout:v1 $OCI . && rm -r layout
    `,
    shows: /from the layout/,
  },
  {
    name: 'named contexts that are not there',
    dockerfile: 'FROM scratch\nCOPY --from=lib / /\n',
    line: '$B --build-context lib=nosuch $OCI .',
    fails: /nosuch/,
  },
  {
    name: 'a context that is not there',
    line: '$B $OCI nosuch',
    fails: /nosuch/,
  },
  {
    name: 'a context that is a file',
    files: { file: '' },
    line: '$B $OCI file',
    fails: /file/,
  },
  {
    name: 'no Dockerfile',
    files: { a: '' },
    fails: /Dockerfile/,
  },
  {
    name: '-f that is not there',
    dockerfile: all,
    line: '$B -f nosuch/Dockerfile $OCI .',
    fails: /nosuch/,
    ours: /failed to read dockerfile: open nosuch\/Dockerfile: no such file or directory/,
  },
  {
    name: 'no context, and two',
    line: '$B $OCI; $B . .',
    fails: /requires/,
    ours: /requires 1 argument/,
  },
];
