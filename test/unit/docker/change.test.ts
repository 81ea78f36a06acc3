// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are the shell's
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyChanges } from '../../../src/docker/change/apply.ts';
import { expandWord, expandWords } from '../../../src/docker/change/expand.ts';
import type { OciImageConfig } from '../../../src/docker/oci.ts';

const base: OciImageConfig = {
  User: 'web',
  Env: ['PATH=/bin', 'FROM=yes'],
  Entrypoint: ['/bin/echo', 'entry'],
  Cmd: ['from-image'],
  Volumes: { '/data': {} },
  ExposedPorts: { '53/udp': {} },
  WorkingDir: '/home/web',
  Labels: { kind: 'full' },
};

const env = (...more: string[]) => ({ Env: ['PATH=/bin', 'FROM=yes', ...more] });
const labels = (more: Record<string, string>) => ({ Labels: { kind: 'full', ...more } });
const ports = (...more: string[]) => ({
  ExposedPorts: Object.fromEntries(['53/udp', ...more].map((port) => [port, {}])),
});
const volumes = (...more: string[]) => ({ Volumes: Object.fromEntries(['/data', ...more].map((path) => [path, {}])) });

/** The changes, and what of the configuration they change: seen with docker 20.10, STOPSIGNAL with 28. */
const changed: [changes: string[], difference: OciImageConfig][] = [
  [[], {}],
  [['CMD a b'], { Cmd: ['/bin/sh', '-c', 'a b'] }],
  [['CMD ["a","b"]'], { Cmd: ['a', 'b'] }],
  [["CMD ['a']"], { Cmd: ['/bin/sh', '-c', "['a']"] }],
  [['CMD'], { Cmd: ['/bin/sh', '-c'] }],
  [['CMD []'], { Cmd: [] }],
  [['ENTRYPOINT ["x"]'], { Entrypoint: ['x'], Cmd: null }],
  [['CMD ["z"]', 'ENTRYPOINT ["x"]'], { Entrypoint: ['x'], Cmd: ['z'] }],
  [['ENTRYPOINT x y'], { Entrypoint: ['/bin/sh', '-c', 'x y'], Cmd: null }],
  [['ENTRYPOINT []'], { Entrypoint: null, Cmd: null }],
  [['entrypoint ["a'], { Entrypoint: ['/bin/sh', '-c', '["a'], Cmd: null }],
  [['ENV A=b C="d e" F=x\\ y'], env('A=b', 'C=d e', 'F=x y')],
  [['ENV A b c'], env('A=b c')],
  [['ENV A=1', 'ENV B=$A$A'], env('A=1', 'B=11')],
  [['ENV FROM=no$FROM B=${FROM:-x}'], { Env: ['PATH=/bin', 'FROM=noyes', 'B=yes'] }],
  [['ENV A=b \\', '   C=d'], env('A=b', 'C=d')],
  [['EXPOSE 80 90/udp'], ports('80/tcp', '90/udp')],
  [['EXPOSE 80-82'], ports('80/tcp', '81/tcp', '82/tcp')],
  [['EXPOSE 1:2'], ports('2/tcp')],
  [['EXPOSE $NONE'], ports()],
  [['ENV P="80 81"', 'EXPOSE $P'], { ...env('P=80 81'), ...ports('80/tcp', '81/tcp') }],
  [['LABEL a=b=c "c d"="e f" multi="l1\\', 'l2"'], labels({ a: 'b=c', 'c d': 'e f', multi: 'l1l2' })],
  [['LABEL a b'], labels({ a: 'b' })],
  [['LABEL a=$FROM'], labels({ a: 'yes' })],
  [['ONBUILD RUN x  y'], { OnBuild: ['RUN x  y'] }],
  [['onbuild  cmd x', 'ONBUILD USER y'], { OnBuild: ['cmd x', 'USER y'] }],
  [['USER a b'], { User: 'a b' }],
  [["USER 'a b'"], { User: 'a b' }],
  [['  USER $FROM  '], { User: 'yes' }],
  [['VOLUME /a /b'], volumes('/a', '/b')],
  [['VOLUME ["/a b", "/c"]'], volumes('/a b', '/c')],
  [['WORKDIR a', 'WORKDIR b'], { WorkingDir: '/home/web/a/b' }],
  [['WORKDIR ../x'], { WorkingDir: '/home/x' }],
  [['WORKDIR /x/../y/'], { WorkingDir: '/x/../y/' }],
  [['WORKDIR "/a b"'], { WorkingDir: '/a b' }],
  [['STOPSIGNAL SIGKILL'], { StopSignal: 'SIGKILL' }],
  [['HEALTHCHECK NONE'], { Healthcheck: { Test: ['NONE'] } }],
  [['healthcheck cmd a b'], { Healthcheck: { Test: ['CMD-SHELL', 'a b'] } }],
  [
    ['HEALTHCHECK --interval=5s --timeout=1m --start-period=3s --start-interval=1s --retries=4 CMD ["a","b"]'],
    {
      Healthcheck: {
        Test: ['CMD', 'a', 'b'],
        Interval: 5e9,
        Timeout: 6e10,
        StartPeriod: 3e9,
        StartInterval: 1e9,
        Retries: 4,
      },
    },
  ],
  [['# a remark', '', 'CMD a \\'], { Cmd: ['/bin/sh', '-c', 'a'] }],
  [['CMD a \\\n# a remark\n\nb'], { Cmd: ['/bin/sh', '-c', 'a b'] }],
  [['USER a\nCMD ["x"]'], { User: 'a', Cmd: ['x'] }],
];

const refused: [change: string, sentence: string][] = [
  ['', 'file with no instructions'],
  ['# x', 'file with no instructions'],
  ['RUN x', 'run is not a valid change command'],
  ['Copy a b', 'copy is not a valid change command'],
  ['constructor x', 'constructor is not a valid change command'],
  ['CMD [1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
  ['CMD --foo', 'Unknown flag: foo'],
  ['USER --foo=x a', 'Unknown flag: foo'],
  ['ENV', 'ENV requires at least one argument'],
  ['ENV A', 'ENV must have two arguments'],
  ['LABEL a', 'LABEL must have two arguments'],
  ['ENV =b', 'ENV names can not be blank'],
  ['ENV A=b C', 'Syntax error - can\'t find = in "C". Must be of the form: name=value'],
  ['ENV A=${NOPE:?bad}', 'failed to process "${NOPE:?bad}": NOPE: bad'],
  ['ENV A="x', 'failed to process "\\"x": unexpected end of statement while looking for matching double-quote'],
  ['ENV A=${x', 'failed to process "${x": missing \':\' in substitution'],
  ['VOLUME "/a b"', 'failed to process "\\"/a": unexpected end of statement while looking for matching double-quote'],
  ['EXPOSE', 'EXPOSE requires at least one argument'],
  ['EXPOSE abc', 'invalid containerPort: abc'],
  ['EXPOSE 99999', 'invalid containerPort: 99999'],
  ['EXPOSE 80/xyz', 'invalid proto: xyz'],
  ['ONBUILD', 'ONBUILD requires at least one argument'],
  ['ONBUILD ONBUILD RUN x', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
  ['ONBUILD from x', "FROM isn't allowed as an ONBUILD trigger"],
  ['USER', 'USER requires exactly one argument'],
  ['WORKDIR', 'WORKDIR requires exactly one argument'],
  ['VOLUME', 'VOLUME requires at least one argument'],
  ['VOLUME [""]', 'VOLUME specified can not be an empty string'],
  ['STOPSIGNAL FOO', 'invalid signal: FOO'],
  ['HEALTHCHECK', 'HEALTHCHECK requires at least one argument'],
  ['HEALTHCHECK NONE x', 'HEALTHCHECK NONE takes no arguments'],
  ['HEALTHCHECK CMD', 'Missing command after HEALTHCHECK CMD'],
  ['HEALTHCHECK FOO x', 'Unknown type "FOO" in HEALTHCHECK (try CMD)'],
  ['HEALTHCHECK --interval=1us CMD a', 'Interval "interval" cannot be less than 1ms'],
  ['HEALTHCHECK --interval=x CMD a', 'time: invalid duration "x"'],
  ['HEALTHCHECK --interval CMD a', 'Missing a value on flag: interval'],
  ['HEALTHCHECK --interval=5s --interval=6s CMD x', 'Duplicate flag specified: interval'],
  ['HEALTHCHECK --nope=x CMD a', 'Unknown flag: nope'],
  ['HEALTHCHECK --retries=0 CMD a', '--retries must be at least 1 (not 0)'],
  ['HEALTHCHECK --retries=x CMD a', 'strconv.ParseInt: parsing "x": invalid syntax'],
];

test('what --change makes of a configuration', () => {
  for (const [changes, difference] of changed) {
    assert.deepEqual(applyChanges(base, changes), { ...base, ...difference }, changes.join(' | '));
  }
});

test('what --change refuses', () => {
  for (const [change, message] of refused) assert.throws(() => applyChanges(base, [change]), { message }, change);
});

test('words of a Dockerfile', () => {
  const given = ['A=one', 'E=', 'S=a b'];
  const words: [word: string, whole: string, split: string[]][] = [
    ['$A', 'one', ['one']],
    ['x${A}y', 'xoney', ['xoney']],
    ["'$A'", '$A', ['$A']],
    ['"$A \\"q\\" \\n"', 'one "q" \\n', ['one "q" \\n']],
    ['\\$A', '$A', ['$A']],
    ['$', '$', ['$']],
    ['$S', 'a b', ['a', 'b']],
    ['"$S"', 'a b', ['a b']],
    ['${NO:-$A}', 'one', ['one']],
    ['${E:-d}${E-d}', 'd', ['d']],
    ['${E:+d}${E+d}', 'd', ['d']],
    ['${A:+"x y"}', 'x y', ['x y']],
    ['$NO', '', []],
  ];
  for (const [word, whole, split] of words) {
    assert.equal(expandWord(word, given), whole, word);
    assert.deepEqual(expandWords(word, given), split, word);
  }
  for (const word of ['${}', '${:x}', '${A:', '${A:=x}', '${A:-x', "'", '${NO?}', '${E:?}'])
    assert.throws(() => expandWord(word, given), /^DockerError: failed to process/, word);
});
