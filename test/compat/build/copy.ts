import { type BuildCase, text } from './case.ts';

const few = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'dir/c.txt': 'c\n', 'dir/deep/d.md': 'd\n' };

/** COPY, its flags, and what it says of files that are not there. */
export const copy: BuildCase[] = [
  {
    name: 'COPY: files, directories, wildcards, new names',
    dockerfile: text`
      FROM scratch
      COPY a.txt /
      COPY a.txt b.txt /two/
      COPY a.txt /renamed
      COPY dir /dir
      COPY dir/ /slash/
      COPY *.txt /glob/
      COPY d?r/c.* /q/
      COPY ["a.txt", "/a name"]
      WORKDIR /work
      COPY a.txt .
      COPY . all
    `,
    files: few,
  },
  {
    name: 'COPY --link, --chmod and --chown',
    dockerfile: text`
      FROM bb
      COPY --link a.txt /linked/
      COPY --link --chown=12:34 --chmod=0640 dir /owned
      COPY --chmod=4755 a.txt /setuid
      COPY --chown=web:extra b.txt /named
      COPY --chown=web dir /web
      USER web
      COPY b.txt /still-root
    `,
    files: few,
    shows: /1000:1001/,
  },
  {
    name: 'COPY --link onto nothing',
    dockerfile: text`
      FROM bb AS one
      RUN mkdir /x && echo x > /x/x
      FROM scratch
      COPY --link --from=one /x/ /y/
      COPY --link a.txt /y/
    `,
    files: few,
  },
  {
    name: 'here-documents of COPY and ADD',
    dockerfile: text`
      FROM scratch
      ARG WHO=you
      COPY <<EOF /hello
      hello $WHO
      EOF
      COPY --chmod=755 --chown=5:6 <<'ONE' <<-TWO a.txt /several/
      literal $WHO
      ONE
      	no tab
      TWO
      ADD <<EOF /added
      added
      EOF
    `,
    files: few,
  },
  {
    name: 'COPY --parents',
    dockerfile: 'FROM scratch\nCOPY --parents dir/deep/d.md /\n',
    files: few,
    fails: /parents/,
  },
  {
    name: 'COPY --exclude',
    dockerfile: 'FROM scratch\nCOPY --exclude=*.md dir /\n',
    files: few,
    fails: /exclude/,
  },
  {
    name: 'COPY of what is not there',
    dockerfile: 'FROM scratch\nCOPY a.txt /\nCOPY nosuch.txt /there/\nCOPY b.txt /\n',
    files: few,
    fails: /"\/nosuch\.txt": not found/,
  },
  {
    name: 'COPY of a wildcard that nothing matches',
    dockerfile: 'FROM scratch\nCOPY *.nosuch /there/\n',
    files: few,
  },
  {
    name: 'COPY of what the ignore file hides',
    dockerfile: 'FROM scratch\nCOPY a.txt /\n',
    files: { ...few, '.dockerignore': 'a.txt\n' },
    fails: /a\.txt/,
  },
  {
    name: 'COPY of several to one name',
    dockerfile: 'FROM scratch\nCOPY a.txt b.txt /file\n',
    files: few,
  },
  {
    name: 'COPY onto and through links in the image',
    dockerfile: text`
      FROM bb
      RUN mkdir /real && ln -s /real /alias && ln -s nowhere /dangling && ln -s /real/file /filelink
      COPY a.txt /alias/
      COPY dir/ /alias/
      COPY a.txt /filelink
      COPY b.txt /dangling/
      RUN find /real /alias /dangling /nowhere /filelink -exec ls -ld {} + | awk '{print $1, $9, $10, $11}'
    `,
    files: few,
  },
  {
    name: 'COPY over a directory and a file of another kind',
    dockerfile: 'FROM bb\nRUN mkdir -p /thing/x\nCOPY a.txt /thing\nCOPY dir /etc/passwd\n',
    files: few,
    fails: /./,
  },
];
