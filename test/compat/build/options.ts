import { type BuildCase, text } from './case.ts';

/** Flags that change how RUN runs and what the cache is asked for. */
export const options: BuildCase[] = [
  {
    name: '--add-host, --shm-size, --ulimit',
    dockerfile: text`
      FROM bb
      RUN grep -v localhost /etc/hosts | sort; df -k /dev/shm | awk 'NR==2{print $2}'; ulimit -n; ulimit -Hn; ulimit -c
    `,
    line: '$B --add-host one:10.1.2.3 --add-host two=10.1.2.4 --add-host six=[::1] --shm-size 3m --ulimit nofile=77:99 --ulimit core=0 $OCI .',
    shows: /10\.1\.2\.3/,
  },
  {
    name: '--network=none',
    dockerfile: 'FROM bb\nRUN ls /sys/class/net; cat /etc/hosts; ip addr | grep -c inet\n',
    line: '$B --network none $OCI .',
  },
  {
    name: '--network=host',
    dockerfile: 'FROM bb\nARG URL\nRUN wget -qO- $URL/file.txt\n',
    line: '$B --network host --build-arg URL=$URL $OCI .',
    shows: /served/,
  },
  {
    name: 'RUN --network=host without leave to',
    dockerfile: 'FROM bb\nRUN --network=host true\n',
    fails: /network\.host/,
  },
  {
    name: 'RUN --network=host with --allow',
    dockerfile: 'FROM bb\nARG URL\nRUN --network=host wget -qO- $URL/file.txt\n',
    line: '$B --allow network.host --build-arg URL=$URL $OCI .',
    shows: /served/,
  },
  {
    name: '--network that is none of those',
    dockerfile: 'FROM bb\nRUN true\n',
    line: '$B --network nosuch $OCI .',
    fails: /nosuch/,
  },
  {
    name: '--cgroup-parent',
    dockerfile: 'FROM bb\nRUN cut -d: -f3 /proc/self/cgroup | cut -d/ -f2 | sort -u | head -1\n',
    line: '$B --cgroup-parent corpus $OCI .',
  },
  {
    name: 'a second build comes from the cache',
    dockerfile: 'FROM bb\nCOPY file /\nRUN echo once > /once\nFROM scratch\nCOPY --from=0 /once /\n',
    files: { file: 'f\n' },
    line: '$B -o type=cacheonly .; echo == >&2; $C $OCI .',
    shows: /CACHED/,
  },
  {
    name: 'a changed file costs the steps after it',
    dockerfile: text`
      FROM bb AS one
      RUN echo before
      COPY file /
      RUN wc -l /file
      FROM scratch
      COPY --from=one /etc/passwd /
    `,
    files: { file: 'one\n' },
    line: 'cp -p file kept; $B -o type=cacheonly .; echo == >&2; echo two of $PLAYER >> file; touch -d @1 file; $C $OCI .; code=$?; mv kept file; exit $code',
    shows: /CACHED/,
  },
  {
    name: '--no-cache-filter',
    dockerfile: text`
      FROM bb AS one
      RUN echo one > /1
      FROM bb AS two
      RUN echo two > /2
      FROM scratch
      COPY --from=one /1 /
      COPY --from=two /2 /
    `,
    line: '$B -o type=cacheonly .; echo == >&2; $C --no-cache-filter two $OCI .',
    shows: /CACHED/,
  },
  {
    name: '--no-cache with --no-cache-filter',
    dockerfile: 'FROM scratch\nLABEL a=b\n',
    line: '$B --no-cache-filter two $OCI .',
    fails: /no-cache/,
  },
  {
    name: '--pull of a base that is only here',
    dockerfile: 'FROM bb\nRUN true\n',
    line: '$B --pull $OCI .',
    fails: /bb/,
  },
];
