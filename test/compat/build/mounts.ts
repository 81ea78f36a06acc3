import { fileURLToPath } from 'node:url';
import { type BuildCase, text } from './case.ts';

const askAgent = `${process.env.CC ?? 'cc'} -static -Os -o ask-agent ${fileURLToPath(new URL('ask-agent.c', import.meta.url))}`;

/** RUN --mount of every kind. For keys and agents see ssh.ts. */
export const mounts: BuildCase[] = [
  {
    name: 'bind mounts: the context, one file of it, another stage, for writing',
    dockerfile: text`
      FROM bb AS tools
      RUN mkdir /tools && echo tool > /tools/t
      FROM bb
      RUN --mount=target=/src ls /src && cat /src/file && ! touch /src/x 2> /dev/null
      RUN --mount=type=bind,source=sub/inner,target=/inner cat /inner > /copied
      RUN --mount=type=bind,from=tools,source=/tools,target=/t cat /t/t
      RUN --mount=type=bind,from=web,source=/www,target=/w cat /w/index.html
      RUN --mount=type=bind,target=/src,rw echo written > /src/new && ls /src
      RUN test ! -e /src/new
    `,
    files: { file: 'file\n', 'sub/inner': 'inner\n' },
    shows: /hello from the page/,
  },
  {
    name: 'cache mounts are kept between builds, and not in the image',
    dockerfile: text`
      FROM bb AS seed
      RUN mkdir /seed && echo seed > /seed/s
      FROM bb
      RUN --mount=type=cache,target=/cache,id=corpus,mode=0700,uid=5,gid=6 stat -c '%a %u:%g' /cache
      RUN --mount=type=cache,target=/cache,from=seed,source=/seed,sharing=private cat /cache/s
      RUN --mount=type=cache,target=/c,sharing=locked echo kept > /c/k
      RUN --mount=type=cache,target=/c,sharing=locked,ro cat /c/k
      RUN ls -A /c /cache 2>&1 || ls /
    `,
    shows: /kept/,
  },
  {
    name: 'tmpfs mounts',
    dockerfile: text`
      FROM bb
      RUN --mount=type=tmpfs,target=/t,size=1m df -k /t | awk 'NR==2{print $1, $2}'; echo x > /t/x
      RUN ls -A /t 2>&1 || ls /
    `,
  },
  {
    name: 'secrets: from files and variables, at their places',
    dockerfile: text`
      FROM bb
      RUN --mount=type=secret,id=file cat /run/secrets/file
      RUN --mount=type=secret,id=file,target=/etc/token,mode=0440,uid=7,gid=8 stat -c '%a %u:%g %s' /etc/token
      RUN --mount=type=secret,id=variable,required cat /run/secrets/variable; echo
      RUN --mount=type=secret,id=HIDDEN cat /run/secrets/HIDDEN; echo
      RUN --mount=type=secret,id=absent ls /run/secrets 2>&1 || true
    `,
    files: { 'key.txt': 'from a file\n' },
    line: text`
      VARIABLE='from a variable' HIDDEN=hidden $B --secret id=file,src=key.txt --secret type=env,id=variable,env=VARIABLE \
        --secret id=HIDDEN $OCI .
    `,
    shows: /from a variable/,
  },
  {
    name: 'a secret that is required and missing',
    dockerfile: 'FROM bb\nRUN --mount=type=secret,id=absent,required cat /run/secrets/absent\n',
    fails: /absent/,
  },
  {
    name: '--secret of a file that is not there',
    dockerfile: 'FROM bb\nRUN --mount=type=secret,id=a cat /run/secrets/a\n',
    line: '$B --secret id=a,src=nosuch $OCI .',
    fails: /nosuch/,
  },
  {
    name: 'a mount of a kind that is unknown',
    dockerfile: 'FROM bb\nRUN --mount=type=nosuch,target=/x true\n',
    fails: /nosuch/,
  },
  {
    name: 'a bind mount of what the context does not have',
    dockerfile: 'FROM bb\nRUN --mount=source=nosuch,target=/x true\n',
    fails: /nosuch/,
  },
  {
    name: 'an ssh mount with keys from a file: the agent answers with them',
    dockerfile: text`
      FROM bb
      COPY ask-agent /bin/
      RUN --mount=type=ssh,mode=0666 stat -c '%F %a' $SSH_AUTH_SOCK && ask-agent
      RUN --mount=type=ssh,id=other,target=/agent ls /agent
    `,
    setup: askAgent,
    line: '$B --ssh default=$KEY --ssh other=$KEY $OCI .',
    shows: /7373682d65643235353139/,
  },
  {
    name: 'an ssh mount with the agent of the user',
    dockerfile: text`
      FROM bb
      COPY ask-agent /bin/
      RUN --mount=type=ssh ask-agent
    `,
    setup: askAgent,
    line: 'SSH_AUTH_SOCK=$AGENT $B --ssh default $OCI .',
    shows: /6167656e74/,
  },
  {
    name: 'an ssh mount that nothing was given for',
    dockerfile: text`
      FROM bb
      RUN --mount=type=ssh echo "\${SSH_AUTH_SOCK:-none}"
      RUN --mount=type=ssh,required true
    `,
    fails: /ssh/,
  },
  {
    name: '--ssh without an agent',
    dockerfile: 'FROM bb\nRUN --mount=type=ssh true\n',
    line: 'unset SSH_AUTH_SOCK; $B --ssh default $OCI .',
    ours: /invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set/,
    fails: /ssh|SSH/,
  },
];
