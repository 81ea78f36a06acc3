import { type BuildCase, text } from './case.ts';

export const args: BuildCase[] = [
  {
    name: 'ARG in every scope',
    dockerfile: text`
      ARG BASE=nosuch
      ARG GLOBAL=global
      FROM $BASE AS one
      RUN echo "1 <$GLOBAL>"
      ARG GLOBAL
      ARG LOCAL=local
      RUN echo "2 <$GLOBAL> <$LOCAL>"
      ARG LOCAL=changed
      ENV LOCAL=env
      RUN echo "3 <$LOCAL>"
      ARG NONE
      ARG A=1 B=2 C
      RUN echo "4 <$NONE> <$A$B$C>"
      FROM \${BASE:-bb}
      RUN echo "5 <$LOCAL>"
      ARG LOCAL
      RUN echo "6 <$LOCAL>"
      LABEL from=$LOCAL-$BASE
    `,
    line: '$B --build-arg BASE=bb --build-arg C=3 --build-arg LOCAL="given = x" $OCI .',
    shows: /6 <given = x>/,
  },
  {
    name: '--build-arg takes a value from the environment, or none',
    dockerfile: text`
      FROM bb
      ARG FROM_ENV=default
      ARG ABSENT=default
      ARG EMPTY=default
      RUN echo "<$FROM_ENV> <$ABSENT> <$EMPTY>"
    `,
    line: 'FROM_ENV=environment $B --build-arg FROM_ENV --build-arg ABSENT --build-arg EMPTY= $OCI .',
    shows: /<environment> <default> <>/,
  },
  {
    name: 'predefined arguments: seen by RUN, not kept',
    dockerfile: text`
      FROM bb
      RUN echo "<$HTTP_PROXY> <$no_proxy> <$FTP_PROXY>"
      ARG FTP_PROXY=default
      RUN echo "<$FTP_PROXY>"
    `,
    line: '$B --build-arg HTTP_PROXY=http://proxy:1 --build-arg no_proxy=here $OCI .',
    shows: /<http:\/\/proxy:1> <here> <>/,
  },
  {
    name: 'platform arguments',
    dockerfile: text`
      FROM bb
      ARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM BUILDARCH TARGETSTAGE
      RUN echo "$TARGETPLATFORM $TARGETOS $TARGETARCH <$TARGETVARIANT> $BUILDPLATFORM $BUILDARCH <$TARGETSTAGE>"
    `,
    line: 'SOURCE_DATE_EPOCH= $B $OCI .',
    shows: /linux\/\w+ linux/,
  },
  {
    name: 'a foreign platform for stages that only copy',
    dockerfile: text`
      FROM --platform=$BUILDPLATFORM bb AS cross
      ARG TARGETPLATFORM TARGETARCH TARGETVARIANT
      RUN echo "$TARGETPLATFORM $TARGETARCH $TARGETVARIANT" > /built
      FROM scratch
      ARG TARGETARCH
      COPY --from=cross /built /
      LABEL arch=$TARGETARCH
    `,
    line: '$B --platform linux/arm/v7 $OCI .',
    shows: /linux\/arm\/v7 arm v7/,
  },
  {
    name: 'two platforms at once',
    dockerfile: text`
      FROM --platform=$BUILDPLATFORM bb AS cross
      ARG TARGETARCH
      RUN echo "$TARGETARCH" > /built
      FROM scratch
      COPY --from=cross /built /
    `,
    line: '$B --platform linux/amd64,linux/arm64 --provenance=false --annotation "index:i=1" --annotation "manifest[linux/arm64]:m=1" $OCI .',
    shows: /arm64/,
  },
  {
    name: 'a platform that is none',
    dockerfile: 'FROM scratch\nLABEL a=b\n',
    line: '$B --platform linux/nosuch/a/b/c $OCI .',
    fails: /platform/,
  },
  {
    name: 'SOURCE_DATE_EPOCH as an argument',
    dockerfile: 'FROM scratch\nCOPY file /\nWORKDIR /dir\nLABEL a=b\n',
    files: { file: 'x\n' },
    line: '$B --build-arg SOURCE_DATE_EPOCH=1600000001 $OCI .',
  },
  {
    name: 'a base that no argument gave',
    dockerfile: 'ARG BASE\nFROM $BASE\nRUN true\n',
    fails: /base name/,
  },
  {
    name: 'a variable that must be set',
    dockerfile: text`
      FROM bb
      ENV A=\${NOPE:?must be set}
    `,
    fails: /must be set/,
  },
];
