/**
 * What our sentences follow is docker 28. Older dockers (Debian 12 has 20.10, Debian 13 has 26) say some of them in
 * other words; each rewrite below takes one such difference out of both sides, and nothing else.
 */
const rewrites: readonly (readonly [RegExp, string])[] = [
  // The way to the help: 28 shows the usage and `Run '… --help'`, 20.10 `See '… --help'.`, each at places of its own.
  [/^(see|run) '[^']* --help'( for more information)?\.?$/gm, ''],
  [/^s?run '[^']* --help' for more information$/gm, ''],
  [/^usage: +.*\n(\n.+\n?)?/gm, ''],
  [/^aliases:\n.*\n?/gm, ''],
  // The client of 20.10 logs that it no longer waits for what did not start, and ends its own sentences with a dot.
  [/^time="[^"]*" level=error msg="error waiting for container: .*$/gim, ''],
  [/\.$/gm, ''],
  // 20.10 quotes the command with " and ends the sentence.
  [/^(?:program: )?["'](program[\w ]*)["'] (requires|accepts) ([^.\n]*)\.?$/gm, "'$1' $2 $3"],
  // 28 has its own name before what its client refuses; 20.10 before some of that only.
  [/^(program: |error: )+/gm, ''],
  [/is not a program command\./g, 'is not a program command'],
  [/'(\w+)' is not a program command/g, 'unknown command: program $1'],
  // dockerd 20.10
  [
    /you cannot remove a running container id\. stop the container before attempting removal or force remove/g,
    'container is running: stop the container before removing or force remove',
  ],
  [
    /you cannot remove a paused container id\. unpause and then stop the container before attempting removal or force remove/g,
    'container is paused and must be unpaused first',
  ],
  [/cannot remove container "[^"]*": /g, ''],
  [
    /maximum retry count cannot be used with restart policy '\w+'/g,
    "invalid restart policy: maximum retry count can only be used with 'on-failure'",
  ],
  [/(invalid restart policy) '(\w+)'/g, "$1: unknown policy '$2'"],
  [/(unknown policy '\w+'); use one of .*/g, '$1'],
  [/unknown runtime specified (\S+)/g, 'unknown or invalid runtime name: $1'],
  [/no such image: \S+: no such image/g, 'no such image'],
  [/(no such image: [^\s:]+):latest/g, '$1'],
  [/(get|list|create|remove|inspect) \S+: no such volume: (\S+)/g, 'no such volume: $2'],
  [/no such container (\S+)/g, 'no such container: $1'],
  [/strconv\.atoi: parsing "(\w*)": invalid syntax/g, "invalid filter 'exited=$1'"],
  [/(template parsing error|failed to (parse|execute) template): template/g, 'template'],
  [/failed to parse value as time or duration: "\w+"|failed to parse "\w+" as a time or duration/g, 'no time'],
  [/parsing time "[^"]*" as "[^"]*": cannot parse "[^"]*" as "[^"]*"/g, 'no time'],
  // The client is still packing what the daemon has refused; 20.10 names the process that unpacks.
  [/^time="[^"]*" level=error msg="can't (add file|close tar writer).*$/gim, ''],
  [/error processing tar file\(exit status 1\): /g, ''],
  // The client of 28 prints the status that it ends with.
  [/^exit status \d+$/gm, ''],
];

/** Sentences of stderr that are to be the same: without case (28 begins errors with a small letter) and empty lines. */
export function words(text: string): string {
  let result = text.toLowerCase();
  for (const [from, to] of rewrites) result = result.replaceAll(from, to);
  return result.replaceAll(/\n{2,}/g, '\n').trim();
}
