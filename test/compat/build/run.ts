import { type BuildCase, text } from './case.ts';

/** RUN: what it says and how it fails. */
export const run: BuildCase[] = [
  {
    name: 'here-documents of RUN',
    dockerfile: text`
      FROM bb
      ARG WHO=world
      RUN <<EOF
      set -e
      echo "hello $WHO"
      echo one > /one
      EOF
      RUN <<'EOF' cat > /literal
      not $expanded
      EOF
      RUN <<EOF
      #!/bin/sh
      echo "$0" | cut -c1-5
      EOF
      RUN cat /literal <<EOF1 - <<EOF2
      a
      EOF1
      b
      EOF2
    `,
    shows: /hello world/,
  },
  {
    name: 'SHELL and the forms of RUN',
    dockerfile: text`
      FROM bb
      RUN ["/bin/echo", "an $array"]
      RUN echo "a  shell" \
          # a remark
          && echo goes on
      SHELL ["/bin/sh", "-c", "exec 2>&1; set -ex; eval \"$0\""]
      RUN echo traced
      RUN echo with two > /two; cat /two
    `,
    shows: /traced/,
  },
  {
    name: 'what RUN prints: both streams, no last newline, carriage returns, colours, bytes that are no text',
    dockerfile: text`
      FROM bb
      RUN echo out; sleep 0.1; echo err >&2; sleep 0.1; printf 'no newline'
      RUN printf '10%%\r20%%\r30%%\n'; printf '\033[31mred\033[0m\n'; printf 'ü€😀\n'; printf '\377\376\n'
      RUN printf '\n\n  indented\ttab  \n\nend\n'
      RUN true
    `,
    shows: /indented/,
  },
  {
    name: 'a RUN that says a lot',
    dockerfile: text`
      FROM bb
      RUN yes 0123456789abcdefghijklmnopqrstuvwxyz | head -c 1000000
      RUN echo after
    `,
    // The daemon cuts the log by its speed: how much of it comes through differs each time.
    line: text`
      $B $OCI . 2>log || exit
      grep -c 'log limit .* reached' log
      grep -cx '#[0-9]* [0-9.]* 0123456789abcdefghijklmnopqrstuvwxyz' log | grep -c '....'
      grep -v '^#5 ' log >&2
      rm log
    `,
    shows: /after/,
  },
  {
    name: 'RUN that fails: the output before, and the place in the Dockerfile',
    dockerfile: text`
      FROM bb

      ENV A=1
      RUN echo before; sleep 0.1; echo trouble >&2; \
          exit 7
      RUN echo never
    `,
    fails: /exit code: 7/,
  },
  {
    name: 'RUN that fails after many lines',
    dockerfile: 'FROM bb\nRUN seq 1 40; false\n',
    fails: /exit code: 1/,
  },
  {
    name: 'RUN of a program that is not there',
    dockerfile: 'FROM bb\nRUN ["/no/such/program"]\n',
    fails: /no such file|not found/,
  },
  {
    name: 'RUN that is killed',
    dockerfile: "FROM bb\nRUN sh -c 'kill -9 $$'; exit $?\n",
    fails: /exit code: 137/,
  },
  {
    name: 'a failing stage beside one that goes on',
    dockerfile: text`
      FROM bb AS slow
      RUN sleep 20
      FROM bb AS bad
      RUN sleep 0.5; exit 3
      FROM scratch
      COPY --from=slow /etc/passwd /
      COPY --from=bad /etc/group /
    `,
    fails: /exit code: 3/,
  },
  {
    name: 'RUN --network=none and --security=insecure',
    dockerfile: text`
      FROM bb
      RUN --network=none ls /sys/class/net
      RUN --security=insecure true
    `,
    fails: /security\.insecure|insecure/,
  },
];
