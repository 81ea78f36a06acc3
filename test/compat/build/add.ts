import { type BuildCase, text } from './case.ts';

const sum = 'sha256:7b0afb9e9b0d6a9e7a05b8bb1d4d2a1a0bd5bd5cfc5c1d2d3f0f1e0e4c5a6b7c';

/** ADD: archives, and what comes from a web server (see web.ts). */
export const add: BuildCase[] = [
  {
    name: 'ADD unpacks archives, and only those',
    dockerfile: text`
      FROM scratch
      ADD plain.tar /plain/
      ADD packed.tar.gz /gzip/
      ADD packed.tar.xz /xz/
      ADD packed.tar.bz2 /bzip2/
      ADD only.gz /only/
      ADD a.txt /text/
      COPY packed.tar.gz /copied/
    `,
    setup: text`
      mkdir t && cd t && echo in > file && ln -s file link && ln file hard && mkdir -m 1777 sticky && chmod 4711 file
      mkfifo fifo && cd .. && echo text > a.txt && gzip -nk a.txt && mv a.txt.gz only.gz
      o='--mtime=@1000000000 --owner=7 --group=8 --sort=name --format=gnu'
      tar -c $o -f plain.tar -C t . && gzip -nc plain.tar > packed.tar.gz
      xz -c plain.tar > packed.tar.xz && bzip2 -c plain.tar > packed.tar.bz2 && rm -r t
    `,
    shows: /sticky/,
  },
  {
    name: 'ADD of a URL: the file, its time, its name',
    dockerfile: text`
      FROM scratch
      ARG URL
      ADD $URL/file.txt /by-name/
      ADD $URL/file.txt /renamed
      ADD --chmod=600 --chown=3:4 $URL/redirect /after-redirect
      ADD --link $URL/archive.tar /not-unpacked/
      ADD $URL/disposition /named/
    `,
    line: '$B --build-arg URL=$URL $OCI .',
    shows: /not-unpacked\/archive\.tar/,
  },
  {
    name: 'ADD --checksum that is right',
    dockerfile: 'FROM scratch\nARG URL SUM\nADD --checksum=$SUM $URL/file.txt /\n',
    line: '$B --build-arg URL=$URL --build-arg SUM=sha256:$(echo served | sha256sum | cut -c1-64) $OCI .',
  },
  {
    name: 'ADD --checksum that is wrong',
    dockerfile: `FROM scratch\nARG URL\nADD --checksum=${sum} $URL/file.txt /\n`,
    line: '$B --build-arg URL=$URL $OCI .',
    fails: /digest mismatch|checksum/,
  },
  {
    name: 'ADD --checksum that is none, and on a local file',
    dockerfile: 'FROM scratch\nADD --checksum=sha256:abc a.txt /\n',
    files: { 'a.txt': 'a\n' },
    fails: /checksum/,
  },
  {
    name: 'ADD of a URL that is not there',
    dockerfile: 'FROM scratch\nARG URL\nADD $URL/nosuch /\n',
    line: '$B --build-arg URL=$URL $OCI .',
    fails: /404/,
  },
  {
    name: 'ADD of a URL at which nobody listens',
    dockerfile: 'FROM scratch\nADD http://127.0.0.1:1/file /\n',
    fails: /refused/,
  },
];
