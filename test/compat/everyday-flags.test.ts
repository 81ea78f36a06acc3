import { lines, prepareBoth } from '../harness/compare.ts';

prepareBoth();

lines(
  'everyday',
  String.raw`
    $D run -d --name aa -v data:/d bb sh -c 'echo kept > /d/f; sleep 99' >/dev/null; sleep 0.5; $D run --rm --volumes-from aa bb cat /d/f; $D rm -f aa; $D run --rm -v data:/d:ro bb cat /d/f; $D volume rm data
    $D run --rm --mount type=bind,source=$PWD,target=/x,readonly bb sh -c 'touch /x/f' 2>/dev/null; echo $?; $D run --rm --mount type=tmpfs,dst=/t bb sh -c 'df /t | tail -1 | cut -d" " -f1'
    $D run -d --name aa --restart=always bb sleep 99 >/dev/null; $D inspect -f '{{.HostConfig.RestartPolicy.Name}}' aa; $D stop -t 0 aa; $D ps -q | wc -l; $D rm aa
    $D run -d --name aa --restart on-failure:2 bb false >/dev/null; sleep 2; $D inspect -f '{{.RestartCount}} {{.State.ExitCode}}' aa
    $D run -d --name aa --label app=x bb sleep 99 >/dev/null; $D ps -q --filter label=app=x | wc -l; $D stop -t 0 $($D ps -q --filter label=app=x) | wc -l; $D rm $($D ps -aq --filter label=app=x) | wc -l
    $D rm -f nosuch; echo $?; $D rm -f nosuch 2>/dev/null || true; $D stop nosuch || echo failed; $D inspect nosuch >/dev/null 2>&1 || echo missing
    $D run -d --name aa bb sleep 99 >/dev/null; $D run -d --name aa bb sleep 99; echo $?; $D rm -f aa; $D run -d --name aa bb sleep 99 >/dev/null; echo $?
    $D run -d --name aa bb sleep 99 >/dev/null; $D exec aa sh -c 'echo out; echo err >&2; exit 9'; echo $?; $D exec -e X=1 -w /tmp -u web aa sh -c 'echo $X; pwd; id -un'
    $D run -d --name aa bb sleep 99 >/dev/null; $D top aa -o pid,comm | tail -1 | cut -d' ' -f2- | tr -d ' 0-9'; $D port aa; $D rename aa cc; $D ps --format '{{.Names}}'
    $D run -d --name aa bb sleep 99 >/dev/null; $D pause aa; $D ps --filter status=paused --format '{{.Names}}'; $D unpause aa; $D rm --force --volumes aa
    $D run --rm bb sh -c 'exit 42' || echo "failed with $?"; $D run --rm bb no-such 2>/dev/null; echo $?; $D run --rm bb /etc 2>/dev/null; echo $?
    $D run --rm --name aa bb sh -c 'kill -9 $$'; echo $?; timeout 2 $D run --rm --name cc bb sleep 30; echo $?
    $D run --cidfile c.id -d bb sleep 99 >/dev/null; $D inspect -f '{{.Id}}' $(cat c.id) | cmp - c.id 2>&1 | grep -c differ; $D rm -f $(cat c.id) | wc -c; rm -f c.id
    $D create --name aa -p $P:80 web >/dev/null; $D port aa; $D start aa; $D port aa 80/tcp; $D rm -f aa
    $D network create net1 >/dev/null; $D run -d --name srv --network net1 --network-alias api web >/dev/null; sleep 0.5; $D run --rm --network net1 bb wget -qO- http://srv/; $D run --rm --network net1 bb wget -qO- http://api/; $D rm -f srv; $D network rm net1
    $D run -d --name aa --network none bb sleep 99 >/dev/null; $D run --rm --network container:aa bb ip -o link | wc -l
    $D run --rm --ulimit nofile=1024:2048 bb sh -c 'ulimit -n; ulimit -Hn'; $D run --rm --sysctl net.core.somaxconn=100 bb cat /proc/sys/net/core/somaxconn
    $D run --rm --log-driver none bb echo x; $D run --name aa --log-opt max-size=1m --log-opt max-file=2 bb echo logged; $D logs aa
    $D run --rm --stop-signal KILL --stop-timeout 1 --shm-size 32m bb sh -c "df -k /dev/shm | tail -1 | awk '{print \$2}'"
    $D run --rm --device /dev/null:/dev/nothing bb ls -l /dev/nothing | cut -c1; $D run --rm --security-opt no-new-privileges --security-opt seccomp=unconfined bb grep -E 'Seccomp:|NoNewPrivs' /proc/self/status
    $D run --rm --pid host bb sh -c 'test $(ls -d /proc/[0-9]* 2>/dev/null | wc -l) -gt 5 && echo many'; $D run --rm --uts host bb hostname | wc -l; $D run --rm --ipc host bb true; echo $?
    $D run -dit --name aa bb sh >/dev/null; $D exec aa tty; $D inspect -f '{{.Config.Tty}} {{.Config.OpenStdin}}' aa; $D rm -f aa
    $D run --rm full; $D run --rm full other words; $D run --rm --entrypoint /bin/cat full /data/seed; $D run --rm --entrypoint '' full id -un
    $D run -d -P --name aa --entrypoint sleep full 99 >/dev/null; $D port aa 8080 | grep -v '\[::\]' | sed 's/:[0-9]*$/:N/'; $D ps --format '{{.Ports}}' | grep -c '8080/tcp'
    $D run --rm -w /new/dir bb pwd; $D run --rm -v /anon bb sh -c 'touch /anon/x && echo ok'; $D run --rm --group-add 1001 bb id -G
    $D run --rm --dns 9.9.9.9 --dns-search example.com bb cat /etc/resolv.conf
    $D run -d --name aa bb sleep 99 >/dev/null; $D attach --no-stdin aa & sleep 1; $D kill aa >/dev/null; wait $!; echo $?
    $D run -d --rm --name aa bb sleep 99 >/dev/null; $D stop -t 0 aa; $D ps -aq | wc -l; $D run -d --rm --name aa bb true >/dev/null; sleep 1; $D ps -aq | wc -l
  `,
);
