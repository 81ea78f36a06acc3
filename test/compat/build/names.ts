import { type BuildCase, text } from './case.ts';

/** Names, kinds, modes and times of files that are unusual, on their way into the image. */
export const names: BuildCase[] = [
  {
    name: 'hostile names',
    dockerfile: text`
      FROM bb
      COPY . /c/
      RUN cd /c && find . | LC_ALL=C sort | od -An -c
      COPY ["d/a  b", "/a  b"]
      COPY d/*quoted* /q/
    `,
    setup: String.raw`
      mkdir d && cd d && for name in ' ' 'a  b' "$(printf 'new\nline')" "$(printf 'tab\t')" '😀' 'Ångström' "$(printf 'A\314\212')" "'quoted\"" 'back\slash' \
        '*' '?' '[x]' '$HOME' '-rf' '#' '%41' '+' '~' '...' '.hidden' '.wh' "$(printf '\357\277\275')" 'a:b' '=' '&;|<>' ; do echo "$name" > "./$name"; done
      mkdir -p "$(printf 'x')/$(printf 'y%.0s' $(seq 200))/deep"; : > "x/$(printf 'z%.0s' $(seq 255))"`,
  },
  {
    name: 'names that are no UTF-8',
    dockerfile: text`
      FROM bb
      COPY . /c/
      RUN cd /c && find . | LC_ALL=C sort | od -An -tx1
    `,
    setup: String.raw`printf x > "$(printf 'a\377\376')"; mkdir "$(printf 'd\300')"; printf y > "$(printf 'd\300/\200')"; printf z > "$(printf 'ok-\303\274')"`,
    shows: /ff fe/,
  },
  {
    name: 'names in the order of their bytes, with an ignore file',
    dockerfile: 'FROM bb\nCOPY . /c/\nRUN find /c -type f | LC_ALL=C sort | sha256sum\n',
    setup: `
      for name in a a-b a.b a/b 'a b' A B ab é z Z 10 9 _ '~' '￿' '😀' '𝒳'; do case $name in a) mkdir a;; *) mkdir -p "$(dirname "$name")"; echo > "$name";; esac; done
      echo 'ab' > .dockerignore`,
  },
  {
    name: 'links: hard, symbolic, dangling, absolute, in a circle, out of the context',
    dockerfile: text`
      FROM bb
      COPY links /links
      COPY todir/ /through/
      COPY tofile /tofile
      RUN cd /links && find . -exec ls -ld {} + | awk '{print $1, $2, $9, $10, $11}' && cat hard1
    `,
    setup: text`
      mkdir links && cd links && echo hard > hard1 && ln hard1 hard2 && mkdir sub && ln hard1 sub/hard3
      ln -s hard1 relative && ln -s /etc/passwd absolute && ln -s nowhere dangling && ln -s circle2 circle1 && ln -s circle1 circle2
      ln -s ../.. up && ln -s sub tosub && ln -s . self
      cd .. && ln -s links/sub todir && ln -s links/hard1 tofile
    `,
  },
  {
    name: 'COPY of a link that goes nowhere',
    dockerfile: 'FROM scratch\nCOPY dangling /x\n',
    setup: 'ln -s nowhere dangling',
    fails: /./,
  },
  {
    name: 'COPY of a circle of links',
    dockerfile: 'FROM scratch\nCOPY one /x\n',
    setup: 'ln -s two one; ln -s one two',
    fails: /./,
  },
  {
    name: 'modes, owners, empty directories, a pipe',
    dockerfile: 'FROM scratch\nCOPY . /c/\n',
    setup: text`
      mkdir empty sticky setgid closed && chmod 1777 sticky && chmod 2755 setgid && chmod 0 closed
      for mode in 0 400 644 4755 2711 6777 1644; do : > f$mode && chmod $mode f$mode; done
      chown 1234:5678 f644 empty && mkfifo pipe && chmod 640 pipe && head -c 300000 /dev/zero > large
    `,
    shows: /fifo/,
  },
  {
    name: 'times: before 1970, to the nanosecond, far ahead',
    dockerfile: text`
      FROM bb
      COPY old new fine future /
      RUN stat -c '%n %Y' /old /new /fine /future
    `,
    setup: text`
      : > keep-times; : > new; touch -d '1960-02-03 04:05:06.7Z' old; touch -d '2001-02-03 04:05:06.123456789Z' fine
      touch -d '2099-01-01 00:00:00Z' future; touch -d '2002-01-01Z' new
    `,
  },
  {
    name: 'many files',
    dockerfile: 'FROM bb\nCOPY . /c/\nRUN find /c -type f -exec cat {} + | sha256sum; find /c | wc -l\n',
    setup: 'for d in $(seq 20); do mkdir d$d; for f in $(seq 30); do echo $d $f > d$d/f$f; done; done',
  },
  {
    name: 'a directory that cannot be read, out of the way',
    dockerfile: 'FROM scratch\nCOPY open /\n',
    files: { 'closed/f': 'closed\n', open: 'open\n' },
    setup: 'chmod 0 closed',
    line: '$OTHER_USER $B $OCI .',
  },
  {
    name: 'a directory that cannot be read, and the ignore file says so',
    dockerfile: 'FROM scratch\nCOPY . /\n',
    files: { 'closed/f': 'closed\n', open: 'open\n', '.dockerignore': 'closed\n' },
    setup: 'chmod 0 closed',
    line: '$OTHER_USER $B $OCI .',
  },
];
