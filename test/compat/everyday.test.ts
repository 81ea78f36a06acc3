import { lines, prepareBoth } from '../harness/compare.ts';

prepareBoth();

lines(
  'everyday',
  String.raw`
    $D run --rm bb echo hello
    $D run -it=false --rm -v $PWD:/x -w /x bb sh -c 'pwd; touch made; ls made'; ls made; rm -f made
    $D run -d --name web -p $P:80 web >/dev/null && sleep 0.5; wget -qO- http://127.0.0.1:$P/; $D logs web; $D rm -f web
    $D run -d --name aa bb sleep 99 >/dev/null; $D ps -aq | xargs $D rm -f | wc -l; $D ps -aq
    $D run --name aa bb true; $D run -d --name bb bb sleep 99 >/dev/null; $D rm $($D ps -aq -f status=exited) | wc -l; $D ps -a --format '{{.Names}}'; $D stop -t 0 bb; $D container prune -f | tail -1
    $D run -d --name aa bb sleep 99 >/dev/null; $D inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' aa; $D inspect --format='{{.State.Running}}' aa; $D inspect -f '{{.State.Pid}}' aa | grep -c '^[1-9]'
    $D run -d --name aa bb sh -c 'seq 1 20; sleep 0.5; echo done' >/dev/null; $D logs --tail 5 -f aa
    $D run --name aa bb seq 1 20 >/dev/null; $D logs --tail 5 aa; $D logs -n1 aa; $D logs aa 2>&1 | grep -c .
    printf 'A=1\nB=two words\n#c\n' > e.env; $D run --rm --env-file e.env --env C=3 bb sh -c 'echo "$A|$B|$C"'
    echo 'echo from stdin; exit 5' | $D run -i --rm bb sh; echo $?
    printf 'id -u\npwd\n' > s.sh; $D run -d --name db bb sleep 99 >/dev/null; $D exec -i db sh < s.sh; $D exec db sh -c "cat > /f" < s.sh; $D exec db cat /f; cat s.sh | $D exec -i db sh -c "cat > /f"; $D exec db cat /f
    $D run -d --name aa bb sleep 99 >/dev/null; $D stop -t 0 aa && $D start aa && $D restart -t 0 aa && $D kill aa && $D rm aa
    $D run -d --name aa bb sh -c 'sleep 0.5; exit 3' >/dev/null; $D wait aa; $D inspect -f '{{.State.ExitCode}}' aa; $D rm aa
    $D run --init --rm bb ps -o args | head -2 | tail -1 | cut -d' ' -f2-
    $D run --name aa bb true; $D container ls -a --format '{{.Names}}\t{{.Status}}'; $D ps -a --filter name=aa --format 'table {{.Names}}\t{{.Image}}\t{{.Status}}'
    $D images -q | sort -u | wc -l; $D images --format '{{.Repository}}:{{.Tag}}' | grep -v none | sort
    $D save bb web | $D load | sort
    id=$($D run -d bb sleep 99); $D rm -f $id | wc -c; id=$($D create bb true); $D start -a $id; $D rm $id | wc -c
    $D run --rm --entrypoint sh bb -c 'echo $0 $@' a b c
    $D run --rm -e A=1 -e "B=x y" -eC=3 --env=D=4 bb sh -c 'echo $A "$B" $C $D'
    A=outer $D run --rm -e A bb printenv A 2>/dev/null || A=outer $D run --rm -e A bb sh -c 'echo $A'
    $D run --rm -u 1000:1000 bb id; $D run --rm --user web bb sh -c 'id -un; echo $HOME'
    $D run --rm --network none bb ip -o link | wc -l; $D run --rm --net=host bb hostname >/dev/null; echo $?
    $D run --rm -m 64m --memory-swap 64m --cpus .5 --pids-limit 100 bb echo limited
    $D run --rm --read-only --tmpfs /tmp bb sh -c 'touch /x; echo $?; touch /tmp/x; echo $?' 2>/dev/null
    $D run --rm --cap-drop=ALL bb chown 1 /root 2>/dev/null; echo $?
    $D run --rm --add-host=db:10.1.2.3 --hostname box bb sh -c 'grep db /etc/hosts; hostname'
  `,
);
