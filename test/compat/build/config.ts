import { type BuildCase, text } from './case.ts';

/** What goes into the configuration of the image. */
export const config: BuildCase[] = [
  {
    name: 'every instruction that only configures',
    dockerfile: text`
      FROM scratch
      LABEL one=1 "two words"="a value" three='single $quoted'
      LABEL one="again" \
            four=x
      ENV A=a B="b c" C='d e'
      ENV OLD old style value
      ENV D=$A-\${B:-none}-\${NOPE:-default}-\${A:+set}
      ENV PATH=/opt/bin:$PATH
      EXPOSE 80 443/tcp 53/udp 8000-8003
      VOLUME /data ["/json"] /logs
      VOLUME ["/a volume", "/other"]
      WORKDIR /srv
      WORKDIR sub/$A
      USER 1000:staff
      STOPSIGNAL SIGRTMIN+3
      HEALTHCHECK --interval=5s --timeout=1m30s --start-period=2s --start-interval=1s --retries=4 CMD curl -f http://localhost/ || exit 1
      SHELL ["/bin/bash", "-o", "pipefail", "-c"]
      ENTRYPOINT exec top -b
      CMD ["--flag", "a b"]
      MAINTAINER somebody@example.org
    `,
    shows: /SIGRTMIN\+3/,
  },
  {
    name: 'WORKDIR makes directories, with their owner',
    dockerfile: text`
      FROM bb
      USER web
      WORKDIR /made/by/workdir
      RUN id -un; pwd; touch mine 2>&1; ls -ld . | awk '{print $1, $3, $4}'
      WORKDIR ..
      RUN pwd
    `,
  },
  {
    name: 'VOLUME, and what a later RUN writes there',
    dockerfile: text`
      FROM bb
      RUN mkdir /vol && echo before > /vol/before
      VOLUME /vol
      RUN echo after > /vol/after
      RUN ls /vol
    `,
  },
  {
    name: 'layers that delete, replace and change modes',
    dockerfile: text`
      FROM bb
      RUN mkdir -p /d/e && echo 1 > /d/one && echo 2 > /d/two && ln /d/two /d/hard && mkfifo /d/fifo && mknod /d/null c 1 3
      RUN rm /d/one && rm -r /d/e && mkdir /d/e && chmod 2755 /d && chown 9:9 /d/two
      RUN rm -r /d && echo file > /d
      RUN chmod u+s /d
    `,
    shows: /\.wh\./,
  },
  {
    name: '--label, --annotation and what the Dockerfile labels',
    dockerfile: 'FROM bb\nLABEL a=file b=file\n',
    line: '$B --label a=flag --label c --label "d=e=f" --annotation x=y --annotation manifest-descriptor:p=q $OCI .',
    shows: /manifest-descriptor|p.*q/,
  },
  {
    name: 'a heading of remarks and directives',
    dockerfile: text`
      # escape=\`
      # a remark
      FROM bb
      RUN echo one `
      .concat(' `\n          two\n      # syntax=nothing\n')
      .replaceAll(/^ {6}/gm, ''),
    shows: /one/,
  },
  {
    name: 'a Dockerfile with a byte order mark and Windows line ends',
    setup: String.raw`printf '\357\273\277FROM bb\r\nRUN echo one \\\r\n  two\r\nCMD ["x"]\r\n' > Dockerfile`,
    shows: /one/,
  },
  {
    name: 'an image of labels alone',
    dockerfile: 'FROM scratch\nLABEL only=this\n',
  },
];
