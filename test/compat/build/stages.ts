import { type BuildCase, text } from './case.ts';

export const stages: BuildCase[] = [
  {
    name: 'one stage takes files from another',
    dockerfile: text`
      FROM bb AS build
      RUN mkdir /out && echo made > /out/app && chmod 750 /out/app && ln -s app /out/link
      FROM scratch
      COPY --from=build /out /app
    `,
    shows: /app\/link/,
  },
  {
    name: 'a stage by its number, by another case, and as the base of the next',
    dockerfile: text`
      FROM bb
      RUN echo first > /first
      FROM scratch AS Second
      COPY --from=0 /first /one
      FROM second
      COPY --from=SECOND /one /two
    `,
  },
  {
    name: '--target ends before the failing stage',
    dockerfile: text`
      FROM bb AS good
      RUN echo good > /good
      FROM good AS bad
      RUN exit 9
    `,
    line: '$B --target good $OCI .',
  },
  {
    name: 'files from an image that is no stage',
    dockerfile: text`
      FROM scratch
      COPY --from=web /www /www
    `,
    shows: /www\/index\.html/,
  },
  {
    name: 'a base with a configuration of its own',
    dockerfile: text`
      FROM full
      RUN id -u && pwd && echo $FROM_IMAGE
      CMD ["other"]
    `,
    shows: /SIGQUIT/,
  },
  {
    name: 'ONBUILD of a base stage happens in the stage on it',
    dockerfile: text`
      FROM bb AS base
      ONBUILD ARG WHO=nobody
      ONBUILD COPY file /onbuild/
      ONBUILD RUN echo "for $WHO" > /onbuild/who
      FROM base
      RUN cat /onbuild/who
    `,
    files: { file: 'text\n' },
    line: '$B --build-arg WHO=me $OCI .',
    shows: /for me/,
  },
  {
    name: 'ONBUILD stays in the configuration of the image',
    dockerfile: text`
      FROM scratch
      COPY file /
      ONBUILD COPY . /src
      ONBUILD RUN make
    `,
    files: { file: 'text\n' },
    shows: /COPY \. \/src/,
  },
  {
    name: '--target that is no stage',
    dockerfile: 'FROM bb AS one\nRUN true\n',
    line: '$B --target two $OCI .',
    fails: /target stage .?two.? could not be found/,
  },
  {
    name: 'COPY from a stage that comes later',
    dockerfile: text`
      FROM bb AS one
      COPY --from=two /file /
      FROM bb AS two
      COPY --from=one /file /
    `,
    fails: /./,
  },
  {
    name: 'COPY from a name that is neither stage nor image',
    dockerfile: 'FROM scratch\nCOPY --from=127.0.0.1:1/nosuch /file /\n',
    fails: /nosuch/,
  },
];
