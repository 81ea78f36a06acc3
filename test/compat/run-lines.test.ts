import { lines, prepareBoth } from '../harness/compare.ts';

prepareBoth();

lines(
  'run',
  String.raw`
    $D run bb sh -c 'exit 130'
    $D run bb nosuch
    $D run bb /etc
    $D run bb /etc/passwd
    $D run bb sh -c 'kill -9 $$'
    $D run --name xx bb sh -c 'kill -TERM $$; sleep 1'
    $D run --pull never nosuchimage true
    $D run -d --rm --name xx bb sleep 5; $D ps --format '{{.Names}}'; $D stop -t 0 xx; $D ps -a
    $D run -a stdout --name xx bb sh -c 'echo o; echo e >&2'
    $D run -a stderr --name xx bb sh -c 'echo o; echo e >&2'
    $D run -a STDOUT -a STDERR --name xx bb sh -c 'echo o; echo e >&2'
    $D run -a stdin --name xx bb sh -c 'echo o; echo e >&2' | wc -c
    echo in | $D run -a stdin -a stdout -i --name xx bb cat
    rm -f cid; $D run --cidfile cid bb true; wc -c < cid; $D run --cidfile cid bb true; echo $?; rm -f cid
    rm -f cid; $D run -d --cidfile cid --name aa bb sleep 9; test "$(cat cid)" = "$($D inspect -f '{{.Id}}' aa)"
    $D run --name aa bb true; $D run --name aa bb true
    printf 'A B=1\n' > bad.env; $D run --env-file bad.env bb true
    printf '# c\nA=1\n\nB\n  C=3\nHOME\n' > ok.env; B=7 $D run --rm --env-file ok.env -e Z=1 -e NOPE bb env | sort
    $D run --hostname 'a b' bb hostname
    $D run --hostname '-a' bb hostname
    $D run -h h.example.com bb hostname
    $D run -h h --domainname d.com bb sh -c 'hostname; hostname -f; cat /etc/hostname'
    $D run -l foo= -l bar --name xx bb true; $D inspect -f '{{json .Config.Labels}}' xx
    $D run -t bb tty
    $D run -dt --name xx bb tty; $D wait xx; $D logs xx
    $D run -di --name xx bb cat; $D inspect -f '{{.State.Running}} {{.Config.OpenStdin}} {{.Config.StdinOnce}}' xx
    $D run
    $D run --rm --restart always bb
    $D run -z bb
    $D run --privileged=maybe bb
    $D run --rm -qd bb true | wc -c
    $D run --name 'bad name' bb
    $D run --name aa/b bb
    $D run --name - bb
    $D run '' 
    $D run -- bb echo hi
    $D run --rm=false --name qq bb true; $D ps -aq --filter name=qq | wc -l
    $D run --entrypoint '' full
    $D run --entrypoint sh full -c 'echo $0 $1' a b
    $D run -it=false bb echo hi
    $D run --init --rm bb sh -c 'ps -o pid,args | head -2'
    $D run --userns=host --rm bb id
    $D run -d -p $P:80 --name xa web >/dev/null; $D run -d -p $P:80 web >/dev/null 2>&1; echo $?
  `,
);

lines(
  'run refuses',
  String.raw`
    $D run --rm bb true
    $D run --pull sometimes bb true
    $D run -a foo bb true
    $D run -a foo -d bb true
    $D run --cidfile /no/such/dir/cid bb true
    $D run -d -p 80-81:80-82 web
    $D run -d -p 99999:80 web
    $D run -d -p abc:80 web
    $D run -d -p 80:abc web
    $D run -d -p 80:80/xyz web
    $D run -d -p 300.1.1.1:80:80 web
    $D run -d --expose x web
    $D run -d -v /a:/b:/c:/d bb
    $D run -d -v /tmp:/x:badmode bb
    $D run -d -v 'in!valid:/x' bb
    $D run -d -v ./rel:/x bb
    $D run -d --mount type=bind,source=/nosuch-dir,target=/x bb
    $D run -d --mount type=foo,target=/x bb
    $D run -d --mount target bb
    $D run -d --mount type=bind,src=/tmp bb
    $D run -d --mount type=volume,foo=bar,target=/x bb
    $D run --tmpfs /x:bad=1 bb true
    $D run --volumes-from nosuch bb true
    $D run --network container:nosuch bb true
    $D run --network nosuch bb true
    $D run --ip 1.2.3.4 bb true
    $D run --ip 300.2.3.4 bb true
    $D run --mac-address xx bb true
    $D run --dns xx bb true
    $D run --add-host foo bb true
    $D run --add-host foo:1.2.3.400 bb true
    $D run --restart on-failure:x bb true
    $D run --restart always:3 bb true
    $D run --restart bogus bb true
    $D run --memory 1k bb true
    $D run --memory abc bb true
    $D run -m 64m --memory-swap 32m bb true
    $D run --memory-swap 32m bb true
    $D run --cpus abc bb true
    $D run --cpus -1 bb true
    $D run --cpu-shares abc bb true
    $D run --cpu-period 10 bb true
    $D run --cpus 1 --cpu-quota 1000 bb true
    $D run --blkio-weight 5 bb true
    $D run --oom-score-adj 3000 bb true
    $D run --ulimit foo bb true
    $D run --ulimit nofile=200:100 bb true
    $D run --sysctl foo bb true
    $D run --sysctl a.b=c bb true
    $D run --device /dev/null:/dev/x:q bb true
    $D run --shm-size abc bb true
    $D run --ipc bogus bb true
    $D run --pid bogus bb true
    $D run --pid container:nosuch bb true
    $D run --uts bogus bb true
    $D run --cgroupns bogus bb true
    $D run --runtime bogus bb true
    $D run --log-driver bogus bb true
    $D run --log-opt max-size=x bb true
    $D run --log-opt foo=x bb true
    $D run --log-opt foo bb true
    $D run --security-opt foo bb true
    $D run --security-opt seccomp=/nosuch bb true
    $D run --security-opt foo=bar bb true
    $D run --cap-add bogus bb true
    $D run --stop-signal bogus bb true
    $D run --stop-timeout x bb true
    $D run --env-file /nosuch bb true
    $D run -e =x bb true
    $D run -w rel bb true
    $D run -u nosuch bb true
    $D run -u 0:nosuch bb true
    $D run --group-add nosuch bb true
    $D run -l =foo bb true
    $D run --label-file /nosuch bb true
    $D run --detach-keys bogus -d bb true
    $D run -it bb true
    $D run --nope
    $D run --name
    $D run --disable-content-trust --rm bb true
  `,
);
