import { type BuildCase, text } from './case.ts';

const dockerfiles: Record<string, [dockerfile: string, fails: RegExp]> = {
  'an instruction that is unknown': ['FROM bb\nRUN true\nNOSUCH thing\nRUN true\n', /unknown instruction: NOSUCH/],
  'a line that goes on into nothing': ['FROM bb\nCOPY a \\\n', /COPY requires/],
  'nothing in it': ['', /empty/],
  'only remarks': ['# nothing\n\n', /no instructions|empty/],
  'no FROM': ['RUN true\n', /no build stage/],
  'FROM without a name': ['FROM\n', /FROM requires/],
  'FROM with too much': ['FROM bb AS\n', /FROM requires/],
  'a base that is nowhere': ['FROM nosuch/image:tag\nRUN true\n', /nosuch\/image:tag/],
  'a reference that is none': ['FROM UPPER\n', /invalid reference format|must be lowercase/],
  'a platform of FROM that is none': ['FROM --platform=nosuch/x/y/z bb\n', /platform/],
  'a flag that is unknown': ['FROM bb\nCOPY --nosuch a /\n', /unknown flag: nosuch/],
  'a here-document that does not end': ['FROM bb\nRUN <<EOF\ntrue\n', /unterminated heredoc/],
  'ENV without a value': ['FROM bb\nENV A\n', /ENV/],
  'a quote that does not close': ['FROM bb\nLABEL a="b\n', /quote|find closing|unexpected/],
  'JSON of an empty command': ['FROM bb\nSHELL /bin/sh\n', /SHELL/],
  'a stage name that is none': ['FROM bb AS 1bad\n', /invalid name for build stage/],
  'a stage on itself': ['FROM bb AS a\nCOPY --from=a /x /\n', /circular/],
  'EXPOSE of no port': ['FROM bb\nEXPOSE http\n', /containerPort|invalid/],
  'a signal that is none': ['FROM bb\nSTOPSIGNAL NOSUCH\n', /NOSUCH|signal/],
  'HEALTHCHECK without a command': ['FROM bb\nHEALTHCHECK --interval=x CMD true\n', /interval|duration/],
  'a substitution that is none': ['FROM bb\nENV A=\x24{B!C}\n', /modifier|unsupported|missing/],
  'ONBUILD of ONBUILD': ['FROM bb\nONBUILD ONBUILD RUN true\n', /ONBUILD/],
  'a frontend that is nowhere': ['# syntax=127.0.0.1:1/nosuch/frontend\nFROM bb\n', /nosuch\/frontend/],
};

/** Dockerfiles that are wrong: the sentence, and the lines that are marked. */
export const failures: BuildCase[] = Object.entries(dockerfiles).map(([name, [dockerfile, fails]]) => ({
  name: `a Dockerfile: ${name}`,
  dockerfile,
  fails,
}));

failures.push(
  {
    name: 'a failing step of a stage in a long Dockerfile',
    dockerfile: `FROM bb\n${Array.from({ length: 30 }, (_, n) => `ENV V${n}=${n}\n`).join('')}RUN echo x && \\\n  false\n${Array.from({ length: 30 }, (_, n) => `ENV W${n}=${n}\n`).join('')}`,
    fails: /exit code: 1/,
  },
  {
    name: 'a failing here-document',
    dockerfile: text`
      FROM bb
      RUN <<EOF
      echo in the middle
      exit 4
      EOF
    `,
    fails: /exit code: 4/,
  },
);
