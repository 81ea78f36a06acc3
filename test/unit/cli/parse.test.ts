import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagTable } from '../../../src/cli/flags.ts';
import { parseFlags } from '../../../src/cli/parse.ts';

const table = flagTable({
  all: { type: 'bool', short: 'a', help: '' },
  tty: { type: 'bool', short: 't', help: '' },
  proxy: { type: 'bool', default: true, help: '' },
  env: { type: 'array', short: 'e', help: '' },
  publish: { type: 'slice', short: 'p', help: '' },
  network: { type: 'slice', default: ['bridge'], help: '' },
  net: { type: 'alias', of: 'network', help: '' },
  last: { type: 'int', short: 'n', default: -1, help: '' },
  weight: { type: 'uint', bits: 16, help: '' },
  cpus: { type: 'float', help: '' },
  memory: { type: 'bytes', short: 'm', help: '' },
  swap: { type: 'bytes', minusOne: true, help: '' },
  interval: { type: 'duration', help: '' },
  name: { type: 'string', help: '' },
  old: { type: 'bool', deprecated: 'use --all', help: '' },
});

function run(line: string[], interspersed = true): unknown {
  const { values, args } = parseFlags(table, line, interspersed);
  return [Object.fromEntries(values), args];
}

const accepted: readonly (readonly [line: string[], values: Record<string, unknown>, args: string[]])[] = [
  [['-at', 'x'], { all: true, tty: true }, ['x']],
  [['-ta=false'], { tty: true, all: false }, []],
  [['--all=F', '--tty=1'], { all: false, tty: true }, []],
  [['--all', 'false'], { all: true }, ['false']],
  [['-p80:80', '-p', '81:81', '-p=82:82', '--publish=83:83'], { publish: ['80:80', '81:81', '82:82', '83:83'] }, []],
  [['-tp80:80', '-atn5'], { tty: true, publish: ['80:80'], all: true, last: 5 }, []],
  [['-e=A', '-eB=1', '-e', 'C=2,3', '--env', '-x'], { env: ['A', 'B=1', 'C=2,3', '-x'] }, []],
  [['-e='], { env: ['='] }, []],
  [['-p', '80,81,"a,b","c""d"'], { publish: ['80', '81', 'a,b', 'c"d'] }, []],
  [['--publish='], { publish: [] }, []],
  [['--network', 'a', '--net', 'b'], { network: ['a', 'b'] }, []],
  [['a', '-a', 'b', '--', '-t', '--', 'c'], { all: true }, ['a', 'b', '-t', '--', 'c']],
  [['-', 'x'], {}, ['-', 'x']],
  [['--last=-2', '-n', '0x10'], { last: 16 }, []],
  [['-n', '010'], { last: 8 }, []],
  [['-n1_000'], { last: 1000 }, []],
  [['--weight=65535'], { weight: 65535 }, []],
  [['--cpus', '1/2'], { cpus: 0.5 }, []],
  [['--cpus=.5'], { cpus: 0.5 }, []],
  [['-m', '1.5g'], { memory: 1610612736 }, []],
  [['--swap', '-1'], { swap: -1 }, []],
  [['--interval', '1h15m30.918s'], { interval: 4530918000000 }, []],
  [['--interval=-1.5us'], { interval: -1500 }, []],
  [['--interval', '0'], { interval: 0 }, []],
  [['--name', ''], { name: '' }, []],
  [['--name', '--all'], { name: '--all' }, []],
  [['--help=false', '-a'], { all: true }, []],
];

for (const [line, values, args] of accepted)
  test(`accepts ${JSON.stringify(line)}`, () => assert.deepEqual(run(line), [values, args]));

test('ends the flags at the first argument where the rest is a command line of its own', () => {
  assert.deepEqual(run(['-a', 'image', '-t', '--', '--env'], false), [{ all: true }, ['image', '-t', '--', '--env']]);
  assert.deepEqual(run(['-a', '--', 'image', '-t'], false), [{ all: true }, ['image', '-t']]);
});

const refused: readonly (readonly [line: string[], message: string])[] = [
  [['--nope'], 'unknown flag: --nope'],
  [['--nope=1'], 'unknown flag: --nope'],
  [['--constructor'], 'unknown flag: --constructor'],
  [['-aZ'], "unknown shorthand flag: 'Z' in -Z"],
  [['-xy'], "unknown shorthand flag: 'x' in -xy"],
  [['-a='], "unknown shorthand flag: '=' in -="],
  [['--=x'], 'bad flag syntax: --=x'],
  [['---x'], 'bad flag syntax: ---x'],
  [['--env'], 'flag needs an argument: --env'],
  [['-te'], "flag needs an argument: 'e' in -e"],
  [['-ae', 'A', '-n'], "flag needs an argument: 'n' in -n"],
  [
    ['--all=maybe'],
    'invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
  [['--proxy='], 'invalid argument "" for "--proxy" flag: strconv.ParseBool: parsing "": invalid syntax'],
  [['-nx'], 'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  [
    ['--last=9223372036854775808'],
    'invalid argument "9223372036854775808" for "-n, --last" flag: strconv.ParseInt: parsing "9223372036854775808": value out of range',
  ],
  [
    ['--weight=65536'],
    'invalid argument "65536" for "--weight" flag: strconv.ParseUint: parsing "65536": value out of range',
  ],
  [['--weight=-1'], 'invalid argument "-1" for "--weight" flag: strconv.ParseUint: parsing "-1": invalid syntax'],
  [['--cpus=x'], 'invalid argument "x" for "--cpus" flag: failed to parse x as a rational number'],
  [['--cpus=0.0000000001'], 'invalid argument "0.0000000001" for "--cpus" flag: value is too precise'],
  [['-m1x'], 'invalid argument "1x" for "-m, --memory" flag: invalid suffix: \'x\''],
  [['-m-1'], 'invalid argument "-1" for "-m, --memory" flag: invalid size: \'-1\''],
  [['--interval=5'], 'invalid argument "5" for "--interval" flag: time: missing unit in duration "5"'],
  [['--interval='], 'invalid argument "" for "--interval" flag: time: invalid duration ""'],
  [['--interval=1x'], 'invalid argument "1x" for "--interval" flag: time: unknown unit "x" in duration "1x"'],
  [['--interval=abc'], 'invalid argument "abc" for "--interval" flag: time: invalid duration "abc"'],
  [
    ['--publish=a"b'],
    'invalid argument "a\\"b" for "-p, --publish" flag: parse error on line 1, column 2: bare " in non-quoted-field',
  ],
  [['--help=x'], 'invalid argument "x" for "--help" flag: strconv.ParseBool: parsing "x": invalid syntax'],
];

for (const [line, message] of refused)
  test(`refuses ${JSON.stringify(line)}`, () => assert.throws(() => run(line), { message }));

test('help is asked for by name, and by a letter that no flag has', () => {
  assert.equal(parseFlags(table, ['--help'], true).help, true);
  assert.equal(parseFlags(table, ['--', '--help'], true).help, false);
  const short = parseFlags(table, ['-ah'], true);
  assert.equal(short.help, true);
  assert.deepEqual(short.notes, ['Flag shorthand -h has been deprecated, use --help']);
  assert.equal(parseFlags({ host: { type: 'bool', short: 'h', help: '' } }, ['-h'], true).help, false);
});

test('notes deprecated flags', () => {
  assert.deepEqual(parseFlags(table, ['--old'], true).notes, ['Flag --old has been deprecated, use --all']);
});
