import { lines, prepareBoth } from '../harness/compare.ts';

prepareBoth();

lines(
  'processes',
  String.raw`
    $D create --name xc bb echo hi | wc -c; $D start xc; $D wait xc; $D logs xc
    $D run -d --name xa bb sleep 99 >/dev/null; $D rename xa xb; $D exec xb hostname | wc -c; $D stop -t0 xb
    $D run -d --name xa bb sleep 99 >/dev/null; for xc in true false 'sh -c "exit 7"' nosuch /etc '/etc/passwd'; do eval $D exec xa $c; echo $?; done
    $D run -d --name xa bb sleep 99 >/dev/null; $D exec -d xa sh -c 'echo x > /f'; sleep 0.5; $D exec xa cat /f; $D exec -d xa nosuch; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; echo hello | $D exec -i xa cat; echo hello | $D exec xa cat; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D exec -it xa true; echo $?; $D exec -t xa tty; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; printf 'echo from script\nexit 6\n' > scr; $D exec -i xa sh < scr; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D exec xa sh -c 'kill -9 $$'; echo $?; $D exec xa sh -c 'echo o; echo e >&2'
    $D run -d --name xa bb sleep 99 >/dev/null; $D exec; echo $?; $D exec xa; echo $?; $D exec -z xa xb; echo $?; $D exec --detach-keys foo xa true; echo $?
    $D run -d --name xa bb sh -c 'sleep 1; echo later; exit 3' >/dev/null; $D attach xa; echo $?
    $D run -d --name xa bb sh -c 'sleep 1; echo later; exit 3' >/dev/null; $D attach --no-stdin xa; echo $?
    $D run --name xa bb true; $D attach xa; echo $?; $D attach nosuch; echo $?; $D attach; echo $?
    $D run --name xa --log-driver none bb echo x; $D logs xa; echo $?
    $D logs; echo $?; $D logs xa xb; echo $?; $D logs --nope xa; echo $?
    $D run -d --name xa bb sh -c 'for i in 1 2 3; do echo $i; sleep 0.3; done' >/dev/null; $D logs -f xa; echo $?
    $D run --name xa bb sh -c 'printf "no newline"'; $D logs xa; $D logs -t xa
    $D run --name xa -t bb sh -c 'echo a; echo b >&2'; $D logs xa | od -c | head -3
    $D run -d --name xa -p $P:80 -p 127.0.0.1:$((P+1)):81/udp -p $((P+2))-$((P+3)):85-86 web >/dev/null; $D port xa; $D port xa 80; $D port xa 80/tcp; $D port xa 81/udp; $D port xa 81; echo $?; $D port xa 99; echo $?; $D ps --format '{{.Ports}}'
    $D port; echo $?; $D port nosuch 80; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D top xa | head -1; $D top xa -o pid,args | sed 's/[0-9]*//'; $D top xa aux | head -1; $D top xa -o cmd; echo $?; $D top xa --nope; echo $?; $D top; echo $?
    $D run --name xa bb sh -c 'echo 1; echo 2; echo 3; echo 4' >/dev/null; for f in '' '--tail 2' '-n 1' '--tail 0' '--tail=-1' '--tail all' '--tail x' '-f' '--since 1h' '--since 2030-01-01' '--until 2020-01-01' '--since x' '--since 0' '-ft'; do echo "[$f]"; $D logs $f xa; echo $?; done
    $D run -d --name xa bb sleep 99 >/dev/null; $D exec -u nosuch xa true; echo $?; $D exec -u 99:98 xa id; $D exec -e A=1 -e B -w /tmp xa sh -c 'echo $A $PWD'; $D exec --env-file /nosuch xa true; echo $?
    $D run -d --name xa -P --entrypoint sleep full 9 >/dev/null; $D port xa | grep -v '\[::\]' | sed 's/:[0-9]*$/:N/'
  `,
);
