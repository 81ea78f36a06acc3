import type { BuildCase } from './case.ts';

/** Command lines, all of which buildx refuses or says something of, by what they are about. $OUT is a directory, file a file. */
const same: Record<string, string[]> = {
  'flags that are wrong: what is read first': [
    '--build-arg =x .',
    '--label "" .',
    '--attest x .',
    '--attest mode=max .',
    '--attest type=sbom,disabled=x .',
    '--provenance nosuch .',
    '--build-context x .',
    '--build-context =x .',
    '--build-context UPPER=dir .',
    '-o type= .',
    '-o local,x .',
    `-o 'type="local' .`,
    '--iidfile x -o type=local,dest=$OUT/x .',
    '--cache-from a,b=c .',
    '--secret x .',
    '--secret id=x,y=z .',
    '--secret id=x,type=nosuch .',
    '--call check,x=y .',
    '--call a,b .',
    '--call check,ignorestatus=x .',
    '--progress nosuch .',
    '-q .',
  ],
  'flags that are wrong: of a build': [
    '--no-cache-filter one .',
    '--platform x/y/z/w .',
    '--platform nosuch .',
    '--platform linux/amd64,nosuch/ .',
    '--platform "" .',
    '--secret src=x .',
    '--secret id=x .',
    '--secret type=file,id=x .',
    '-o type=local .',
    '-o type=local,dest=- .',
    '-o type=local,dest=file .',
    '-o type=oci,tar=false .',
    '-o type=tar,dest=dir .',
    '-o type=tar,dest=file/below .',
    '-o - -o - .',
    '--annotation x .',
    '--annotation nosuch:x=y .',
    '--annotation "!!:x=y" .',
    '--annotation "manifest[x/y/z/w]:x=y" .',
    '--allow nosuch .',
    '--allow network.host,x .',
    '--push .',
    '-o type=registry .',
    '--platform linux/amd64,linux/arm64 -o type=docker,dest=$OUT/x .',
    '-t UPPER .',
    '-t a/UPPER .',
    '-t a:b:c .',
    '-t "" .',
    '-t a@sha256:12 .',
    '-t https://x/y .',
    '--network nosuch .',
    '--add-host x .',
    '--add-host x: .',
    '--add-host x:y .',
    '--cache-from type=local .',
    '--cache-from type=registry .',
    '--cache-to type=local .',
    '--cache-to type=registry .',
    '--cache-to type=local,dest=file .',
    '--build-context x= .',
    '--build-context x=nosuch .',
    '--build-context x=target:y .',
    '-f - -',
    '""',
    'nosuch',
    'file',
  ],
  'flags that are wrong: what the daemon says': [
    '-o type=nosuch .',
    '-o type=image,push=x .',
    '-o type=oci,dest=$OUT/x,compression=nosuch .',
    '--allow security.insecure .',
    '--cache-to type=nosuch .',
    '--cache-to type=registry,ref=UPPER .',
    '--cache-from type=local,src=dir .',
    '--target nosuch .',
    '--call outline --target nosuch .',
    '-f nosuch .',
    '-f dir/nosuch .',
    'dir',
    '--build-arg SOURCE_DATE_EPOCH=x .',
  ],
  'a file that cannot be written': ['--iidfile /proc/nosuch .'],
  'flags of the old builder': ['--squash --isolation x --security-opt y .', '--compress --force-rm --rm=false .'],
};

/** Where buildx's words are those of its source, or it does nothing. */
const ours: [line: string, theirs: RegExp, ours: RegExp][] = [
  [
    '-o type=tar,dest=nosuch/file .',
    /failed to open open nosuch\/file/,
    /^ERROR: failed to build: failed to open nosuch\/file: no such file or directory$/m,
  ],
  ['--cache-from x=y .', /type required form> "x=y"/, /^ERROR: type required for "x=y"$/m],
  [
    '--build-context x=file .',
    /path \{file <nil>\}/,
    /^ERROR: failed to build: failed to get build context path file: not a directory$/m,
  ],
  [
    '--build-context x=oci-layout://nosuch .',
    /could not lock/,
    /could not read nosuch\/index.json: no such file or directory$/m,
  ],
  [
    '--iidfile full .',
    /removing image ID file: remove full: directory not empty/,
    /^ERROR: removing image ID file: unlink full: illegal operation on a directory$/m,
  ],
  [
    '--ssh default=file .',
    /\{default \[file\] false\}/,
    /^ERROR: failed to build: failed to parse file: it is no private key/m,
  ],
  [
    '--metadata-file /proc/nosuch .',
    /open \/proc\/\.tmp-nosuch/,
    /^ERROR: open \/proc\/nosuch: no such file or directory$/m,
  ],
];

const dockerfile = 'FROM scratch AS one\nLABEL a=b\n';
const files = { file: 'x\n', 'full/file': 'x\n', 'dir/file': 'x\n' };

/** Without an output buildx warns of that. */
const typed = (line: string) => `$B ${/(^| )(-o|--push) /.test(line) ? '' : '-o type=cacheonly '}${line}`;

export const wrongFlags: BuildCase[] = [
  ...Object.entries(same).map(
    ([name, lines]): BuildCase => ({
      name,
      dockerfile,
      files,
      line: `${lines.map((each) => `echo '== ${each.replaceAll("'", '')}' >&2; ${typed(each)}; echo "code $?"`).join('\n')}\nexit 1\n`,
      fails: /ERROR|WARNING/,
    }),
  ),
  ...ours.map(
    ([line, fails, sentence]): BuildCase => ({
      name: `flags that are wrong: ${line}`,
      dockerfile,
      files,
      line: typed(line),
      fails,
      ours: sentence,
    }),
  ),
];
