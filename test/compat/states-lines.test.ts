import { lines, prepareBoth } from '../harness/compare.ts';

prepareBoth();

lines(
  'states',
  String.raw`
    $D run bb /etc; echo $?
    $D create bb | wc -c
    $D create --name xc bb echo hi; $D start -a xc; echo $?
    $D create -i --name xc bb cat >/dev/null; echo in | $D start -ai xc; echo $?
    $D create --name xc bb sh -c 'exit 3' >/dev/null; $D start -a xc; echo $?
    $D create --name xc bb nosuch >/dev/null; $D start xc; echo $?; $D ps -a --format '{{.Names}} {{.Status}}'
    $D create --name xc bb nosuch >/dev/null; $D start -a xc; echo $?
    $D create --name xc bb true >/dev/null;$D create --name xd bb true >/dev/null; $D start xc nosuch xd; echo $?
    $D create --name xc bb true >/dev/null;$D create --name xd bb true >/dev/null; $D start -a xc xd; echo $?
    $D start; echo $?
    $D start -a nosuch; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D start xa; echo $?; $D stop -t 0 xa; echo $?; $D stop xa; echo $?; $D ps -a --format '{{.Names}} {{.Status}}'
    $D run -d --name xa bb sleep 99 >/dev/null; $D stop -t 0 xa nosuch xb; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D stop -t x xa; echo $?
    $D run -d --name xa --stop-signal USR1 bb sh -c 'trap "exit 5" USR1; while :; do sleep 0.1; done' >/dev/null; sleep 0.5; $D stop xa; $D wait xa; $D inspect -f '{{.Config.StopSignal}} {{.State.ExitCode}}' xa
    $D run -d --name xa --stop-timeout 0 bb sleep 99 >/dev/null; $D stop xa; $D inspect -f '{{.Config.StopTimeout}} {{.State.ExitCode}}' xa
    $D run -d --name xa bb sleep 99 >/dev/null; $D restart -t 0 xa; $D ps --format '{{.Names}} {{.Status}}'; $D restart -t 0 xa nosuch; echo $?
    $D create --name xa bb sleep 99 >/dev/null; $D restart xa; $D ps --format '{{.Names}} {{.State}}'
    $D run -d --name xa bb sleep 99 >/dev/null; $D kill xa; $D wait xa; $D kill xa; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D kill -s BOGUS xa; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D kill -s 9 xa nosuch; echo $?; $D ps -a --format '{{.Names}} {{.Status}}'
    $D run -d --name xa bb sleep 99 >/dev/null; $D kill --signal=SIGKILL xa; $D inspect -f '{{.State.ExitCode}}' xa
    $D run -d --name xa bb sleep 99 >/dev/null; $D kill -s 0 xa; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D rm xa; echo $?; $D rm -f xa; echo $?; $D rm -f xa; echo $?; $D rm xa; echo $?
    $D create --name xa bb >/dev/null; $D rm xa nosuch; echo $?
    $D create --name xa bb >/dev/null; $D rm -f xa nosuch; echo $?
    $D rm; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D pause xa; $D ps --format '{{.Status}} {{.State}}'; $D pause xa; echo $?; $D exec xa true; echo $?; $D unpause xa; $D unpause xa; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D pause xa; $D stop -t 0 xa; echo $?; $D ps -a --format '{{.Status}} {{.State}}'
    $D run -d --name xa bb sleep 99 >/dev/null; $D pause xa; $D rm xa; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D pause xa; $D kill xa; echo $?; sleep 0.5; $D ps -a --format '{{.Status}} {{.State}}'
    $D run -d --name xa bb sleep 99 >/dev/null; $D pause xa; $D rm -f xa; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D pause xa; $D start xa; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D pause xa; $D restart -t 0 xa; echo $?; $D ps -a --format '{{.Status}} {{.State}}'
    $D create --name xa bb >/dev/null; $D pause xa; echo $?; $D unpause xa; echo $?; $D kill xa; echo $?; $D stop xa; echo $?; $D top xa; echo $?; $D exec xa x; echo $?; $D attach xa; echo $?; $D logs xa; $D port xa
    $D run --name xa bb sh -c 'exit 9'; $D wait xa; $D wait xa nosuch; echo $?
    $D run -d --name xa bb sleep 1 >/dev/null; $D run -d --name xb bb sh -c 'sleep 0.5; exit 4' >/dev/null; $D wait xa xb
    $D create --name xa bb >/dev/null; timeout 2 $D wait xa; echo $?
    $D run --name xa bb true; $D rename xa xb; $D ps -a --format '{{.Names}}'; $D rename xa xc; echo $?; $D rename xb xb; echo $?; $D rename xb 'x y'; echo $?; $D rename xb; echo $?; $D rename xb ''; echo $?
    $D create --name xa bb >/dev/null; $D create --name xb bb > /dev/null; $D rename xa xb 2>&1 ; echo $?
  `,
);
